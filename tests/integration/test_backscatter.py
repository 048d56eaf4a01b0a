"""A14, N11, N34: nobody who merely wrote to us, or in whose name somebody did, ever gets a mail about it.

What is refused is refused in the session. What is taken is told to the store's sellers, or to the operator.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import aiosmtplib
import pytest

from tests.integration.house import DOMAIN, HANAKO, SUZUKI, House, open_house
from tests.integration.past import answered
from tests.integration.relay import at_rest

VICTIM = "victim@bystander.example"
SHOP = f"testshop@{DOMAIN}"
OURS = {SUZUKI, "ops@example.jp"}
BOUNCE = (
    "From: MAILER-DAEMON@bystander.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n\r\nsorry\r\n"
    "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    f"Final-Recipient: rfc822; {VICTIM}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--x--\r\n"
)


@pytest.fixture
async def house(tmp_path: Path, sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(tmp_path, sqlite_url) as opened:
        await opened.add_store("testshop", SUZUKI)
        yield opened


def mail(to: str, text: str, **fields: str) -> bytes:
    head = {"From": VICTIM, "To": to, "Subject": "s", "Content-Type": "text/plain; charset=utf-8"} | {
        name.replace("_", "-"): value for name, value in fields.items()
    }
    return ("".join(f"{name}: {value}\r\n" for name, value in head.items()) + f"\r\n{text}\r\n").encode()


@pytest.mark.parametrize(
    "local",
    ["nobody", "q1-c-aaaaaaaaaaaaaaaaaaaaaaaa", "q1-done-aaaaaaaaaaaaaaaaaaaaaaaa", "b" + "1" * 18 + "-" + "a" * 24],
)
async def test_a14_what_we_do_not_take_we_refuse_in_the_session(house: House, local: str) -> None:
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await house.hands_in(mail(f"{local}@{DOMAIN}", "x"), VICTIM, f"{local}@{DOMAIN}")
    assert refused.value.recipients[0].code == 550
    await at_rest(house)
    assert house.arrived == []


@pytest.mark.parametrize("sender", [VICTIM, ""])
async def test_a14_n11_n34_what_we_take_is_told_to_nobody_outside(house: House, sender: str) -> None:
    [past] = await answered(house, [HANAKO])
    mails = [
        (mail(SHOP, "ありがとうございました。"), SHOP),
        (mail(SHOP, "いつ発送されますか。"), SHOP),
        (mail(SHOP, "x", Subject="Out of office", Auto_Submitted="auto-replied"), SHOP),
        (mail(f"testshop+pX-1@{DOMAIN}", "サイズは。"), f"testshop+pX-1@{DOMAIN}"),
        (mail(f"testshop+staff@{DOMAIN}", "至急"), f"testshop+staff@{DOMAIN}"),
        (mail(f"desk@{DOMAIN}", "一覧"), f"desk@{DOMAIN}"),
        (mail(f"desk@{DOMAIN}", "ヘルプ", From=SUZUKI), f"desk@{DOMAIN}"),
        (mail(f"postmaster@{DOMAIN}", "x"), f"postmaster@{DOMAIN}"),
        (mail(past.address, "ありがとうございました。"), past.address),
        (mail(past.bounces, "x"), past.bounces),
        (BOUNCE.encode(), SHOP),
        (BOUNCE.encode(), past.bounces),
        (b"\xff\xfe" + b"Content-Type: multipart/mixed; boundary=\r\n" * 2000, SHOP),
        (b"", SHOP),
    ]
    for raw, to in mails:
        await house.hands_in(raw, sender, to, authenticated=False)
    await at_rest(house)
    assert {one.rcpt_to for one in house.arrived} <= OURS
    assert len(house.arrived) >= 8  # and nothing was lost for it
    for one in house.arrived:
        assert one.mail.get_content_type() != "multipart/report"
