"""What makes two copies the same mail (RFC 1047), and a stolen one no second command (A09). Pure."""

from hashlib import sha256

from gateway.mail.addresses import DeskAddress, InquiryAddress, parse_local_part
from gateway.mail.values import Mail
from gateway.store.seen_mails import ACTING


def digest_of(mail_from: str, recipient: str, mail: Mail, body: str) -> str:
    """64 characters. `body` is what `body_digest` says."""
    return _of_an_act(recipient, mail) if _acts(recipient) else _of_a_copy(mail_from, recipient, mail, body)


def body_digest(raw: bytes) -> str:
    """Of the body only: the header of a retransmission has other trace fields."""
    end = raw.find(b"\r\n\r\n")
    return sha256(memoryview(raw)[end + 4 :] if end >= 0 else b"").hexdigest()


def _acts(recipient: str) -> bool:
    """Whether a mail there does something in a seller's name."""
    match parse_local_part(recipient.rpartition("@")[0]):
        case InquiryAddress(purpose=purpose):
            return purpose != "c"
        case DeskAddress():
            return True
        case _:
            return False


def _of_a_copy(mail_from: str, recipient: str, mail: Mail, body: str) -> str:
    """Without a Message-ID date and subject have to tell mails apart."""
    named = mail.message_id or f"{mail.date} {mail.subject} {_authors(mail)}"
    return _hashed(mail_from, named, recipient, body)


def _of_an_act(recipient: str, mail: Mail) -> str:
    """What a thief of the mail cannot change without breaking its signature (RFC 6376): not the envelope, nor the
    blanks of the text, which relaxed canonicalisation leaves free (3.4.4)."""
    text = "".join(mail.text.split())
    return ACTING + _hashed(_authors(mail), mail.message_id or "", str(mail.date), mail.subject, recipient, text)[1:]


def _authors(mail: Mail) -> str:
    return str([box.address.lower() for box in mail.from_])


def _hashed(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
