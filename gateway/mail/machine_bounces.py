"""How servers word that a mail was not delivered, in the languages they are set to: subjects and first sentences.

A wording alone proves nothing: people write "returned mail?" too. What counts together is weighed in machines.py.
"""

import re

_TAG = r"(?:[\[*(<【［][^\]*)>】］\n]{0,30}[\]*)>】］]+\s*)?"  # a filter's [SPAM] or [List] before a subject

_MAIL_SUBJECT = re.compile(
    _TAG
    + r"(?:undeliver(?:able|ed)\b.{0,20}(?:mail|message|[:：]|\Z)|unzustellbar|returned (?:e-?mail|message)\b\s*[:：]"
    r"|mail (?:delivery|system|transport|could not|failure|returned|error|not delivered)"
    r"|message (?:delivery|status|could not be delivered|undeliverable|not delivered|from .{0,30}mail(?:er)? daemon)"
    r"|(?:delivery (?:status )?|non-?delivery (?:status )?)(?:notification|report)\b|non-?delivery\s*[:：]"
    r"|delivery failure\s*(?:[:：(]|\Z)|failure (?:notice|delivery)|nondeliverable mail|warning: e?-?mail\b"
    r"|(?:notice|warning|error): (?:mail|message|delayed|could not send|returned)|failed (?:mail|delivery)\b"
    r"|there was an error sending your mail|postmaster notify|unable to deliver (?:your )?(?:mail|message)"
    r"|warning: \S{1,100} - user unknown|error sending message \["
    r"|メール(?:の)?(?:システム)?(?:送信|配信|配達|転送|送達|不達)?(?:の|が|は|を)?(?:エラー|不達|不能|失敗"
    r"|できません|未達)"
    r"|(?:送信|配信|配送|送達)(?:不能|失敗|エラー)(?:通知|メール|レポート|のお知らせ|[:：]|\Z)|(?:宛先不明|不達通知"
    r"|不達メール|リターンメール)"
    r"|(?:メッセージ|メール)を?(?:送信|配信|配達|お届け)でき(?:ません|なかった)|配信不能|配信できません|配信状況通知"
    r"|(?:系统|系統)?退信|(?:邮件|郵件)(?:投递|传递|发送|傳送|傳遞|寄送|退回)(?:失败|失敗|错误|異常|通知|状态)"
    r"|(?:无法|未能|無法)(?:送达|投递|传递|傳遞|送達)"
    r"|未(?:送达|送達|传递|傳遞)|来自.{0,20}的退信"
    r"|\[?(?:발송|전송|배달|전달) ?실패|(?:메일|메시지)[이가][^\n]{0,20}(?:전송|발송|배달|전달)되지 ?(?:못|않)"
    r"|\[?(?:메일 ?)?반송|반송된|(?:메일|메시지) ?(?:전송|발송|전달|배달)? ?(?:실패|오류|불가)|(?:발송|전송|배달"
    r"|전달) ?(?:실패|불가)|배달되지 않음|배달할 수 없"
    r"|(?:e-?mail-?)?(?:nicht zustellbar|zustell(?:ung|fehler|problem)|(?:unzustellbare|fehlgeschlagene) )"
    r"|zustellungsbenachrichtigung"
    r"|non remis|[ée]chec (?:de (?:la )?)?(?:remise|distribution|l'envoi)|(?:message|courrier|mail) non (?:distribu"
    r"|remis|d[ée]livr)|avis de non"
    r"|no (?:se (?:puede|pudo) entregar|entregado|entregable)|(?:mensaje|correo) (?:no entregado|devuelto|no enviado)"
    r"|error (?:de|en la) entrega|entrega fallida"
    r"|mancat[oa] (?:recapito|consegna)|non recapitabile|(?:messaggio|impossibile) (?:non )?recapita"
    r"|recapito non riuscito"
    r"|n[ãa]o entreg(?:ue|ável)|falha na entrega|(?:mensagem|e-?mail) n[ãa]o entreg|notifica[çc][ãa]o de (?:falha"
    r"|status)"
    r"|onbestelbaar|niet (?:bezorgd|afgeleverd)|olevererbar|ej levererbar|kunne ikke leveres|ikke lever|niedostarcz"
    r"|nedoru|teslim edil"
    r"|недоставлен|не доставлен|(?:письмо|сообщение) не доставлен|возврат (?:письма|почты|сообщения)|ошибка доставки"
    r"|не удалось доставить)",
    re.IGNORECASE,
)
_SERVER_SUBJECT = re.compile(
    r"undeliver|un-deliverable|returned? (?:mail|to sender|message)|(?:could|can) ?not be (?:delivered|sent)"
    r"|not (?:be )?delivered|delivery (?:status|fail|notification|has fail|report|error|problem)|user unknown"
    r"|rejected|message you sent (?:was )?blocked|mailbox (?:is )?(?:full|over)|over quota"
    r"|(?:mail|message) loop|loop alert|loop back warning"
    r"|you .{1,100}are not member|送信(?:できません|エラー|失敗)|配信(?:できません|エラー|失敗)|不達|届きません"
    r"|エラー(?:通知|メール|レポート)",
    re.IGNORECASE,
)
_GOOD_NEWS = re.compile(
    r"delay|warning: e?-?mail|still being retried|could not send message for|warning: message|successful"
    r"|(?<!un)(?:delivered|relayed|expanded)\s*[:：]|\((?:delay|relay|success|expand)"
    r"|遅延|延迟|延遲|지연|verzöger|retard|retras|ritard|atras|задерж",
    re.IGNORECASE,
)

_START = r"^[ \t*#=■◆●※・-]{0,40}(?:hi[.,! ]\s{0,4})?(?:sorry[.,! ]\s{0,4})?"
_SURE = (  # what nobody but a server writes
    r"this is (?:the |a |an )?(?:\S{1,40} ){0,4}(?:qmail|program at|mail(?:er)?[ -](?:system|server|daemon|delivery)"
    r"|mailer-daemon|postfix|courier|exim|james|non-?delivery|delivery status|permanent error)"
    r"|this (?:message|report|e-?mail|notification) (?:was|is|has been) (?:created |generated |sent )?automatically"
    r" (?:created |generated |sent )?by.{0,20}(?:mail|delivery|server|system|smtp|exim)"
    r"|(?:the )?original message was received at|a message that you (?:have )?sent could not"
    r"|-{2,} ?(?:transcript of session|the following addresses|non-?delivery|the transcript|failure reasons"
    r"|message not delivered|failed addresses)"
    r"|\*{3,} ?(?:message from|this is a warning)|error message below|error: invalid user|reporting-mta:"
    r"|final-recipient:"
    r"|your message\s{1,8}(?:(?:subject|to|cc|sent):[^\n]{0,200}\s{1,8}){1,4}"
    r"(?:was not delivered|did not reach|could not be delivered)"
    r"|\[<\d\d>\] xmail bounce:|\S{1,100}@\S{1,100} - no such user|we had trouble delivering your message"
    r"|you are not a member of this mailing"
    r"|抱歉[,，]?您(?:的|发送的)邮件(?:被退回|无法)"
)
_LIKELY = (
    r"(?:i'm|i am|we're|we are) (?:sorry|afraid).{0,60}(?:not|unable).{0,30}(?:deliver|send|reach)"
    r"|(?:i|we|it) (?:was|were|am|are|is) unable to deliver (?:your|the|this|a) (?:e-?mail|mail|message)"
    r"|unable to deliver (?:your |the |this )?(?:e-?mail|mail|message)"
    r"|(?:your|the|this|an?) (?:e-?mail|mail|message|letter)\b.{0,120}(?:not|n't|un)[ -]?"
    r"(?:be |been |able to be )?(?:deliver|sent\b|reach)"
    r"|(?:the|these|this) (?:following|intended|original) (?:address|recipient|user|destination|message|mail|e-?mail)"
    r".{0,60}(?:fail|undeliver|not|problem|error|permanent|reject|addressed to)"
    r"|delivery (?:to|of|has|for) .{0,60}(?:fail|not possible|delay|suspended)|delivery (?:failed|failure)\b"
    r"|could ?not be delivered to|could not deliver|(?:failed|undeliverable) (?:to deliver|recipient|to \S{1,80}@)"
    r"|(?:the )?(?:mail|message|recipient).{0,40}(?:mailbox (?:is )?full|over quota|exceed)"
    r"|(?:we|there).{0,30}(?:trouble|problem|error) (?:delivering|sending) your|a message (?:that )?you sent"
    r"|message (?:delivery )?(?:has )?failed"
    r"|(?:user mailbox|mailbox|recipient|address|user).{0,60}"
    r"(?:exceeds|unknown|does ?n.t exist|does not exist|not exist|disabled|rejected)"
    r"|(?:no such|unknown) (?:user|recipient|address|mailbox)|user unknown"
    r"|you are not a member|your (?:mail|message|post)\S{0,3} (?:is|was|has been) (?:rejected|blocked|refused"
    r"|returned|held)"
    r"|(?:お送り|送信|ご送信|あなた|お客様|差出|発信|投稿|配信)[^\n。]{0,60}(?:メール|メッセージ)"
    r"[^\n。]{0,80}(?:できません|できな|されません|失敗|不能|届きません|届けられ|エラー)"
    r"|(?:次|以下|下記|上記)の[^\n。]{0,40}(?:宛先|あて先|アドレス|受信者|メール|メッセージ)"
    r"[^\n。]{0,80}(?:できません|できな|されません|失敗|不能|届きません|エラー)"
    r"|(?:宛先|あて先|指定され|受信者|送信先)[^\n。]{0,40}"
    r"(?:見つかりません|存在しません|不明|誤り|間違|ありません|できません|拒否|使われて)"
    r"|(?:メールボックス|受信箱)[^\n。]{0,20}(?:一杯|いっぱい|容量|超え)"
    r"|(?:メール|メッセージ)(?:を|の|が)[^\n。]{0,30}(?:送信|配信|配達|お届け)[^\n。]{0,20}(?:できません|できな|失敗)"
    r"|(?:很)?(?:抱歉|对不起|對不起)?[,， ]?(?:您|你)?(?:的|发送|寄|發送|所)[^\n。]{0,40}(?:邮件|郵件|信件|邮箱)"
    r"[^\n。]{0,60}(?:退回|无法|未能|不能|無法|失败|失敗)"
    r"|(?:收件人|收信人|以下收件|对方)[^\n。]{0,40}(?:不存在|无法|無法|拒绝|拒絕|已满|已滿|退回)"
    r"|(?:邮件|郵件)(?:退回|被退|投递失败|傳遞失敗)"
    r"|(?:보내신|발송하신|보낸|귀하|고객님|회원님|아래|다음)[^\n.]{0,60}(?:메일|메시지|수신자|주소)"
    r"[^\n.]{0,80}(?:실패|못|않|반송|없)"
    r"|(?:메일|메시지)[이가][^\n.]{0,60}(?:전송|발송|배달|전달)되지 ?(?:못|않)"
    r"|(?:수신자|받는 ?사람|수신인)[^\n.]{0,40}(?:존재하지|찾을 수 없|없는|초과|거부)"
    r"|(?:ihre|die|diese|eine|folgende) (?:von ihnen )?(?:e-?mail|mail|nachricht|empf)[^\n]{0,120}(?:nicht|fehl)"
    r"[^\n]{0,60}(?:zugestellt|zustell|übermittelt|gesendet|erreich|geschlagen)"
    r"|(?:votre|le|ce|la) (?:message|courrier|mail|courriel|remise|e-?mail)[^\n]{0,120}"
    r"(?:n['’ ]?a|n['’]ont|pas|impossible|échoué|échec)[^\n]{0,60}(?:remis|distribu|délivr|livr|envoy|échou)"
    r"|(?:su|tu|el|este|la) (?:mensaje|correo|e-?mail|entrega)[^\n]{0,120}(?:no|fall|imposible)"
    r"[^\n]{0,40}(?:entreg|envi|falló)"
    r"|(?:il|la|tuo|suo|questo)[^\n]{0,20}(?:messaggio|e-?mail|mail|posta)[^\n]{0,120}(?:non|impossibile)"
    r"[^\n]{0,40}(?:recapitat|consegnat|inviat)"
    r"|(?:sua|a|o|esta|seu) (?:mensagem|e-?mail)[^\n]{0,120}n[ãa]o[^\n]{0,40}(?:entreg|envia)"
    r"|(?:ваше|это|данное|письмо|сообщение)[^\n]{0,120}(?:не (?:может|могло|было|удалось|доставлен)|невозможно)"
    r"|(?:uw|het|dit) (?:bericht|e-?mail)[^\n]{0,120}niet[^\n]{0,40}(?:bezorgd|afgeleverd|verzonden)"
)
_SURE_OPENING = re.compile(rf"{_START}(?:{_SURE})", re.IGNORECASE)
_OPENING = re.compile(rf"{_START}(?:{_SURE}|{_LIKELY})", re.IGNORECASE | re.MULTILINE)
_DIAGNOSIS = re.compile(
    r"\b[45]\d\d[ -]{1,3}#?[45]\.\d{1,3}\.\d{1,3}\b|\b(?:55[0-4]|45[0-2]|421)[ -]{1,3}[A-Za-z<]"
    r"|^(?:Final-Recipient|Diagnostic-Code|Remote-MTA)[ \t]*:",
    re.MULTILINE,
)


def is_mail_subject(subject: str) -> bool:
    """Whether a subject begins as servers begin theirs, and speaks of mail rather than of parcels."""
    return _MAIL_SUBJECT.match(subject) is not None


def is_servers_subject(subject: str) -> bool:
    """Whether a subject from a server's own address tells of failure."""
    return _MAIL_SUBJECT.match(subject) is not None or _SERVER_SUBJECT.search(subject) is not None


def is_good_news(subject: str) -> bool:
    """Whether a server's subject says that the mail is only late, or has arrived."""
    return _GOOD_NEWS.search(subject) is not None


def says_so(words: str) -> bool:
    """Whether one of the lines begins with a sentence that servers write."""
    return _OPENING.search(words) is not None


def opens_as_nobody_else(words: str) -> bool:
    """Whether the first words of all are a sentence that only servers write."""
    return _SURE_OPENING.match(words) is not None


def names_a_reply_code(words: str) -> bool:
    """Whether an SMTP reply (RFC 5321 4.2, RFC 3463) or a field of RFC 3464 is shown."""
    return _DIAGNOSIS.search(words) is not None
