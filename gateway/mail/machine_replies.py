"""How auto-replies, absence notices and read receipts are worded, where no header field marks them.

People write about absence and automatic mail too, so a sentence counts only by its place, its closed form, or with
another piece of evidence beside it.
"""

import re

_TAG = r"(?:[\[*(<【［][^\]*)>】］\n]{0,30}[\]*)>】］]+\s*)?"
_AUTO_JA = r"(?:自動|オート)(?:返信|応答|回答|配信|送信|返答|リプライ)(?:メール|メッセージ|通知)?"
_NAMES = (
    r"automatic(?:ally generated)? (?:reply|response|answer|message)|automated (?:reply|response|message|e-?mail)"
    r"|auto[- ]?(?:reply|replies|response|responder|respond|answer)|out of (?:the )?office(?: (?:auto-?reply|reply"
    r"|notice|notification|message|alert))?"
    r"|(?:vacation|away|absence|holiday) (?:auto-?)?(?:reply|message|response|notice)|ooo"
    r"|automatische (?:antwort|nachricht|e-?mail|reaktion|rückmeldung|reactie)|auto-?antwort|abwesenheits(?:notiz"
    r"|nachricht|meldung|assistent|benachrichtigung|info)"
    r"|réponse automatique|message automatique|(?:message|notification|réponse|avis) d['’]absence|absence du bureau"
    r"|(?:respuesta|contestación) automática|auto-?respuesta|fuera de (?:la )?oficina|(?:mensaje|correo) automático"
    r"|risposta automatica|fuori (?:sede|ufficio)|messaggio automatico|resposta automática|fora do escritório"
    r"|mensagem automática"
    r"|automatisch (?:antwoord|bericht)|afwezigheids?(?:bericht|melding|assistent)|auto-?svar|automatis(?:kt|k) svar"
    r"|frånvaro|fraværs?(?:besked|melding)"
    r"|automaattinen vastaus|auto-?odpowiedź|automatyczna odpowiedź|odpowiedź automatyczna|automatická odpověď"
    r"|otomatik yanıt|răspuns automat|automatikus válasz"
    r"|автоответ(?:чик)?|автоматический ответ|trả lời tự động|ตอบกลับอัตโนมัติ|balasan otomatis"
    r"|自动(?:回复|答复|应答|回覆)|(?:休假|外出)(?:自动)?回复|自動(?:回覆|回復|答覆)|(?:休假|外出)(?:自動)?回覆"
    r"|(?:부재 ?중 ?)?자동 ?(?:회신|응답|답장|답변)(?: ?메일)?|부재 ?중? ?(?:알림|안내|응답)"
)
_SUBJECT = re.compile(
    _TAG + rf"(?:{_NAMES}|{_AUTO_JA})\s*(?:[:：]|\s-\s|\s*(?:re|aw|sv|回复|答复)[:：]|\Z)"
    rf"|[\[【［(（<＜《](?:{_NAMES}|{_AUTO_JA}|不在(?:通知|連絡|案内|応答|メール)"
    rf"|休暇中)[^\]】］)）>＞》\n]{{0,12}}[\]】］)）>＞》]"
    r"|auto(?:mat)?\s*[:：]\s*(?:re|aw|sv|antw)\s*[:：]"  # "Auto: " alone is how a person asks about a car
    r"|(?:不在|休暇)(?:通知|案内|連絡|応答|のお知らせ)(?:メール)?\s*[:：]",
    re.IGNORECASE,
)
_HEADS_AN_ORIGINAL = re.compile(
    _TAG + rf"(?:{_NAMES}|{_AUTO_JA}|(?:不在|休暇)(?:通知|案内|連絡|応答|のお知らせ)(?:メール)?)\s*(?:[:：]|\s-\s)\s*\S"
    r"|[\[【［(（<＜《][^\]】］)）>＞》\n]{1,40}[\]】］)）>＞》]\s*"
    r"(?![がはをのにでともっへやか]|から|まで|より|しか|ばかり|って|말고|이|가|은|는|을|를|에|만|안|의|的|不|没|收)\S"
    r"|auto(?:mat)?\s*[:：]\s*(?:re|aw|sv|antw)\s*[:：]",
    re.IGNORECASE,
)
_NOTES = re.compile(  # Domino's agent names the absent one, and when he is back
    r"auto\s*[:：].{1,120}(?:is out of (?:the )?office|[(（](?:returning|back|戻り|復帰|zurück|rückkehr|retour|regres"
    r"|ritorn|volta|返回|복귀)[^()（）]{0,60}[)）])",
    re.IGNORECASE,
)
_NAMES_THE_ABSENT = re.compile(r".{1,99} is out of the office\.?\Z", re.IGNORECASE)
_I_AM_ABSENT = re.compile(r"i (?:am|will be) out of the office\s{1,3}(?:until|starting|from|through)\b", re.IGNORECASE)
_MARKED_AT_THE_END = re.compile(rf"[\[【［(（]{_AUTO_JA}[\]】］)）]\s*\Z")
_ANSWER_PREFIX = re.compile(
    r"\s*(?:re|aw|sv|antw|fwd?|tr|wg|vs|rv|i|r|回复|答复|回覆|轉寄|转发|返信|転送|회신|전달)\s*[:：\[]", re.IGNORECASE
)

_AUTOMATIC = ("auto", "自動", "自动", "자동", "авто")  # one of them is in every declaration below
_DECORATION = r"^[ \t　*＊※■□◆●・#=_<\[【（(－-]{0,20}"
_DECLARED_JA = (
    r"(?:なお|尚)?[、,]?(?:この|本|当|こちらの|今回の)(?:e?-?メール|メッセージ|通知|返信|ご案内)(?:は|に)"
    r"[^\n。「」『』?？]{0,40}自動[^\n。「」『』?？]{0,20}(?:です|ます|した|もの)(?:の(?:で|ため)[^\n]{0,60})?"
    r"[。．、，.\s\])）】＊*※－-]"
    r"|自動(?:返信|応答|送信|配信)(?:メール|メッセージ|専用)?"
    r"(?:です|となります|となっております|にてお送り(?:して|いたして)おります)[。．、，.\s\])）】＊*※]"
)
_DECLARED = (
    r"(?:please note[:,]? (?:that )?|note: )?(?:this|the following) (?:(?:message |e-?mail |mail |reply "
    r"|response )?is)"
    r" an? (?:\w{1,20} )?(?:automatic|automated|auto[- ]?(?:reply|response|matically|generated))"
    r"|this (?:e-?mail|message|mail|reply|response|notification) (?:was|is|has been) (?:being )?"
    r"(?:(?:automatically|auto)[- ]?(?:generated|sent|created)|(?:generated|sent|created) automatically)"
    r"|(?:hinweis: )?dies (?:ist|war) eine? automatisch"
    r"|diese (?:e-?mail|mail|nachricht|antwort) (?:wurde|wird|ist)[^\n?]{0,30} automatisch"
    r"|(?:ceci est|il s['’]agit d['’]|c['’]est) ?une? (?:\w{1,20} )?"
    r"(?:réponse|message|mail|courriel|e-mail|accusé)[^\n?]{0,30} automatique"
    r"|ce (?:message|mail|courriel|e-mail) (?:est|a été) (?:généré|envoyé|un message"
    r"|une réponse)?[^\n?]{0,12}automatique"
    r"|est[eao] (?:es una?|(?:mensaje|correo) (?:es|ha sido|se ha))[^\n?]{0,40} (?:automátic|generado automátic)"
    r"|quest[oa] (?:è una?|(?:messaggio|e-?mail|mail) è)[^\n?]{0,40} automatic"
    r"|est[ae] (?:é uma?|(?:mensagem|e-?mail) (?:é|foi))[^\n?]{0,40} automátic"
    r"|dit (?:is een automatisch|bericht (?:is|wordt)[^\n?]{0,20} automatisch|is een geautomatiseerd)"
    r"|это (?:автоматическ|автоответ|письмо (?:создано|отправлено|сформировано) автоматически)"
    r"|(?:данное|это) (?:письмо|сообщение)[^\n?]{0,30} автоматически"
    r"|[这此本這](?:是|封|邮件|郵件|信)[^\n?？「」]{0,30}自[动動]"
    r"(?:回复|发送|发出|生成|答复|应答|回覆|回復|發送|寄出|發出|產生|寄送)"
    r"|(?:이|본) ?(?:메일|메시지|이메일|전자우편)(?:은|는)[^\n?]{0,40}자동[^\n?]{0,20}"
    r"(?:발송|회신|응답|발신|전송|답장|생성)"
    r"|자동 ?(?:발송|회신|응답)(?:된|되는)? ?(?:메일|메시지)?입니다"
)
_DECLARATION = re.compile(
    _DECORATION + rf"(?:{_DECLARED_JA}|(?:{_DECLARED})[^?？\n]{{0,90}}(?:[.。．!！]|\n|\Z))",
    re.IGNORECASE | re.MULTILINE,
)

_ABOUT_YOUR_MESSAGE = re.compile(  # Notes and Domino, below the words of the absent one
    r"this is an automat(?:ed|ic) response to your message\b|に対する自動応答です"
    r"|only notification you will receive while this person is away",
    re.IGNORECASE,
)

_ACKNOWLEDGED = re.compile(
    _TAG
    + r"(?:.{0,30}(?:受け?付け?(?:ました|いたしました|完了|確認|のお知らせ|番号|メール)|承りました|を?受領(?:しました"
    r"|いたしました|の)|(?:お問い?合わ?せ|ご連絡|ご注文|お申し?込み?)(?:内容)?(?:ありがとうございま|の?確認|受付))"
    r"|(?:we(?:'ve| have)? received|we have got|thank(?:s| you) for (?:contacting|your (?:e-?mail|message|inquiry"
    r"|enquiry|request|interest|order)))"
    r"|.{0,40}(?:request|ticket|case|message|inquiry|enquiry|e-?mail)\b.{0,30}(?:received|created|opened|logged"
    r"|registered)|acknowledge?ment|receipt of your"
    r"|.{0,20}(?:收到|感谢您的|感謝您的|工单|受理)|.{0,20}(?:접수|문의해 ?주셔서)"
    r"|.{0,20}(?:eingangsbestätigung|ihre (?:anfrage|nachricht|e-?mail)|accusé de réception|votre (?:demande"
    r"|message)|acuse de recibo|hemos recibido|abbiamo ricevuto|recebemos|ontvangstbevestiging|wij hebben uw|ваш(?:е"
    r"|а|у)? (?:обращение|заявка|запрос|письмо)))",
    re.IGNORECASE,
)
_ABSENT_SUBJECT = re.compile(
    _TAG + r"(?:(?:i(?:'m| am)? |we are )?(?:currently |away )?(?:out of (?:the )?office|not in the office"
    r"|on (?:\w{1,12} )?(?:leave|vacation|holidays?)|away(?: from (?:my desk|the office|the desk))?|vacation"
    r"|holidays?|absence|absent|maternity leave|annual leave)"
    r"|(?:ich bin )?(?:abwesenheit|abwesend|(?:im )?urlaub|nicht im (?:büro|haus)|außer haus|betriebsferien)"
    r"|(?:je suis )?(?:absente?|(?:en )?congés?|absence)|(?:estoy )?(?:ausente|ausencia|(?:de )?vacaciones)"
    r"|(?:sono )?(?:assente|assenza|(?:in )?ferie)"
    r"|(?:estou )?(?:ausente|ausência|(?:de )?férias)|(?:ik ben )?(?:afwezig|afwezigheid|(?:met )?vakantie)"
    r"|(?:я )?(?:в отпуске|отсутствую|нет на месте|вне офиса)"
    r"|(?:ただいま|只今|現在)?(?:休暇|不在|出張|外出|休業|夏季休業|冬季休業|年末年始休業|年末年始|お休み|育児休業"
    r"|休職)(?:中|通知|連絡|案内|応答|のお知らせ|のご連絡|のご案内|について)?(?:です|のため|につき|メール)?"
    r"|(?:我)?(?:正在|现在)?(?:休假|外出|出差|不在办公室|不在辦公室|离开办公室|度假)(?:中|通知)?"
    r"|(?:현재 )?(?:부재 ?중|휴가 ?중|출장 ?중|외근 ?중|휴가|부재)(?:입니다)?)"
    r"\s*(?:(?:until|till|from|through|to|re|bis|vom|ab|jusqu|du|au|hasta|del|fino|dal|até|de|tot|van)\b.{0,80}"
    r"|[-–—:：(（,、~〜/].{0,80}|\d.{0,80})?\Z",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"\b(?:out of (?:the )?office|away from (?:my|the) (?:office|desk)|on (?:\w{1,12} )?(?:leave|vacation|holidays?)"
    r"|not in the office|away (?:on|until|from))\b"
    r"|(?:nicht im (?:büro|haus)|abwesend|im urlaub|außer haus|nicht erreichbar|absente?\b|en congés?"
    r"|fuera de (?:la )?oficina|ausente|de vacaciones|fuori (?:sede|ufficio)|assente|in ferie"
    r"|fora do escritório|de férias|afwezig|op vakantie|met vakantie|в отпуске|отсутству|вне офиса)"
    r"|(?:休暇|休業|出張|外出|不在|お休み|育休|産休|休職)(?:中|を?(?:いただ|頂|取得|して|とら|取ら)|と(?:させて"
    r"|なって|なり)|に(?:して|つき)|のため|です)"
    r"|休假|外出|出差|不在(?:办公室|辦公室|座位)|부재|휴가|출장|자리를 비",
    re.IGNORECASE,
)
_RETURNING = re.compile(
    r"\b(?:will|shall|'ll) (?:respond|reply|answer|get back|return|be back|be in touch|read|have)|limited access"
    r"|no access to|in my absence|(?:urgent|immediate|emergenc)|as soon as"
    r"|(?:dringend|rückkehr|wieder (?:erreichbar|im büro|da|zurück)|nicht weitergeleitet|in dringenden"
    r"|en cas d['’]urgence|à mon retour|de retour|urgen|mi regreso|vuelta|al mio (?:rientro|ritorno)|retorno|terug"
    r"|dringende|срочн|вернусь)"
    r"|(?:戻り|帰社|出社|復帰|休暇明け|休業明け|翌営業日)[^\n]{0,20}(?:次第|ましたら|後|以降|に)|(?:お急ぎ|緊急"
    r"|至急)の?(?:場合|際|方|ご用件|ご連絡|用件)|(?:返信|返事|対応|ご連絡|回答)[^\n]{0,20}(?:遅れ|遅く|後日"
    r"|できません|できない|でき(?:兼|か)ね)"
    r"|(?:尽快|盡快|儘快)[^\n]{0,8}(?:回复|回覆|联系|聯)|如有(?:急事|紧急|緊急)|急事|回来后|返回后|복귀|급한|긴급"
    r"|돌아와|확인 후",
    re.IGNORECASE,
)
_RECEIPT_SUBJECT = re.compile(
    r"(?:read|not read|opened|return receipt|read receipt|read(?:ing)? confirmation|開封済み?|開封確認|開封通知"
    r"|未開封のまま削除|未読のまま削除|已读|未读|已讀(?:取)?|已读回执|读取|讀取(?:回條)?|回执|읽음|읽지 않음|열람"
    r"|gelesen|ungelesen gelöscht|lesebestätigung|empfangsbestätigung|lu|non lu|confirmation de lecture|leído"
    r"|no leído|confirmación de lectura|letto|conferma di lettura|ricevuta di ritorno"
    r"|lida?|confirmação de leitura|gelezen|leesbevestiging|прочитано|прочтено|уведомление о прочтении|przeczytano"
    r"|läst|læst|lest)\s*[:：]",
    re.IGNORECASE,
)
_RECEIPT = re.compile(
    r"was (?:read|opened|displayed|deleted without being read)|has been (?:read|displayed|opened)|was received by"
    r"|return receipt|read receipt"
    r"|開封(?:され|済|しました|確認|通知)|(?:表示|読ま)れました|削除されました|被阅读|已阅读|被讀取|已讀取|已读"
    r"|已被读取|读取|읽(?:었|혔|음|은)|열람|수신 ?확인"
    r"|gelesen|lesebestätigung|empfangsbestätigung|angezeigt|gelöscht|a été (?:lu|affiché|ouvert|supprimé)"
    r"|accusé de lecture|confirmation de lecture|se leyó|(?:ha sido|fue) leíd|confirmación de lectura|acuse de"
    r"|(?:è stato|è stata) (?:lett|visualizzat)|conferma di lettura|ricevuta di|foi lid|confirmação de leitura"
    r"|is gelezen|leesbevestiging|прочитан|прочтен",
    re.IGNORECASE,
)


def is_auto_reply_subject(subject: str) -> bool:
    """Whether a subject is the name of an auto-reply, by itself or before the subject that is answered."""
    if _SUBJECT.match(subject):
        return True
    return _MARKED_AT_THE_END.search(subject) is not None and not is_answer(subject)


def heads_an_original(subject: str) -> bool:
    """Whether the name of an auto-reply stands beside the subject that it answers, not within a sentence."""
    return _HEADS_AN_ORIGINAL.match(subject) is not None or _MARKED_AT_THE_END.search(subject) is not None


def tells_who_is_absent(subject: str, words: str) -> bool:
    """Whether it is headed and begins as Notes and Domino write for those who are away."""
    if _NOTES.match(subject):
        return tells_of_absence(words)
    return _NAMES_THE_ABSENT.match(subject) is not None and _I_AM_ABSENT.match(words) is not None


def is_answer(subject: str) -> bool:
    """Whether a subject has a client's mark of answering or forwarding."""
    return _ANSWER_PREFIX.match(subject) is not None


def acknowledges(subject: str) -> bool:
    """Whether a subject confirms that something was received, as ticket systems do, and no answer to one does."""
    return not is_answer(subject) and _ACKNOWLEDGED.match(subject) is not None


def may_declare_itself(text: str) -> bool:
    """Whether a text has a word without which declares_itself() is not worth asking."""
    lower = text.lower()
    return any(stem in lower for stem in _AUTOMATIC)


def declares_itself(words: str) -> bool:
    """Whether a line says that this mail was sent automatically."""
    return _DECLARATION.search(words) is not None


def declares_itself_first(words: str) -> bool:
    """Whether that is the first thing it says."""
    return _DECLARATION.match(words) is not None


def answers_automatically(words: str) -> bool:
    """Whether it says to be the answer of a program to one mail, and that somebody is away."""
    return _ABOUT_YOUR_MESSAGE.search(words) is not None and tells_of_absence(words)


def is_absence_subject(subject: str) -> bool:
    """Whether the whole subject is about absence."""
    return _ABSENT_SUBJECT.match(subject) is not None


def tells_of_absence(words: str) -> bool:
    """Whether the words name an absence, which people do as well."""
    return _ABSENT.search(words) is not None


def tells_of_absence_and_return(words: str) -> bool:
    """Whether the words name an absence, and its end or whom to ask until then."""
    return tells_of_absence(words) and _RETURNING.search(words) is not None


def is_receipt_subject(subject: str) -> bool:
    """Whether a subject is headed as Outlook and Notes head a read receipt: "Read: <subject>"."""
    return _RECEIPT_SUBJECT.match(subject) is not None


def tells_of_reading(words: str) -> bool:
    """Whether the words say that a mail was read, shown, or deleted unread."""
    return _RECEIPT.search(words) is not None
