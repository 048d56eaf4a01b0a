"""Whether the shop's answer asks or requests something of the customer, so that a 「承知しました」 decides it.

A thank-you shown to a human costs a glance, a decision answered by a machine a customer: what is in doubt asks. So
every request counts but the courtesies with which nearly all answers end, and what a parcel's notice says.
"""

import re

from gateway.mail.normal_forms import nfkc

LARGEST = 65_536  # characters at the end of an answer that are looked at (A17)

_QUOTED = re.compile(r"^[>|].*$", re.MULTILINE)
_URL = re.compile(r"https?://[!-~]*")
_SAID_BY_THEM = re.compile(r"[「『][^「『」』]{1,300}[」』](?=と|につ|に関|の(?:件|ご質問|お問))")
_ASKING_MARK = re.compile("[❓❔⁉]")
_BLANK = re.compile(r"\n\s*\n")
_SAID = re.compile(r"(か|です|ます|ました|ません|ください|下さい|ませ|요|다)\s*\n\s*(?!か)")
_BROKEN = re.compile(r"(?<=[^\x00-\u10ff])\s*\n\s*(?=[^\x00-\u10ff])(?![가-힣])")
_END = re.compile(r"(?<=[。!?])|(?<=\.)(?=\s)")
_KANA = re.compile("[ぁ-ゖァ-ヺ]")

# Who offers this to the customer asks for a decision, however lightly.
_DECIDES = re.compile(
    r"希望|キャンセル|返[品金]|交換|変更|よろしければ|(?:問題|間違い|異存|支障)な"
    r"|exchange|cancel|refund|prefer|희망|원하|교환|환불|취소|退|换|換|取消"
)
_PLEASE = r"(?:ください|下さい|いただけますと幸い|いただければ幸い|いただければと|お待ちし|願い)"
_JA_IF = (
    r"(?:ご不明|ご質問|ご不安|ご不便|ご心配|お気づき|お困り|何か|なにか|他に|ほかに|その他|ご要望|ご意見|気になる"
    r"|不具合|不良|破損|不備|問題)[^。!?、]{0,16}?(?:ございましたら|ありましたら|あれば|ございます?場合|ある場合|の場合|の際"
    r"|の時|のとき|でしたら|あった場合|あった際)"
    r"|(?:万一|万が一)[^。!?]{0,30}?(?:たら|場合|際)|(?:届かない|届かなかった|到着しない|お受け取りになれない)(?:場合|とき|時)"
    r"|お?気軽に|ご?遠慮なく|いつでも|なんなりと|何なりと"
)
_JA_OFFER = re.compile(rf"(?:{_JA_IF})[^。!?]{{0,40}}?{_PLEASE}")
_JA_COURTESY = re.compile(
    r"(?:お待ち|ご安心|ご了承|ご容赦|お許し|お楽しみ|ご利用|ご愛[用顧]|ご覧|ご?確認|ご?参照|ご注意|お使い|ご活用|ご自愛|気をつけ"
    r"|お召し上がり|お問い?合わせ|お気軽|お越し|ご笑納|お納め|お?受け取り|ご査収|ご承知おき|ご理解|ご支援|ご協力|ご心配な"
    r"|お大事に|お過ごし|お引き?立て|ご容認|お含みおき|ご放念|ご期待|お見守り|ないで)"
    r"[にでご理解のほど程くお、何卒どうぞ宜よろしをし下さ頂いだ]{0,16}?(?:なさって|なさら|なって|して|おいて|なさらないで)?"
    r"(?:ください|下さい|(?:いただき|頂き)ますよう|願い|幸い)"
    r"|(?:いかが|お元気で|お変わりなく|どのように)お?過ごしで[^。!?]{0,6}か|お元気でしょうか|お変わり[^。!?]{0,8}か"
    r"|(?:ご不明|ご質問|お困り)[^。!?]{0,12}(?:ございません|ありません|ない)でしょうか"
    r"|(?:ご不明|ご質問)[^。!?]{0,12}(?:ございません|ありません)か"
    r"|(?:レビュー|評価|口コミ|感想)[^。!?]{0,20}?(?:ください|下さい|嬉し|うれし|幸い|願い|お待ちし)"
    r"|(?:今後とも|引き続き|末永く|これからも)[^。!?]{0,30}お?願い"
)
_JA_ACT = (
    r"(?:教え|お知らせ|お?聞かせ|お送り|送っ|送付|送信|返信|返事|回答|連絡|お選び|選ん|選択|記入|入力|指定|指示|提示|提出|返送|返却"
    r"|申し付け|申し出|用意|支払い?|振り?込み|入金|手続き|検討|判断|一報|添付|写真|画像|電話|署名|伝え|お返し|お書き|決め)"
)
_JA = re.compile(
    r"(?:です|ます|ません|でしょう|ました|でした|ましょう)か(?!ら|も|は|が|を|に|の|どう|と)"
    r"|か[。…\s]*$|かしら|でも?よろしければ|(?:間違い|誤り|相違|変更|問題)[がはの]?(?:ない|ございません|ありません)か"
    r"|(?:どちら|どの|どれ|どう|いつ|何|いかが|いくつ)[^。]{0,30}でしょう[。\s]*$"
    r"|(?:ください|下さい)(?!ました|まして|り)"
    rf"|{_JA_ACT}(?:し?て|を|の(?:ほど|程)|方|、|上|で|何卒|どうぞ|宜しく|よろしく|いただき|頂き|お|\s){{0,5}}"
    r"(?:願|いただけ(?!て|た|な)|頂け(?!て|た|な)|もらえ|いただきた[いく]|頂きた[いく]|待ちし|待ち申|幸い"
    r"|(?:いただき|頂き)ます(?:よう|と)|(?:いただく|頂く)(?:必要|よう)|ほし|欲し|くれ)"
    r"|(?:いただき|頂き)ますよう|(?:いただけ|頂け)(?:れば|ましたら|ますと)(?:助かり|幸い)?"
    r"|(?<!確認)(?<!理解)(?<!了承)(?<!容赦)(?<!協力)(?<!査収)(?<!承知)(?<!注意)(?<!時間)(?<!猶予)(?<!愛顧)(?<!引き立て)"
    r"を(?:何卒|どうぞ|宜しく|よろしく|、){0,2}お?願い"
    r"|お?伺い(?:でき|したく|したい|させて|いたし|致し)|お聞き(?:でき|したく|したい|させて)"
    r"|(?:返信|連絡|回答|返事|入金|支払い)が(?:な|無|ございません|いただけな|確認できな)"
)

_EN_OFFER = re.compile(
    r"\b(?:if|should)\b(?![^.!?]{0,60}\b(?:no|not a|without any) (?:problem|issue|question|concern|objection))"
    r"[^.!?]{0,60}?\b(?:question|concern|problem|issue|anything|assistance|further help|difficult|trouble|doubt)"
    r"[^.!?]{0,120}[.!?]?"
    r"|\b(?:please (?:do(?:n't| not) )?)?(?:feel free|hesitate)\b[^.!?]{0,120}[.!?]?"
)
_EN_COURTESY = re.compile(
    r"\b(?:do you have )?any (?:other |further |more )?questions ?\?"
    r"|\banything else\b[^.!?]{0,80}\b(?:help|do|assist)\b[^.!?]{0,40}\?"
    r"|\bhow (?:are|have) you(?: doing| been)?[^.!?]{0,20}\?"
    r"|\b(?:leave|write|post) (?:us )?(?:a|your) (?:\w+ )?(?:review|rating)\b"
    r"|\bplease (?:kindly )?(?:note|allow|accept|wait|enjoy|do(?:n't| not)|rest assured|bear|visit|see|find|keep"
    r"|understand|be (?:assured|advised|aware|patient)|refer|check|track|forgive|excuse|rely|take care|remember"
    r"|come again|look forward)\b"
)
_EN = re.compile(
    r"\?|\b(?:would|could|can|will) you\b|\bdo you (?:want|prefer|need|have|wish|mind|still|agree|accept)\b"
    r"|\b(?:are|is|may|shall|should) (?:you|we|i|it|this|that) \w+[^.!?]{0,80}$(?<!\.)"
    r"|\band (?:then )?(?:confirm|reply|tell|send|let|choose|answer)\b"
    r"|\bplease\b(?! ?[.!]?$)|\bkindly \w+|\blet (?:us|me) know\b"
    r"|\b(?:tell|send|inform|show|give) (?:us|me) (?!a (?:message|mail|line))"
    r"|\bwe(?:'d| would| will|'ll)? (?:still )?(?:need|require) (?:your|you|the|a|to know)\b"
    r"|\b(?:await|wait(?:ing)? for|look(?:ing)? forward to) (?:hear|your (?:repl|respon|answer|confirm|decision))"
    r"|\bneed your\b|\b(?:wonder|wondering) (?:if|whether)\b|\bin case you (?:want|prefer)\b|\breply (?:to|with|by)\b"
)

_KO_OFFER = re.compile(
    r"(?:궁금|문의\s?사항|질문|불편|문제가|언제든|도움이 필요|이상이 있)[^.!?]{0,40}?"
    r"(?:주세요|주십시오|바랍니다|부탁\s?드립니다|주시면)"
)
_KO_COURTESY = re.compile(
    r"안녕하(?:세요|십니까|신가요)\??|잘 지내[^.!?]{0,8}(?:요|까)\??"
    r"|(?:기다려|양해|이해|참고|안심|이용|애용|관심|확인|사랑|유의|너그러)(?:(?!후|회신|답|연락|보내|알려)[^.!?]){0,8}?"
    r"(?:주세요|주십시오|주시기\s?바랍니다|바랍니다|부탁\s?드립니다|부탁\s?드려요|주시면 감사)"
    r"|잘 부탁\s?(?:드립니다|드려요)|(?:되시|보내시|하시|지내시|건강하시)기\s?(?:를\s?)?바랍니다"
)
_KO = re.compile(
    r"\?|(?:습니까|까요|나요|가요|는지요|래요|겠어요|[으시]?ㄹ까)(?=[\s.!~…,]|$)|니까[.!~…\s]*$"
    r"|주세요|주십시오|주시기|주시길|주시겠|주실|주셔야|부탁\s?(?:드|합)|바랍니다"
    r"|(?:해|려|내|신|락|변|씀|말씀해)\s?주시면|선택하|골라"
)

_ZH_OFFER = re.compile(
    r"(?:如有|如果有|若有|如您有|有任何|有什么|有其他)[^。!?退换換]{0,16}?(?:问题|問題|疑问|疑問|需要|疑虑|不明)[^。!?]{0,30}"
)
_ZH_COURTESY = re.compile(
    r"敬?[请請]您?(?:放心|安心|耐心|稍[等候]|等待|等候|谅解|諒解|见谅|見諒|理解|包涵|多多|查收|注意|查看|查询|查詢|参考|參考|参阅|知悉"
    r"|期待|继续|繼續|收好|勿|不要|尽情|享用|随时|隨時|您?不必|原谅|原諒|体谅)"
    r"|您好[吗嗎]"
)
_ZH = re.compile(
    r"\?|[吗嗎呢](?=[\s。.!,;~]|$)|是否|可不可以|能不能|要不要|行不行|好不好|是不是|有没有|[还還]是[^。]{0,20}[呢。]?$"
    r"|(?<![申邀聘敬声])[请請](?!求|[假教])|(?:麻烦|麻煩|烦|煩)(?:您|你|提供|告|发|發|确|確)|需要[您你]|希望[您你]"
    r"|(?:等待|期待|等|盼)[您你]的?(?:回复|回覆|答复|回信|确认|消息|選擇|选择)"
    r"|(?:哪[个個种種一款些里裡]|什么时候|何时|多少|几号|怎么)[^。.!?,]{0,16}[。.!]?$|告诉我|告訴我|告知我"
)

_OFFERS = (_EN_OFFER, _KO_OFFER, _ZH_OFFER)
_COURTESIES = (_EN_COURTESY, _KO_COURTESY, _ZH_COURTESY)
_ASKING = (_EN, _KO, _ZH)


def asks(text: str) -> bool:
    """Whether `text`, what a seller wrote, leaves the customer something to answer or to do. Linear; never raises."""
    text = nfkc(_ASKING_MARK.sub("?", text[-LARGEST:]))
    text = _SAID_BY_THEM.sub("", _URL.sub("", _QUOTED.sub("", text)))
    return any(_sentence_asks(sentence) for part in _BLANK.split(text) for sentence in _sentences(part))


def _sentences(paragraph: str) -> list[str]:
    """A line may end in the middle of a sentence, and a sentence without a mark."""
    whole = _BROKEN.sub("", _SAID.sub(r"\1。", paragraph))
    return [found for piece in _END.split(" ".join(whole.split())) if (found := piece.strip().lower())]


def _sentence_asks(sentence: str) -> bool:
    if _KANA.search(sentence):
        rest = _without(sentence, (_JA_OFFER,), (_JA_COURTESY,))
        return "?" in rest or _JA.search(rest) is not None
    rest = _without(sentence, _OFFERS, _COURTESIES)
    return any(asking.search(rest) for asking in _ASKING)


def _without(sentence: str, offers: tuple[re.Pattern[str], ...], courtesies: tuple[re.Pattern[str], ...]) -> str:
    for meant in courtesies if _DECIDES.search(sentence) else (*offers, *courtesies):
        sentence = meant.sub("、", sentence)
    return sentence
