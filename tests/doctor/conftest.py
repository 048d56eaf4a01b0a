"""Configurations to be examined, and keys to sign with."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.config import Config, load

HEAD = 'domain = "q.example.jp"\noperator = "ops@example.jp"\n'
Configure = Callable[..., Config]


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Writes toiawase.toml with these lines below `domain` and `operator`, and loads it."""

    def written(*lines: str, head: str = HEAD) -> Config:
        file = tmp_path / "toiawase.toml"
        file.write_text(head + "\n".join(lines) + "\n", "utf-8")
        file.chmod(0o600)
        return load(file)

    return written


def private_key(kind: str) -> bytes:
    """One in PEM: ed25519, rsa, or ec, which signs no mail."""
    key: ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    match kind:
        case "ed25519":
            key = ed25519.Ed25519PrivateKey.generate()
        case "rsa":
            key = rsa.generate_private_key(65537, 2048)
        case _:
            key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def dkim(tmp_path: Path) -> Callable[[str], str]:
    """Writes a key of this kind; returns the section that names it."""

    def written(kind: str) -> str:
        file = tmp_path / "dkim.pem"
        file.write_bytes(private_key(kind))
        file.chmod(0o600)
        return '[dkim]\nselector = "t1"\nkey = "dkim.pem"'

    return written
