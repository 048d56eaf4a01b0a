"""Our own DKIM signature on a finished mail (RFC 6376, 8301, 8463), and the record that its key has in DNS.

Header fields are canonicalised as `relaxed`, by dkimpy; the body as `simple`, since nobody changes what is 7-bit with
short lines, and a big body must not be gone through while all wait. The signing is `cryptography`'s: dkimpy takes 9 ms.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from dkim.canonicalization import Relaxed

LEAST_BITS = 1024  # RFC 8301 3.2; 2048 is what it advises
# Each once more than it stands there, so that nobody can add another (N41, RFC 6376 5.4, 8.15).
OVERSIGNED = ("from", "to", "subject", "date", "message-id", "in-reply-to", "references", "cc", "reply-to", "sender")
SIGNED = ("mime-version", "content-type", "content-transfer-encoding", "auto-submitted", "list-unsubscribe")

_FIELD_END = re.compile(rb"\r\n(?![ \t])")
_LINE = 56  # characters of a list in the field: with what stands before it no line is longer than 78


class DkimKeyError(Exception):
    """A key that cannot sign; the text says why, and begins where the file's name ends."""


@dataclass(frozen=True)
class Signer:
    """Signs as `domain`, with the key whose record stands under `selector`."""

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey

    @classmethod
    def from_pem(cls, domain: str, selector: str, pem: bytes) -> "Signer":
        """Raises DkimKeyError."""
        try:
            key = load_pem_private_key(pem, None)
        except (ValueError, TypeError):  # not PEM; encrypted
            raise DkimKeyError("is no private key in PEM without a passphrase") from None
        if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
            raise DkimKeyError("is neither an RSA nor an Ed25519 key")
        if isinstance(key, RSAPrivateKey) and key.key_size < LEAST_BITS:
            raise DkimKeyError(f"has only {key.key_size} bits; use one of 2048")
        return cls(domain, selector, key)

    @property
    def kind(self) -> str:
        return "rsa" if isinstance(self.key, RSAPrivateKey) else "ed25519"

    @property
    def record_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"  # RFC 6376 3.6.2.1

    @property
    def record(self) -> str:
        """The text of its TXT record (RFC 6376 3.6.1, RFC 8463 4)."""
        public = self.key.public_key()
        if isinstance(self.key, RSAPrivateKey):
            octets = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            octets = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k={self.kind}; p={b64encode(octets).decode()}"

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(data, PKCS1v15(), SHA256())
        return self.key.sign(sha256(data).digest())  # RFC 8463 3


def signed(message: bytes, signers: Sequence[Signer], at: datetime) -> bytes:
    """The message with a DKIM-Signature of each signer on top; `message` has CRLF line ends and a header.

    The same bytes at each attempt, where `at` is the same: the signature's time."""
    if not signers:
        return message
    header_end = message.index(b"\r\n\r\n")
    fields = [_canonical(field) for field in _FIELD_END.split(message[:header_end])]
    body = b64encode(_body_hash(message, header_end + 4)).decode()
    return b"".join([*(_signature(signer, fields, body, at) for signer in signers), message])


def _signature(signer: Signer, fields: Sequence[tuple[bytes, bytes]], body: str, at: datetime) -> bytes:
    """The field with its CRLF; no `l=`, so that all of the body is signed (RFC 6376 8.2)."""
    names = [name for name, _ in fields]
    wanted = [name for name in OVERSIGNED for _ in range(names.count(name.encode()) + 1)]
    wanted += [name for name in SIGNED for _ in range(names.count(name.encode()))]
    tags = f"v=1; a={signer.kind}-sha256; c=relaxed/simple;\r\n\td={signer.domain}; s={signer.selector};"
    listed = "\r\n\t".join(_folded(wanted, ":"))
    unsigned = f"DKIM-Signature: {tags}\r\n\tt={int(at.timestamp())}; h={listed};\r\n\tbh={body};\r\n\tb=".encode()
    data = b"".join(f + b":" + value for f, value in _selected(fields, wanted))
    name, value = _canonical(unsigned)
    signature = b64encode(signer.sign(data + name + b":" + value.rstrip(b"\r\n"))).decode()
    return unsigned + "\r\n\t".join(_folded(signature, "")).encode() + b"\r\n"


def _selected(fields: Sequence[tuple[bytes, bytes]], wanted: Sequence[str]) -> Iterator[tuple[bytes, bytes]]:
    """The fields that a list of names means: of several the lowest first, and nothing for one that is not there."""
    left = list(fields)
    for name in wanted:
        for index in range(len(left) - 1, -1, -1):
            if left[index][0] == name.encode():
                yield left.pop(index)
                break


def _canonical(field: bytes) -> tuple[bytes, bytes]:
    name, _, value = field.partition(b":")
    canonical: tuple[bytes, bytes] = Relaxed.canonicalize_headers([(name, value)])[0]
    return canonical


def _body_hash(message: bytes, start: int) -> bytes:
    """RFC 6376 3.4.3: without the empty lines at its end."""
    end = len(message)
    while end - start >= 4 and message[end - 4 : end] == b"\r\n\r\n":
        end -= 2
    return sha256(memoryview(message)[start:end]).digest()


def _folded(pieces: Sequence[str], between: str) -> Iterator[str]:
    """The pieces in lines, `between` them and at the end of a line."""
    line = ""
    for piece in pieces:
        if line and len(line) + len(piece) + len(between) > _LINE:
            yield line
            line = ""
        line += piece + between
    yield line.removesuffix(between) if between else line
