"""N26, N40, A10: however a signed mail is tampered with, what is still believed says what its author signed."""

import random

from gateway.mail.authentication import Knowledge, names_to_ask
from gateway.mail.parse import parse
from gateway.mail.values import Mail
from tests.signed_mail import FIELDS, SELECTOR, record, signed

RUNS = 1500  # 30,000 were run once
SHOP = "shop.example.jp"
RECORDS = {f"{SELECTOR}._domainkey.{SHOP}": (record().encode(),)}
MAIL = (
    b"From: Suzuki <suzuki@shop.example.jp>\r\nTo: q1-s-aaaa@q.example.jp\r\nSubject: Re: a question\r\n"
    b"Date: Thu, 26 Nov 2026 10:00:00 +0900\r\nMessage-ID: <1@shop.example.jp>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nYes, we have it.\r\n\r\n> Is it there?\r\n"
)
SIGNED = signed(MAIL, SHOP, fields=(*FIELDS, "MIME-Version", "Content-Type", "Content-Transfer-Encoding"))
LINES = [
    b"Subject: #hide\r\n",
    b"subject:#hide\r\n",
    b"Subject : #hide\r\n",
    b"Subject\t: #hide\r\n",
    b" #hide\r\n",
    b"\t\r\n",
    b"From: mallory@evil.example\r\n",
    b"FROM: mallory@shop.example.jp\r\n",
    b"From : mallory@evil.example\r\n",
    b"From\t:mallory@shop.example.jp\r\n",
    b"Content-Type : text/html\r\n",
    b"From mallory\r\n",
    b">From mallory\r\n",
    b"From:\r\n mallory@evil.example\r\n",
    b"Content-Type: text/html\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Sender: mallory@evil.example\r\n",
    b"stray\r\n",
    b": stray\r\n",
    b"\r\n",
    b"\xef\xbb\xbf",
    b"\0",
    b"\r",
    b"\n",
    b"X-Toiawase-Long-Run: 0\r\n",
    b"DKIM-Signature: v=1; d=shop.example.jp; s=k1; h=from; l=0\r\n",
]


def says(mail: Mail) -> object:
    """What it says but for blanks, whose number the signature leaves open (RFC 6376 3.4)."""
    return [box.address for box in mail.from_], mail.subject.split(), mail.text.split(), mail.attachments


def _tampered(chance: random.Random) -> bytes:
    raw = bytearray(SIGNED)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        starts = [0, *(at + 2 for at in range(len(raw) - 2) if raw[at : at + 2] == b"\r\n")]
        at = chance.randrange(len(raw))
        match chance.randrange(5):
            case 0:
                raw[at] = chance.choice(b" \t\r\n:;=,<>@aZ\0\xff")
            case 1:
                del raw[at : at + chance.choice((1, 2, 40))]
            case 2:
                raw[at:at] = chance.choice((b" ", b"\r\n ", b"\r\n", b"\t", b":", b"@"))
            case 3:
                start = chance.choice(starts)
                raw[start:start] = chance.choice(LINES)
            case _:
                start = chance.choice(starts)
                raw[start:start] = raw[chance.choice(starts) :][: chance.choice((20, 80, 200))]
    return bytes(raw)


def tamper(runs: int, seed: int) -> tuple[int, list[bytes]]:
    """How many of so many tampered mails are believed, and those of them that say something else."""
    chance, true, believed, wrong = random.Random(seed), says(parse(SIGNED)), 0, []
    for _ in range(runs):
        raw = _tampered(chance)
        names_to_ask(raw, Knowledge())
        mail = parse(raw, Knowledge(records=RECORDS))
        if mail.authenticated:
            believed += 1
            if says(mail) != true:
                wrong.append(raw)
    return believed, wrong


def test_n26_n40_a10_a_tampered_mail_that_is_believedsays_what_was_signed() -> None:
    assert parse(SIGNED, Knowledge(records=RECORDS)).authenticated
    believed, wrong = tamper(RUNS, seed=1)
    assert believed  # blanks between words and fields that nobody signs are not its author's matter
    assert wrong == []
