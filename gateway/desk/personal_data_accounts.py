"""E-mail addresses, however they are written, and the IDs and passwords of accounts. Pure."""

import re
from collections.abc import Iterator

from gateway.desk.personal_data_text import Reading

_AT = (
    r"(?:@|[(\[{<【★☆●■*]{1,2}(?:at|アット|アットマーク|あっと|골뱅이|艾特|@)?[)\]}>】★☆●■*]{1,2}|"
    r" ?(?:アットマーク|あっとまーく|アット|あっと|골뱅이|艾特|小老鼠) ?| at )"
)
_DOT = r"(?:\.| ?[(\[{](?:dot|ドット|どっと|点|點|\.)[)\]}] ?| ?(?:ドット|どっと|닷|쩜) ?| dot )"
_LOCAL = r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}"
_LABEL = r"[A-Za-z0-9][A-Za-z0-9-]{0,62}"
_PROVIDERS = (
    "docomo|ezweb|au|softbank|i\\.softbank|ymobile|gmail|googlemail|yahoo|icloud|me|hotmail|outlook|live|msn|"
    "naver|daum|hanmail|kakao|nate|"
    "qq|163|126|sina|sohu|foxmail|proton|protonmail|aol"
)
_EMAIL = (
    re.compile(rf"(?<![A-Za-z0-9._%+/-]){_LOCAL} ?@ ?(?:{_LABEL}\.){{1,5}}[A-Za-z]{{2,18}}(?![A-Za-z0-9])"),
    re.compile(
        rf"(?<![A-Za-z0-9._%+/-]){_LOCAL} ?{_AT} ?{_LABEL}(?: ?{_DOT} ?{_LABEL}){{1,4}}(?![A-Za-z0-9])", re.IGNORECASE
    ),
    re.compile(rf"(?<![A-Za-z0-9._%+/-]){_LOCAL} ?(?:@|{_AT}) ?(?:{_PROVIDERS})(?![A-Za-z0-9-])", re.IGNORECASE),
    re.compile(rf"(?<![A-Za-z0-9._%+/-]){_LOCAL}[★☆●◎■]{_LABEL}(?:\.{_LABEL}){{1,4}}(?![A-Za-z0-9])"),
    re.compile(
        r"[^\s@,、。:「(<]{1,40}@(?:[\w-]{1,40}\.){1,4}(?:[a-z]{2,10}|[\u3041-\u9fff가-힣]{1,10})", re.IGNORECASE
    ),
)
_NOT_ADDRESS = re.compile(
    r"(?i)\b(?:look|available|is|at|on|sale|priced|open|starts?|arrives?|ships?|delivered|sold) at "
)
_IS = r"(?:は|が|って|の方は|[:;=→]|이?는|은|是|为|為|is|was|番号|アカウント|ID|아이디|이|\s|「|『|\"|'|\(|【){0,5}"
_SAYS = r"\s?(?:は|が|[:;=→]|이?는|은|是|为|為|is\b|was\b)\s?(?:「|『|\"|'|\(|【)?"
_VALUE = r"(?P<n>@?[A-Za-z0-9](?:[A-Za-z0-9._@!#$%&*+?~^-]{2,40})(?<![.,!?]))"
_SOCIAL = (
    r"LINE|ライン|らいん|カカオ(?:トーク)?|카카오(?:톡)?|카톡|kakao(?: ?talk)?|微信|威信|WeChat|ウィチャット|"
    r"weixin|QQ|インスタ(?:グラム)?|Instagram|insta|"
    r"인스타(?:그램)?|Twitter|ツイッター|旧?Twitter|Facebook|フェイスブック|telegram|テレグラム|텔레그램|skype|"
    r"スカイプ|Discord|ディスコード|TikTok|WhatsApp|支付宝|支付寶|alipay|PayPay|PayPal"
)
_IDS = (
    re.compile(r"(?<![A-Za-z])QQ ?(?:号|號|群)?[: ]?(?P<n>[0-9]{5,11})(?![0-9])"),
    re.compile(
        rf"(?:{_SOCIAL})\)?(?:の|的)?\s?(?:ID|アカウント|account|아이디|号|號|帐号|账号|@)\s?{_IS}{_VALUE}",
        re.IGNORECASE,
    ),
    re.compile(rf"(?:{_SOCIAL}){_SAYS}(?=[@A-Za-z0-9._-]*[0-9_.@]){_VALUE}", re.IGNORECASE),
    re.compile(
        r"(?:ログイン|ユーザー|ユーザ|会員|メンバー|アカウント|マイページ|私の|自分の|Qoo10の?|楽天の?|Amazonの?|"
        r"user|login|account|member|my|회원|로그인|用户|用戶|会员|登录|登錄)"
        rf"\s?(?:ID|名|番号|号|name|아이디|번호)(?:{_SAYS}|\s?(?=[A-Za-z.]*[0-9_])){_VALUE}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?:微信|WeChat|カカオ|LINE|카톡)(?:加我|ください|追加|로)?\s?(?=[A-Za-z]+[0-9_-]){_VALUE}", re.IGNORECASE
    ),
    re.compile(
        rf"(?<![A-Za-z])(?:ID|아이디|login|user) (?=[A-Za-z0-9.]*[0-9_])(?=[0-9_.]*[A-Za-z]){_VALUE}", re.IGNORECASE
    ),
    re.compile(
        rf"(?<![A-Za-z])(?:login|ID|ＩＤ|아이디|帐号|账号|帳號|用户名|用戶名|username|user ?name|user id){_SAYS}(?!は)"
        rf"(?=[^\s]*[A-Za-z_]|[0-9]{{5}}){_VALUE}",
        re.IGNORECASE,
    ),
)
_NOT_OURS = re.compile(
    r"(?i)(?:商品|注文|品番|取引|カート|オーダー|製品|出品|アイテム|広告|order|item|product|cart|transaction|"
    r"주문|상품|订单|商品)(?:の| )?$"
)
_PASSWORD = re.compile(
    r"(?:パスワード|ぱすわーど|パスコード|暗証番号|(?<![ァ-ヶー])パス|(?<![A-Za-z])(?:password|passwd|passcode|"
    r"pass|pw|pwd|pin)(?![A-Za-z])|비밀번호|비번|패스워드|密码|密碼|口令)"
    rf"{_SAYS}(?P<n>[A-Za-z0-9!@#$%&*_+.-]{{3,40}})",
    re.IGNORECASE,
)
_PASSWORD_BESIDE = re.compile(
    r"(?:パスワード|(?<![A-Za-z])(?:password|passwd|pw)|비밀번호|비번|密码|密碼) ?[「『\"'(]?"
    r"(?P<n>(?=[A-Za-z!@#$%&*_+.-]*[0-9])(?=[0-9!@#$%&*_+.-]*[A-Za-z])[A-Za-z0-9!@#$%&*_+.-]{5,40})",
    re.IGNORECASE,
)
_BOTH = re.compile(
    r"(?:ID|ユーザー名|login|user(?:name)?|아이디|账号)(?:と|、|,|/|及び|および|와|和| and | & )"
    r"(?:パスワード|パス|PW|password|비밀번호|密码)"
    rf"{_SAYS}(?P<n>[A-Za-z0-9._@-]{{3,40}}[ 、,/と]{{1,3}}[A-Za-z0-9!@#$%&*_+.-]{{3,40}})",
    re.IGNORECASE,
)
_MUST_COUNT = re.compile(r"(?i)(?:pin|pass)\b")  # words of every day: only a value with a digit is one
_NO_PASSWORD = re.compile(
    r"(?i)(?:not|wrong|incorrect|required|needed|invalid|expired|too|the|reset|changed|being|case|correct|"
    r"missing|used|sent|asked|never|only|also|still|always|in|on|for|"
    r"weak|strong|safe|stored|encrypted|different|same|qoo10|amazon|gmail|line|web|pc|iphone|android|[0-9]{1,2})"
    r"(?![A-Za-z0-9])"
)


def accounts(reading: Reading) -> Iterator[tuple[str, int, int]]:
    text = reading.words
    for pattern in _EMAIL:
        for match in pattern.finditer(text):
            if " at " not in match[0] or not _is_prose(match[0]):
                yield "email", *match.span()
    for pattern in _IDS:
        for match in pattern.finditer(text):
            if not _NOT_OURS.search(text, max(0, match.start() - 12), match.start()):
                yield "id", *match.span("n")
    yield from (("password", *match.span("n")) for match in _BOTH.finditer(text))
    for match in (*_PASSWORD.finditer(text), *_PASSWORD_BESIDE.finditer(text)):
        if _MUST_COUNT.match(match[0]) and not re.search("[0-9]", match["n"]):
            continue
        if not _NO_PASSWORD.match(match["n"]):
            yield "password", *match.span("n")


def _is_prose(text: str) -> bool:
    """English words around an `at`: "look at shop.example.com" is no address."""
    return bool(_NOT_ADDRESS.match(text)) or not re.search(
        r"(?i)\bdot\b|gmail|yahoo|docomo|outlook|hotmail|icloud|naver", text
    )
