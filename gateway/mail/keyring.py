"""The signatures that make some of our addresses unguessable, and the keys that they are made with. Pure."""

from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest, digest

from gateway.mail.addresses import PURPOSE, BounceAddress, InquiryAddress, PracticeAddress, readable_address

SIGNATURE_OCTETS = 15  # 120 bits (A08 asks for 100), just 24 letters of base32 without padding
SECRET_OCTETS = 16  # a shorter secret could be found by trying


@dataclass(frozen=True)
class Key:
    """A named secret for reply addresses, at least 16 octets. Raises ValueError when it is shorter."""

    id: str
    secret: bytes = field(repr=False)
    created_at: datetime

    def __post_init__(self) -> None:
        if len(self.secret) < SECRET_OCTETS:
            raise ValueError(f"the secret of key {self.id} is shorter than {SECRET_OCTETS} octets")


def fingerprint(key: Key) -> str:
    """64 hexadecimal digits that name the secret without telling it."""
    return digest(key.secret, b"toiawase key fingerprint", sha256).hex()


class Keyring:
    """The keys in use: the newest signs, all verify. Raises ValueError without a key.

    A signature is HMAC-SHA-256 over the kind, the number, the purpose and a random value of the thing itself, so
    that a number used again after a restore has other addresses (A08, A09).
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        if not keys:
            raise ValueError("a keyring needs a key")
        self.keys = tuple(sorted(keys, key=lambda key: key.created_at, reverse=True))

    def inquiry_address(self, number: int, nonce: str, purpose: str) -> str:
        """The local part for any purpose but `send`, which belongs to a draft. Raises ValueError for others."""
        if not PURPOSE.fullmatch(purpose) or purpose == "send":
            raise ValueError(f"no inquiry address has the purpose {purpose!r}")
        return f"q{number}-{purpose}-{self._sign('inquiry', str(number), purpose, nonce)}"

    def verifies(self, address: InquiryAddress, nonce: str) -> bool:
        """True when a key of ours signed the address for the inquiry with this nonce; never for `send`."""
        if address.purpose == "send":
            return False
        return self._verifies(address.signature, "inquiry", str(address.number), address.purpose, nonce)

    def draft_address(self, number: int, inquiry_nonce: str, draft_nonce: str) -> str:
        """The local part that sends one held draft of inquiry `number`."""
        return f"q{number}-send-{self._sign('draft', str(number), inquiry_nonce, draft_nonce)}"

    def verifies_draft(self, address: InquiryAddress, inquiry_nonce: str, draft_nonce: str) -> bool:
        """True when the address is the `send` address of the draft with this nonce."""
        if address.purpose != "send":
            return False
        return self._verifies(address.signature, "draft", str(address.number), inquiry_nonce, draft_nonce)

    def bounce_address(self, outbox_id: str) -> str:
        """The local part bounces of this outbox entry come home to."""
        return f"b{outbox_id}-{self._sign('bounce', outbox_id)}"

    def verifies_bounce(self, address: BounceAddress) -> bool:
        return self._verifies(address.signature, "bounce", address.outbox_id)

    def practice_address(self, seller: int, mailbox: str, purpose: str) -> str:
        """The local part of a seller's pretend inquiry; `mailbox` is the registered address, so that a number used
        again for another person has other addresses."""
        return f"t{seller}-{purpose}-{self._sign('practice', str(seller), purpose, mailbox)}"

    def verifies_practice(self, address: PracticeAddress, mailbox: str) -> bool:
        fields = ("practice", str(address.seller), address.purpose)
        signed = [self._verifies(address.signature, *fields, one) for one in (mailbox, readable_address(mailbox))]
        return any(signed)  # a mailbox was once stored as people write it

    def _sign(self, *fields: str) -> str:
        return _signature(self.keys[0], fields)

    def _verifies(self, signature: str, *fields: str) -> bool:
        given = signature.lower().encode()
        # Every key is tried, so that the time tells nothing about which of them signed.
        return sum(compare_digest(given, _signature(key, fields).encode()) for key in self.keys) > 0


def _signature(key: Key, fields: Sequence[str]) -> str:
    # Netstrings: no two lists of fields have the same octets.
    octets = b"".join(b"%d:%s," % (len(item), item) for item in (text.encode() for text in fields))
    return b32encode(digest(key.secret, octets, sha256)[:SIGNATURE_OCTETS]).decode().lower()
