"""What servers write, and why they refused: a table of phrases, in the order in which they count.

Phrases are regular expressions, one a line, for text with single spaces. Each is bounded, so that a search is linear.
"""

from enum import Enum


class Reason(Enum):
    """Why a mail was refused. Only the last five are about the address itself, for good."""

    SENDER = "the sender or its authentication"
    BLOCKED = "the sending host"
    RATE = "too much mail at once"
    POLICY = "a rule of the site, or the content"
    RELAY = "the server does not serve that domain"
    SIZE = "the mail is too big"
    FULL = "the mailbox is full"
    SUSPENDED = "the mailbox is closed for now"
    NETWORK = "the server was not reached, or not in time"
    FILTERED = "a filter, in the words for an unknown user"
    CLOSED = "the account was given up"
    MOVED = "the addressee has moved"
    NO_MAIL = "the domain takes no mail (RFC 7505)"
    UNKNOWN_HOST = "the domain does not exist"
    UNKNOWN_USER = "the mailbox does not exist"


# What cannot be about the addressee stands before what can, and the mailbox's state before its existence.
TABLE = (
    # au answers so after DATA; after RCPT it names the address.
    (Reason.FILTERED, "550 : user unknown"),
    (
        Reason.SENDER,
        r"""
        \bdmarc\b
        \bspf\b
        \bdkim\b
        authenticat
        \bsender[ -]?id\b
        purported responsible
        THE_SENDER(?:reject|denied|deny|invalid|unknown|verif|not\b|block|refuse)
        sender(?:'s)? (?:domain|host|address|mailbox)[^.\n]{0,40} (?:must|does|could|can|not|unknown|invalid|non-?exist)
        verify (?:the |your )?(?:envelope |return )?(?:sender|mail from|return)
        call(?:out|back) (?:setup |verif)|verification failed for
        envelope[ -](?:sender|from)|return[ -]?path
        (?:domain of|invalid|unknown|unrout\w{1,20}|bad|forged) sender
        sender address \S{1,99} does not
        not accepting mail from
        (?:after|in reply to)(?: pipelined)? mail from
        \[mail_from\]
        e-?mail address is not verified
        SENDER_JA(?:の?(?:メール)?(?:アドレス|ドメイン))?(?: ?[<(（「][^>)）」]{0,99}[>)）」])? ?COMPLAINT_JA
        """,
    ),
    (
        Reason.BLOCKED,
        r"""
        (?:black|block|deny) ?-?list
        \b(?:dns|ur[il]|rh?s?)?bl\b
        spamhaus|spamcop|abuseat|sorbs\b
        reputation
        \bbanned\b
        blocked (?:using|by|because|for|ip)
        \b(?:ip|host|server|client|address \[?[\d.]+\]?)[^.\n]{0,30} (?:is|was|has been) (?:blocked|listed|denied)
        reverse[ -]?dns|\brdns\b|\bptr\b|ip name lookup failed
        client host rejected|ip ?アドレス|逆引き
        messages from \S{1,99} (?:weren.t|were not|temporarily)
        not accepting connections
        refused to talk to me
        unverif\w{1,20} sending
        host network not allowed
        my name was rejected
        \b[eh][eh]lo\b|message from unknown host
        use the smtp server of your
        (?:in reply to|after) (?:[eh]+lo|initial connection)
        """,
    ),
    (
        Reason.RATE,
        r"""
        mail at a rate
        too many (?:messages|connections|recipients|e-?mails|sessions|invalid)
        rate[ -]?limit
        throttl
        frequency limited
        daily (?:\w{1,20} )?(?:quota|limit)
        (?:sending|hourly) (?:limit|quota)
        unexpected volume
        too (?:fast|quickly|often|frequent)
        """,
    ),
    (
        Reason.POLICY,
        r"""
        \bspam\b|spam(?:my|med|ming)
        \bvirus|malware|phish|\bube\b|\bjunk
        policy
        violat
        prohibited
        not authori[sz]ed
        security (?:reason|error|rule)
        content (?:is |was )?(?:\w{1,20} )?(?:reject|den|not|block|refus)
        message (?:was )?filtered
        blocked because
        not (?:a )?(?:member|subscribed)|members[ -]only|moderator
        google[ -]groups?|(?:may|might) not exist, or
        domain filter
        malformed address
        rcp-p[2-9]
        multiple .{0,20}addresses in from
        not compliant
        line limit
        8-?bit data
        (?:受信|着信)(?:を)?拒否|迷惑メール|(?:受信|指定受信)(?:制限|設定)|ドメイン指定
        拒收|垃圾邮件|垃圾郵件|拒绝接收|拒絕接收
        스팸|수신 ?거부
        unerwünscht|indésirable|indesiderat|no deseado
        """,
    ),
    (
        Reason.RELAY,
        r"""
        relay(?:ing)? (?:access )?(?:is )?(?:denied|not|prohibited|through|refused)
        (?:unable to|cannot|do(?:es)? not|no|permitted to) relay
        not a gateway
        allowed rcpthosts
        中継
        """,
    ),
    (
        Reason.SIZE,
        r"""
        (?:message|mail|size|content|attachment|headers?)[^.\n]{0,40} too (?:large|big|long)
        too (?:large|big) for
        message (?:size|length)
        sizelimit
        maximum [\w ]{0,30}size
        サイズ(?:が|の)?(?:制限|上限|超過)|大きすぎ
        (?:附件|邮件|郵件|信件)(?:大小)?(?:过大|過大|超)
        """,
    ),
    (
        Reason.FULL,
        r"""
        quota
        (?:mail ?box|in ?box|mail ?folder|account|disk|storage|user)[^.\n]{0,30} (?:too )?(?:full|over ?limit|exceed)
        mailbox[^.\n]{0,30}(?:full|exceed|limit)
        insufficient (?:disk |system )?(?:space|storage)
        (?:not enough|out of|no) (?:disk |storage |mailbox )?(?:space|storage)
        too much mail
        一杯|いっぱい|満杯|容量
        (?:邮箱|信箱|郵箱|空间|空間)[^。\n]{0,10}(?:满|滿|超)
        가득|용량
        (?:postfach|mailbox|speicher)[^.\n]{0,30}voll
        (?:boîte|messagerie)[^.\n]{0,40}pleine
        (?:buz[oó]n|caixa|casella)[^.\n]{0,30}(?:llen|chei|pien)
        переполнен
        """,
    ),
    (
        Reason.CLOSED,
        r"""
        SOMEBODY(?:[^.:;\n]|\.(?=\S)){0,60} (?:has been|was|is) (?:permanently |already )?CLOSED
        (?:closed|deleted|terminated|cancell?ed) (?:account|mailbox|user)|(?:account|mailbox) closed
        (?:解約|退会)(?:済|され|した|して|となっ)|(?:アカウント|アドレス|ユーザ[ーｰ]?|メールボックス)[^。\n]{0,12}(?:削除|抹消)(?:済|され)
        (?:账号|帐号|帳號|邮箱|郵箱|用户|使用者)[^。\n]{0,10}(?:注销|註銷|(?:被|已)(?:删除|刪除|关闭|關閉))
        탈퇴|해지된|삭제된 ?(?:계정|사용자|메일|주소)
        """,
    ),
    (
        Reason.SUSPENDED,
        r"""
        SOMEBODYGAP (?:disabled|suspended|inactive|frozen|locked|deactivated|blocked|bloqu\w|not active|lapsed)
        disabled (?:account|mailbox|recipient|user)
        discontinued
        inactive-mailbox|on hold|unavailable or access denied
        temporarily (?:disabled|unavailable)
        利用停止|停止(?:中|され)|ロックされ|休止中
        凍結|停用|冻结|禁用
        정지|휴면
        gesperrt|заблокирован
        """,
    ),
    (
        Reason.MOVED,
        r"""
        has moved|was moved to|(?:has|have) been (?:moved|replaced)
        moved to (?:a )?(?:new|another|<)
        no longer (?:on|at|with|works?|in use|valid|available|an?|exists?|employed|accepts?)\b
        address (?:has |was )?(?:been )?changed
        user not local; please try
        not our customer
        移転|アドレス(?:が|は|を)?変更|使われておりません
        """,
    ),
    (
        Reason.NO_MAIL,
        r"""
        null ?mx|mail receiving disabled|indicated no smtp service
        (?:domain|host|server|address)\b[^\n]{0,80} (?:does(?: not|n.t)|never) (?:accept|receive)s? e?-?mail\b(?! from)
        \bno (?:valid )?(?:mx\b|mail exchanger)
        find (?:a mail exchanger|any mx)
        """,
    ),
    (
        Reason.UNKNOWN_HOST,
        r"""
        (?:host|domain|system|computer)[^.\n]{0,60} (?:unknown|not found|not exist|non-?exist\w{1,20}|invalid)
        (?:host|domain|system)[^\n]{0,60} (?:could ?n.t|could not|cannot) be (?:found|resolved)
        (?:unknown|no such|illegal|bad|invalid) (?:mail )?(?:host|domain|destination (?:host|system))
        unroute?able|non-existent hosts|lookups? failed permanently
        bad-domain|nxdomain|name or service not known|domain must exist|no host found|domain \S{1,99} isn.t hosted
        (?:find|resolve|look ?up) (?:any |the |a )?(?:host|domain|address)
        (?:ドメイン|ホスト|(?:送信先|宛先|あて先|相手)の?(?:メール)?サーバ)[^。\n]{0,20}(?:存在しませ|見つかりませ|不明)
        域名(?:不存在|错误|錯誤)
        도메인[^.\n]{0,10}(?:없|찾을)
        domain (?:existiert|unbekannt)
        """,
    ),
    (
        Reason.UNKNOWN_USER,
        r"""
        SOMEBODYGAP[ :>](?:unknown|invalide?|unavail?able|non-?exist\w{1,20})
        do(?:es)?(?: not|n.t) exist|\bnot exist|no longer exist
        SOMEBODYGAP[ :>](?:not|can.t|wasn.t|couldn.t|cannot) (?:be )?(?:found|located|known|listed)
        SOMEBODYGAP[ :>](?:not|can.t|wasn.t|couldn.t|cannot) (?:be )?(?:recogni[sz]ed|valid|match|available|present)
        SOMEBODYGAP[ :>](?:not|isn.t) (?:an active|local|ok\b|accepted|in my)
        no (?:mail ?box|one) (?:at|available)|not an active address|can.t accept user|no home directory|missing home
        NO (?:e-?mail |local |virtual |receiver |destination |final delivery |smtp )?SOMEBODY
        (?:user|recipient)[ _-]?(?:unknown|not[ _-]?found)
        recip(?:ient)?notfound
        \b(?:no|not) (?:mailbox|user|account|recipient)s? (?:here|by|found|with|for|named)
        doesn.t have an? \S{1,99} account
        not listed in|address not present
        bad-mailbox|bad ?rcptto|validrcptto|rejected recipients|#5\.1\.0 address rejected
        not in (?:our|the|my) (?:director|database|user|system)
        no matches to name
        does not have a final
        address rejected: access denied
        rcp-p1
        (?:ofr|lpn\d{3})_416
        542 \S{1,99} rejected
        宛先(?:が)?不明
        ADDRESSEE_JA[^。\n]{0,24}(?:存在(?:いた)?しませ|存在しておりませ|見つかりませ|不明|無効)
        ADDRESSEE_JA[^。\n]{0,24}(?:(?<!い[がは])(?<!り[がは])ありません(?!か)|誤り(?:です|が(?:あり|ござい)ます(?!か))|正しくありません)
        ADDRESSEE_JA[^。\n]{0,12}(?:(?:存在し|見つから)ない(?!か)|(?:間違|まちが|誤)って(?:い|おり)ます(?!か))
        \A\W{0,4}[はが](?:存在し(?:ませ|ない)|見つかりませ)
        (?:存在しない|無効な|該当(?:する|の)?) ?(?:メール)?ADDRESSEE_JA
        (?:使われ|(?:使用|利用|登録)され|登録し)て(?:い(?:ない|ませ)|おりませ)(?!ん?か)|登録(?:が|は)?(?:ありません|ございません)|未登録
        (?:理由|原因|エラー(?:内容)?|詳細) ?[:：] ?(?:存在し(?:ませ|ない)|不明な?ADDRESSEE_JA)
        不存在|[无無]效的?(?:收件|邮箱|邮件地址|郵箱|郵件地址|地址|用户)|无此(?:用户|收件人|邮箱|人)|查無|未找到(?:用户|收件人)
        收件(?:人|者)[^。\n]{0,10}(?:错误|錯誤|未知|无效|無效)
        존재하지 ?않|없는 ?(?:사용자|수신자|메일|계정|주소)
        (?:사용자|수신자|계정|주소)를? ?찾을 ?수 ?없
        (?:empfänger|adresse|benutzer|postfach)[^.\n]{0,40}(?:unbekannt|existiert nicht|nicht gefunden|ungültig)
        unbekannte[rn]? (?:empfänger|benutzer)
        (?:adresse|destinataire|utilisateur|compte|boîte)[^.\n]{0,60}(?:n.existe pas|inconnu|introuvable|invalide)
        no existe|n[ãa]o existe|non esiste|desconocid[oa]|desconhecid[oa]|sconosciut[oa]
        не (?:существует|найден)|нет такого|не зарегистрирован|пользователя нет|nessun utente
        """,
    ),
    (
        Reason.NETWORK,
        r"""
        expired|time ?-?out|timed out|giving up(?! on )|queue too long|been collected|queue period|retries|deferred
        within \d+ (?:day|hour)|for the last \d
        (?:connection|network)[^.\n]{0,20} (?:refused|reset|error|unreachable|closed|dropped|failed)
        no route|unreachable|not reachable|not respond|socket error|requests to connect|name server
        failing for a long time
        no-answer-from-host|bad-connection|routing-errors|too many hops|hop count|(?:routing|mail) loop
        応答(?:が)?(?:あり|し)|接続でき|タイムアウト|時間切れ
        """,
    ),
)
NAMES = {
    "THE_SENDER": r"sender(?:'s)? (?:address |domain |e-?mail )?(?:was |is |not |has been )?(?:\w{1,20} )?",
    "CLOSED": "(?:closed|deleted|removed|terminated|cancell?ed)",
    "GAP": r"(?:[^.;\n]|\.(?=\S)){0,60}",  # within a sentence: an address has dots of its own
    "ADDRESSEE_JA": "(?:宛先|あて先|送信先|アドレス|ユーザ[ーｰ]?|メールボックス|受信者|アカウント)",
    "SENDER_JA": "(?:差出人|送信元|送信者|発信者|発信元)",
    "COMPLAINT_JA": "(?:が|は|を)[^。:：]{0,24}(?:存在し|不明|拒否|見つか|無効|不正|確認|認証|正しくな|許可|登録)",
    "SOMEBODY": r"\b(?:users?(?:id)?|mail ?box(?:es)?|accounts?|recipients?|addresse?e?(?:s|es)?|alias|customer"
    r"|subscriber|name|local[- ]part|person|destinataire)\b(?:\(s\))?",
    "NO": r"\b(?:unknown|illegal|invalid|incorrect|bad|wrong|non-?existent|no such|no valid"
    r"|not a (?:valid|known|local))(?: or (?:illegal|invalid|unknown))?",
}
"""What the capitals in the table stand for."""
