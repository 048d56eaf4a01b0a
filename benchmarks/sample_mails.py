"""The mails of the benchmark of understanding: a customer's, the same with a file, replies, a bounce.

All have the trace fields and the signature that a mail has when it comes in, and the same bytes on every run.
"""

import random
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

REPLIES = Path(__file__).parents[1] / "tests" / "mail" / "samples" / "replies"
FILE_SIZE = 72_000  # octets: about 100 KB on the wire

TEXT = """お世話になっております。株式会社サンプル商事の山田と申します。
先日注文いたしました商品(注文番号 A-20391)について確認させてください。
まだ届いておらず、配送状況を教えていただけますでしょうか。
また、請求書の宛名を変更したいのですが、手続きの方法をご案内ください。
なお、以前のお問い合わせ(受付番号 Q-7781)では、三営業日ほどで発送とのご回答をいただいておりました。
返品の場合の送料はどちらの負担になりますでしょうか。あわせてお知らせください。
お忙しいところ恐れ入りますが、よろしくお願いいたします。
--
山田 太郎
電話 03-0000-0000
"""
BOUNCE = """From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: b000000000000000001-abcdefghjkmnpqrstvwx2345@q.example.jp
Subject: Undelivered Mail Returned to Sender
Date: Mon, 23 Nov 2026 14:00:00 +0900
Message-ID: <20261123140000.2@mx.example.net>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="=_report_0a1b2c3d4e5f"

--=_report_0a1b2c3d4e5f
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.net.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<nobody@example.net>: host mx.example.net[192.0.2.10] said: 550 5.1.1
    <nobody@example.net>: Recipient address rejected: User unknown

--=_report_0a1b2c3d4e5f
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Mon, 23 Nov 2026 13:59:59 +0900

Final-Recipient: rfc822; nobody@example.net
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <nobody@example.net>: Recipient address
    rejected: User unknown

--=_report_0a1b2c3d4e5f
Content-Type: message/rfc822

{original}
--=_report_0a1b2c3d4e5f--
"""
TRACE = (
    b"Received: from mx.example.net (mx.example.net [192.0.2.10])\r\n\tby gw.example.jp with ESMTPS id 1C2D3E4F5G"
    b"\r\n\tfor <testshop@q.example.jp>;\r\n\tMon, 23 Nov 2026 14:00:00 +0900\r\n"
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=s1;\r\n\th=from:to:subject:date; bh="
    + b"A" * 43
    + b"=;\r\n\tb="
    + b"\r\n\t ".join([b"B" * 72] * 5)
    + b"\r\n"
)


def inquiry(file_size: int = 0) -> bytes:
    """A customer's first mail, about 4 KB: text and HTML in base64; with a file of so many octets, if any."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "山田 太郎 <customer@example.net>"
    mail["To"] = "お問い合わせ窓口 <testshop@q.example.jp>"
    mail["Subject"] = "【至急】注文番号 A-20391 の配送状況について"
    mail["Date"] = "Mon, 23 Nov 2026 14:00:00 +0900"
    mail["Message-ID"] = "<20261123140000.1@example.net>"
    mail["X-Mailer"] = "Sample 1.0"
    mail.set_content(TEXT, cte="base64")
    lines = TEXT.replace("\n", "<br>\n")
    mail.add_alternative(f"<html><body><p>{lines}</p></body></html>", subtype="html", cte="base64")
    mail.set_boundary("=_alternative_1f2e3d4c5b6a")
    if file_size:
        octets = random.Random(7).randbytes(file_size)
        mail.add_attachment(octets, maintype="application", subtype="pdf", filename="請求書.pdf")
        mail.set_boundary("=_mixed_6a5b4c3d2e1f")
    return TRACE + mail.as_bytes()


def reply(name: str) -> bytes:
    """A seller's reply to NOTIFICATION out of the samples of the tests, as it comes in."""
    return TRACE + b"\r\n".join((REPLIES / f"{name}.eml").read_bytes().splitlines()) + b"\r\n"


def bounce() -> bytes:
    """A delivery report of RFC 3464 about NOTIFICATION, in a server's usual words."""
    original = NOTIFICATION.decode("ascii")
    return TRACE + BOUNCE.format(original=original).replace("\n", "\r\n").encode("ascii")


NOTIFICATION = (REPLIES / "notification.eml").read_bytes()
MAILS = {
    "4 KB": inquiry(),
    "100 KB": inquiry(FILE_SIZE),
    "plain reply": reply("thunderbird-ja-top"),
    "HTML reply": reply("gmail-web-ja-top"),
    "bounce": bounce(),
}
