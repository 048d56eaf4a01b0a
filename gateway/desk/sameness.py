"""Do two messages ask the same, and may a machine say that it was handled? Pure, and strict: when in doubt, no.

Only a question for information can be handled by whatever was answered to it. Who repeats a wish, a complaint or a
reminder says by that alone that it is not settled for them, and is a person's to answer.
"""

import re
from collections import Counter
from itertools import pairwise

from gateway.desk.subject import base_subject
from gateway.mail.normal_forms import nfkc
from gateway.rules.normalise import ANGER, normalise

LONGEST = 2000  # characters; who writes more says more than one thing
SHORTEST = 7  # characters of what is asked: less does not say about what
SHORT = 24  # characters up to which two texts must be the same
NEAR = 0.9  # Dice's coefficient of the character pairs of longer texts: tried on pairs that differ in one word

_SPELT = {
    "下さ": "くださ",
    "頂": "いただ",
    "致し": "いたし",
    "宜しく": "よろしく",
    "御": "ご",
    "出来": "でき",
    "無い": "ない",
}
_CUT = re.compile(r"[。、,!?\n]+|\.(?=\s|$)")
_POLITE = re.compile(
    r"こんにちは|こんばんは|おはようございます|(?:はじめ|初め)まして|(?:いつも|大変)?お世話になって(?:い|お)ります"
    r"|(?:突然の?)?(?:メール|ご?連絡)(?:にて)?を?失礼(?:いた)?します|(?:お忙しいところ)?(?:すみませんが?|(?:大変)?恐れ入りますが?)?"
    r"|(?:恐縮|お手数)ですが|お手数を?お?かけ(?:いた)?しますが?|(?:どうぞ|何卒|以上)?よろしくお願い(?:いた)?(?:します|申し上げます)"
    r"|(?:ご担当者?|店長|スタッフ)?(?:様|さま|御中)|.{1,20}と(?:申|もう)します"
    r"|hello|hi(?: there)?|dear .{1,30}|good (?:morning|afternoon|evening)|thanks|thank you(?: very much)?"
    r"|(?:thanks|thank you) in advance|(?:(?:best|kind) )?regards"
    r"|안녕하세요|감사합니다|수고하세요|(?:잘 )?부탁드립니다|你好|您好|谢谢|麻烦了"
)
_TELL_ME = re.compile(
    "(?:教えて|ご教示|お知らせ|お聞かせ)"
    "(?:ください(?:ませ)?|いただけ(?:ます|ません)(?:でしょう)?か|もらえ(?:ます|ません)か)"
)
_LIKE = ((_TELL_ME, "教えて"), (re.compile("(?:ます|です)?でしょうか|(?:です|ます)か"), "か"))
_ASKS = re.compile(
    r"教えて|ご教示|お知らせ|お聞かせ|知りたい|(?:か|かな|かしら|っけ)\s*(?:。|$)|\?"
    r"|\b(?:what|how|which|where|who|do you|does|is there)\b|궁금|알려|까요|나요|请问|吗|多少|什么|怎么",
    re.MULTILINE,
)
_ONCE_MORE = re.compile(
    "まだ|未だ|再度|再び|再送|再三|何度|何回|もう一度|もういちど|改めて|あらためて|先日も|以前も|前にも|前回も|先程も|先ほども"
    "|返事|返信|返答|回答|連絡|音沙汰|無視|催促|督促|至急|急ぎ|急い|早く|早急|すぐ|いつまで|遅い|遅れ|遅延|待って|待た"
    "|ちゃんと|本当に|ほんとに|結局|やはり|やっぱり|どうなって|どうして|なぜ|何故|なんで|同じ(?:質問|内容|こと|メール)"
    "|again|still|yet|remind|follow(?:ing)? ?up|urgent|asap|no (?:reply|response|answer)|second time|twice|already|why"
    "|아직|다시|또|재차|답장|답변|빨리|급|왜|还没|還沒|再次|又|催|尽快|为什么|没有回"
)
_AMISS = re.compile(
    "届(?:か|き(?:ません|ませ)|いて(?:い)?(?:な|ま))|来(?:な|ま|て(?:い)?(?:な|ま))|着(?:か|きま)"
    "|(?:動|開|入|使|見|読|繋|つなが|でき|わか|分か|直|消|取れ|外れ|治)(?:か|け|え|ら|れ|り|き|って|いて|いま)?い?(?:な[いくか]|ません)"
    "|壊|破|割れ|欠け|故障|不良|不具合|異常|傷|キズ|汚|臭|漏れ|剥|違う|違い|違っ|ちがう|間違|誤|不足|足り|欠品|未着|紛失|反映"
    "|トラブル|エラー|困|ひど|酷|最悪|残念|がっかり|不満|不安|怒|信用|信頼|苦情|クレーム|消費者|弁護|警察|詐欺|訴|法的"
    "|返金|返品|交換|キャンセル|取消|取り消|変更|解約|退会|削除|弁償|補償|賠償|値引"
    "|cancel|refund|return|exchange|replace|broken|damage|wrong|defect|missing|not (?:work|arriv|receiv|get)|n't|never"
    "|fraud|lawyer|complain|disappoint"
    "|고장|파손|불량|환불|반품|교환|취소|변경|안 ?(?:왔|와|돼|되)|못|坏|破|退|换|取消|没收到|错|投诉"
)
_WISH = re.compile(
    "ください|お願い|ほしい|欲しい|もらえ|もらい|いただけ|いただき|たい(?:です|の|$)"
    "|please|could you|can you|i want|i would like|해 ?주|주세요|싶|请(?!问)|想要"
)
_PASSING = re.compile(
    "いつ|何日|何時|今日|明日|本日|明後日|昨日|今週|来週|在庫|入荷|再販|売り切れ|残り|発送|出荷|到着|届|状況|進捗|現在|追跡|確認|完了"
    "|when|today|tomorrow|stock|available|shipped|arriv|status|tracking|언제|오늘|내일|재고|배송 ?(?:상태|조회)"
    "|什么时候|几时|今天|明天|库存|发货|到货"
)
_TURN = re.compile(
    "ない|なく|なか|ません|ずに|しか|だけ|でも|けど|のに|もう|また|より|まで|から|ほか|以外|not|no|without|안|못|不|没|无"
)
_HIRAGANA = re.compile("[\u3041-\u309f]")
_NO_MATTER = re.compile(
    "お?問い?合わ?せ|ご?質問|ご?相談|お願い|について(?:の)?|に関して(?:の)?|の?件|question|inquiry|enquiry|about|문의|질문|咨询|询问"
)


def may_repeat(text: str, subject: str = "") -> bool:
    """True when the new text of a first mail asks for information and nothing else, so that it may be a mere repeat."""
    if len(text) > LONGEST or ANGER in normalise(text):
        return False
    words = _spelt(f"{subject}\n{text}")
    asked = _spelt(text)
    return (
        len(_compact(text)) >= SHORTEST
        and _ASKS.search(asked) is not None
        and not _ONCE_MORE.search(words)
        and not _AMISS.search(words)
        and not _WISH.search(_TELL_ME.sub("", "\n".join(_sentences(text))))
    )


def is_passing(text: str) -> bool:
    """True when the answer to a question is another tomorrow: when something comes, whether it is in stock."""
    return _PASSING.search(_spelt(text)) is not None


def same_text(one: str, other: str) -> bool:
    """True when two texts are the same but for width, case, spaces, marks, salutation and politeness, or nearly so and
    too long for it to be chance. A number, a name or a turn of the sense that only one has tells them apart."""
    first, second = _compact(one), _compact(other)
    if first == second:
        return bool(first)
    if min(len(first), len(second)) <= SHORT or _weight(first) != _weight(second):
        return False
    return Counter(_TURN.findall(first)) == Counter(_TURN.findall(second)) and _dice(first, second) >= NEAR


def same_subject(one: str, other: str) -> bool:
    """True when neither subject names a matter that the other does not."""
    return _matter(one) == _matter(other)


def _matter(subject: str) -> str:
    return _letters(_NO_MATTER.sub("", _spelt(base_subject(subject)[0])))


def _spelt(text: str) -> str:
    text = nfkc(text[:LONGEST]).casefold()
    for written, spelt in _SPELT.items():
        text = text.replace(written, spelt)
    return text


def _sentences(text: str) -> list[str]:
    """What is said, without salutation and closing."""
    parts = map(str.strip, _CUT.split(_spelt(text)))
    return [part for part in parts if part and not _POLITE.fullmatch(part)]


def _compact(text: str) -> str:
    said = "\n".join(_sentences(text))
    for pattern, like in _LIKE:
        said = pattern.sub(like, said)
    return _letters(said)


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum() or letter in "ー+-°%¥$")


def _weight(compact: str) -> str:
    """What carries the matter: all but hiragana, in order."""
    return _HIRAGANA.sub("", compact)


def _dice(one: str, other: str) -> float:
    """Dice's coefficient of the two texts' character pairs, each as often as it stands there."""
    first, second = (Counter(pairwise(text)) for text in (one, other))
    return 2 * (first & second).total() / (first.total() + second.total())
