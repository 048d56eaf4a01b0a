"""Nothing for other domains is taken (N12, RFC 5321 3.6.2 and 7.9)."""

import pytest

from tests.intake.conftest import Gateway

FORMS = [
    "victim@example.com",
    "victim@EXAMPLE.COM",
    "victim",
    "victim@localhost",
    "victim@[127.0.0.1]",
    "victim@[192.0.2.1]",
    "victim@q.example.jp.example.com",
    "victim@xq.example.jp",
    "victim@sub.q.example.jp",
    "victim@example.jp",
    "victim%example.com",
    "victim%example.com@q.example.jp",
    "victim%example.com@[127.0.0.1]",
    "victim@example.com@q.example.jp",
    "victim@example.com%q.example.jp",
    "example.com!victim",
    "example.com!victim@q.example.jp",
    "q.example.jp!example.com!victim",
    '"victim@example.com"',
    '"victim@example.com"@q.example.jp',
    '"victim%example.com"@q.example.jp',
    "@q.example.jp:victim@example.com",
    "@q.example.jp,@example.net:victim@example.com",
    "testshop+pvictim@example.com",
    "victim@q.example.jp@example.com",
]


@pytest.mark.parametrize("recipient", FORMS)
async def test_n12_we_relay_for_nobody(gateway: Gateway, recipient: str) -> None:
    client = await gateway.client()
    assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
    assert (await client.code(f"RCPT TO:<{recipient}>".encode()))[:3] in ("550", "553")
    assert await client.code(b"DATA") == "503 5.5.1"


async def test_n12_another_domain_is_named_as_the_reason(gateway: Gateway) -> None:
    client = await gateway.client()
    assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
    for recipient in (b"victim@example.com", b"@q.example.jp:victim@example.com", b"victim@[192.0.2.1]"):
        assert await client.code(b"RCPT TO:<" + recipient + b">") == "550 5.7.1"


@pytest.mark.parametrize(
    "recipient",
    [
        "testshop@q.example.jp",
        "TestShop@Q.Example.JP",
        '"testshop"@q.example.jp',
        "@relay.example.com:testshop@q.example.jp",
        "testshop+p598405570@q.example.jp",
        "testshop+o1234@q.example.jp",
        "testshop+staff@q.example.jp",
        "desk@q.example.jp",
        "abuse@q.example.jp",
        "postmaster@q.example.jp",
        "Postmaster",
    ],
)
async def test_n04_n16_n43_what_is_ours_is_welcome(gateway: Gateway, recipient: str) -> None:
    client = await gateway.client()
    assert (await client.deliver(b"Subject: x\r\n\r\n", recipient)).startswith("250 ")
    (row,) = await gateway.mails()
    assert row.rcpt_to[0].lower().endswith("@q.example.jp")
