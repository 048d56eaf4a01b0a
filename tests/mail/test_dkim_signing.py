"""N41: what we send is signed so that a verifier of another make believes it, and nobody can add to it."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from gateway.mail.compose import compose
from gateway.mail.dkim_signing import DkimKeyError, Signer, signed
from gateway.mail.values import AttachedFile, Mailbox, OutgoingMail
from tests.signed_mail import ed25519_key, pem, rsa_key

DOMAIN, NOW = "q.example.jp", datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
RSA = Signer.from_pem(DOMAIN, "r1", pem(rsa_key(2048)))
ED25519 = Signer.from_pem(DOMAIN, "e1", pem(ed25519_key()))


def mail(**changes: Any) -> OutgoingMail:
    values: dict[str, Any] = {
        "message_id": "<1.abc@q.example.jp>",
        "date": NOW,
        "from_": Mailbox("テストショップ", "q1-c-aaaa@q.example.jp"),
        "to": Mailbox("", "hanako@customer.example"),
        "subject": "Re: テスト2 " + "とても長い件名" * 12,
        "text": "はい、あります。\n\n-- \n山田\n\n\n",
        "html": None,
        "in_reply_to": "<a@customer.example>",
        "references": tuple(f"<{number}@customer.example>" for number in range(30)),
        "auto_submitted": None,
        "unsubscribe": None,
        "attachments": (),
    }
    return OutgoingMail(**values | changes)


def verifies(raw: bytes, index: int = 0) -> bool:
    """By dkimpy, with our records in DNS."""
    records = {f"{one.record_name}.".encode(): one.record.encode() for one in (RSA, ED25519)}
    try:
        return bool(dkim.DKIM(raw).verify(index, dnsfunc=lambda name, timeout: records.get(name)))
    except dkim.DKIMException:
        return False


MAILS = {
    "a short one": mail(),
    "without references": mail(in_reply_to=None, references=()),
    "with HTML": mail(html="<p>はい</p>\n", auto_submitted="auto-generated"),
    "with a file": mail(attachments=(AttachedFile("表.csv", "text/csv", b"a,b\r\n" * 999),)),
    "in ASCII": mail(text="Yes, we have it.\n", subject="Re: stock"),
    "without text": mail(text=""),
    "with blank lines": mail(text="\n\n\n"),
    "with blanks at the end of lines": mail(text="a  \n\tb\t \n"),
    "to unsubscribe from": mail(unsubscribe="mailto:desk@q.example.jp?subject=stop"),
    "with an address in UTF-8": mail(to=Mailbox("", "花子@customer.example")),
}


@pytest.mark.parametrize("name", MAILS)
def test_n41_a_signed_mail_is_believed_by_another_verifier(name: str) -> None:
    plain = compose(MAILS[name])
    raw = signed(plain, [RSA, ED25519], NOW)
    assert verifies(raw, 0) and verifies(raw, 1)
    assert raw.endswith(plain)
    assert all(len(line) <= 78 for line in raw[: -len(plain)].split(b"\r\n"))
    assert not verifies(raw.replace(b"MIME-Version: 1.0", b"MIME-Version: 1.1"))
    assert not verifies(raw[:-2] + b"x\r\n") and not verifies(raw + b"x\r\n")
    assert verifies(raw + b"\r\n\r\n")  # RFC 6376 3.4.3: what relays add at the end does no harm


@pytest.mark.parametrize(
    "name", ["From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Reply-To"]
)
@pytest.mark.parametrize("one", ["a short one", "without references"])
def test_n41_nobody_can_add_a_field_that_stands_once(name: str, one: str) -> None:
    raw = signed(compose(MAILS[one]), [RSA], NOW)
    assert verifies(raw)
    assert not verifies(f"{name}: <other@elsewhere.example>\r\n".encode() + raw)


def test_n41_what_a_relay_adds_does_no_harm() -> None:
    raw = signed(compose(MAILS["a short one"]), [RSA, ED25519], NOW)
    assert verifies(b"Received: from a by b; Thu, 26 Nov 2026 10:00:00 +0900\r\nReturn-Path: <>\r\n" + raw)


def test_n41_the_field_says_what_is_signed_and_how() -> None:
    [rsa_field, ed25519_field] = message_from_bytes(signed(compose(mail()), [RSA, ED25519], NOW)).get_all(
        "DKIM-Signature", []
    )
    tags = dict(tag.strip().split("=", 1) for tag in "".join(rsa_field.split()).split(";"))
    assert (tags["a"], tags["d"], tags["s"], tags["t"]) == ("rsa-sha256", DOMAIN, "r1", str(int(NOW.timestamp())))
    assert not {"l", "x", "z"} & tags.keys()
    names = tags["h"].split(":")
    for name in ("from", "to", "subject", "date", "message-id", "in-reply-to", "references"):
        assert names.count(name) == 2
    assert "a=ed25519-sha256" in ed25519_field


def test_a_second_attempt_is_the_same_mail() -> None:
    plain = compose(mail())
    assert signed(plain, [RSA, ED25519], NOW) == signed(plain, [RSA, ED25519], NOW)
    assert signed(plain, [RSA], NOW) != signed(plain, [RSA], NOW + timedelta(seconds=1))
    assert signed(plain, [], NOW) == plain


def test_a_key_that_cannot_sign_is_refused() -> None:
    encrypted = rsa_key(2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    elliptic = pem(ec.generate_private_key(ec.SECP256R1()))
    for octets, why in ((b"", "no private key"), (encrypted, "passphrase"), (elliptic, "neither")):
        with pytest.raises(DkimKeyError, match=why):
            Signer.from_pem(DOMAIN, "k", octets)


def test_a_key_that_is_too_short_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.mail.dkim_signing.LEAST_BITS", 1025)
    with pytest.raises(DkimKeyError, match="1024 bits"):
        Signer.from_pem(DOMAIN, "k", pem(rsa.generate_private_key(65537, 1024)))


def test_the_record_is_the_one_to_publish() -> None:
    assert RSA.record_name == "r1._domainkey.q.example.jp"
    assert RSA.record.startswith("v=DKIM1; k=rsa; p=MII")
    assert len(ED25519.record) == len("v=DKIM1; k=ed25519; p=") + 44
