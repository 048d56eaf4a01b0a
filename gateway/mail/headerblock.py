"""Recognises the lines that clients themselves put around an unmarked quotation: 差出人: … / From: … / Von: ….

Also the ruled lines above such a head ("-----Original Message-----", 「元のメッセージ」, forwarded mails), and
the list of links that Roundcube adds below.
It does not decide what belongs to the quotation below (quoting.py).
"""

import re
import unicodedata
from collections.abc import Sequence

MAX_BLOCK = 24  # lines: a To list may be long
MAX_LABEL = 24  # characters before the colon
MAX_CONTINUATION = 3  # lines of a folded field

_LABELS = {
    "sender": (
        "from 差出人 送信者 送信元 发件人 寄件者 寄件人 보낸사람 보낸이 von de da van fra från od lähettäjä от від"
        " expéditeur kimden"
    ),
    "sent": (
        "sent date 送信日時 日時 日付 送信日 发送时间 发送日期 日期 寄件日期 傳送時間 보낸날짜 보낸시간 날짜 gesendet"
        " datum envoyé envoyéle messagedu enviado enviadoel enviadaem inviato data verzonden sendt dato skickat wysłano"
        " wysłany lähetetty дата отправлено"
    ),
    "to": "to 宛先 收件人 收件者 받는사람 받는이 an à a para aan til till do vastaanottaja кому",
    "copy": "cc bcc ccの写し 抄送 副本 참조 kopie kopia copieà reply-to 返信先",
    "subject": (
        "subject re 件名 主题 主旨 제목 betreff objet sujet asunto assunto oggetto onderwerp emne ämne temat aihe тема"
    ),
}
_KIND_OF = {label: kind for kind, labels in _LABELS.items() for label in labels.split()}
# In a text of its own these words are ordinary, so that they prove nothing without a sender.
_ORDINARY = frozenset(("日時", "日付", "日期", "날짜", "data", "datum", "dato"))

_RULED = re.compile(
    r"original (?:message|appointment|email)|(?:begin )?forwarded message|reply message"
    r"|元の(?:メッセージ|メール)|オリジナルメッセージ|転送(?:された|元)?メッセージ|返信元メッセージ|引用元"
    r"|ursprüngliche nachricht|originalnachricht|weitergeleitete nachricht|message (?:d'origine|original|transféré)"
    r"|mensaje (?:original|reenviado)|mensagem original|messaggio (?:originale|inoltrato)"
    r"|(?:oorspronkelijk|doorgestuurd) bericht|(?:oprindelig|videresendt) meddelelse|opprinnelig melding"
    r"|ursprungligt meddelande|originalmeddelande|wiadomość oryginalna|oryginalna wiadomość|alkuperäinen viesti"
    r"|(?:исходное|пересылаемое) сообщение|원본 (?:메시지|메일)|전달된 메시지|받은 메일 내용"
    r"|原始(?:邮件|郵件)|转发的邮件|轉寄郵件"
)
_LINK = re.compile(r"\[\d{1,3}\] \S+")
_RULE_CHARACTERS = "[]-_=*─━—–ー－ "


def separator(line: str) -> bool:
    """Whether the line says by itself that another mail follows ("-----Original Message-----")."""
    if len(line) > 120:
        return False
    text = unicodedata.normalize("NFKC", line).casefold().strip()
    inner = text.strip(_RULE_CHARACTERS).rstrip(":").rstrip()
    ruled = text.startswith(("--", "==", "__", "**", "──", "━━")) or text.endswith(":")
    return ruled and _RULED.fullmatch(inner) is not None


def rule(line: str) -> bool:
    """Whether the line is drawn only: at least five of one kind of stroke."""
    text = line.strip()
    return len(text) >= 5 and not text.strip(_RULE_CHARACTERS)


def link_list_at(lines: Sequence[str], start: int) -> int:
    """How many lines from `start` are links that a client took out of the quotation: "Links:", a rule, "[1] …"."""
    if lines[start].strip() != "Links:" or start + 2 >= len(lines) or not rule(lines[start + 1]):
        return 0
    end = start + 2
    while end < len(lines) and _LINK.fullmatch(lines[end].strip()):
        end += 1
    return end - start if end > start + 2 else 0


def header_block_at(lines: Sequence[str], start: int) -> int | None:
    """The line after the header block that begins at line `start`, if there is one: at least two fields, a sender or a
    date, and an address or sender, date and subject together, so that 「宛先: 〒100-0001 …」 in an answer is none."""
    if _field(lines[start]) is None:
        return None
    kinds: set[str] = set()
    labels: set[str] = set()
    address = False
    end = start
    gap = 0
    for index in range(start, min(len(lines), start + MAX_BLOCK)):
        line = lines[index]
        label = _field(line)
        if label is not None:
            kinds.add(_KIND_OF[label])
            labels.add(label)
            gap = 0
            end = index + 1
            address = address or "@" in line
        elif line.strip():
            gap += 1
            if gap > MAX_CONTINUATION or (index and not lines[index - 1].strip()):
                break  # a paragraph of its own: the quoted text
            address = address or ("@" in line and gap == 1)
        elif index and not lines[index - 1].strip():
            break
    if len(kinds) < 2 or not (("sender" in kinds) or ("sent" in kinds and not labels & _ORDINARY)):
        return None
    if address or {"sender", "sent", "subject"} <= kinds:
        return end
    return None


def _field(line: str) -> str | None:
    text = unicodedata.normalize("NFKC", line[:120]).strip().lstrip("*").casefold()
    label, colon, _ = text[: MAX_LABEL + 1].partition(":")
    if not colon:
        return None
    label = re.sub(r"[\s*]", "", label)
    return label if label in _KIND_OF else None
