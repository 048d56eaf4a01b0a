"""Mails with real DKIM signatures, made by dkimpy: what a seller's provider sends."""

from base64 import b64encode
from functools import cache
from typing import Any

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

SELECTOR = "k1"
FIELDS = ("From", "To", "Subject", "Date", "Message-ID")


@cache
def rsa_key(bits: int = 1024) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def ed25519_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def record(bits: int = 1024, more: str = "") -> str:
    """The TXT record of the RSA key."""
    public = rsa_key(bits).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; {more}p={b64encode(der).decode()}"


def ed25519_record() -> str:
    raw = ed25519_key().public_key().public_bytes_raw()
    return f"v=DKIM1; k=ed25519; p={b64encode(raw).decode()}"


def pem(key: Any) -> bytes:
    octets = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert isinstance(octets, bytes)
    return octets


def signed(raw: bytes, domain: str, *, bits: int = 1024, fields: tuple[str, ...] = FIELDS, **options: Any) -> bytes:
    """The mail with its signature on top, as its provider would send it."""
    value = dkim.DKIM(raw).sign(
        SELECTOR.encode(),
        domain.encode(),
        pem(rsa_key(bits)),
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[name.lower().encode() for name in fields],
        **options,
    )
    assert isinstance(value, bytes)
    return value + raw


def signed_ed25519(raw: bytes, domain: str) -> bytes:
    key = b64encode(ed25519_key().private_bytes_raw())
    names = [name.lower().encode() for name in FIELDS]
    value = dkim.DKIM(raw, signature_algorithm=b"ed25519-sha256").sign(
        SELECTOR.encode(), domain.encode(), key, include_headers=names
    )
    assert isinstance(value, bytes)
    return value + raw
