"""The file of reply-address keys, and the proof that it belongs to the database it is used with.

The database holds fingerprints alone, never a secret. Signing and checking addresses is gateway/mail/addresses.py.
"""

import fcntl
import os
import secrets
import tomllib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.config.schema import systemd_credential
from gateway.ids import ALPHABET
from gateway.mail.keyring import SECRET_OCTETS, Key, Keyring, fingerprint
from gateway.store import key_fingerprints
from gateway.store.tables import KeyFingerprint

NEW_SECRET_OCTETS = 32  # as long as the hash it keys
LARGEST = 1_048_576  # octets
HEADER = (
    "# Reply-address keys. Whoever reads this file can write as any seller: keep it at mode 0600, and a copy safe.\n"
    "# Without these keys every address in the mails sent so far is worthless.\n"
)


class KeysError(Exception):
    """The keys cannot be used, here or with this database; the text tells the operator what to do."""


@dataclass(frozen=True)
class KeyEntry:
    """One `[[key]]` of the file. A revoked one neither signs nor verifies; it stays as a note of what it was."""

    id: str
    secret: bytes = field(repr=False)
    created_at: datetime
    revoked: bool = False

    @property
    def key(self) -> Key:
        return Key(self.id, self.secret, self.created_at)


def key_file(path: Path) -> Path:
    """The file in force: the systemd credential reply-token-key, else `path`."""
    return systemd_credential("reply-token-key") or path


def load_keys(path: Path) -> Keyring:
    """The keys in use, the newest first. Raises KeysError, also when others may read the file (A25)."""
    entries = [entry.key for entry in read(path) if not entry.revoked]
    if not entries:
        raise KeysError(f"{key_file(path)} has no key in use; `toiawase keys rotate` makes one")
    return Keyring(entries)


def read(path: Path) -> list[KeyEntry]:
    """Every entry of the file in force, revoked ones too, the newest first. Raises KeysError."""
    file = key_file(path)
    try:
        with file.open("rb") as stream:
            # systemd guards its credentials by their folder and may give them to a group.
            if file == path and os.fstat(stream.fileno()).st_mode & 0o077:
                raise KeysError(f"{file} may be read or written by others; `chmod 600 {file}`")
            data = tomllib.loads(stream.read(LARGEST).decode())
    except FileNotFoundError:
        raise KeysError(
            f"{file} is missing; restore it from your copy, or let `toiawase init` make a first one"
        ) from None
    except OSError as error:
        raise KeysError(f"{file} cannot be read: {error.strerror}") from None
    except ValueError as error:  # not UTF-8, not TOML
        raise KeysError(f"{file} is no TOML: {error}") from None
    entries = [_entry(file, number, item) for number, item in enumerate(_tables(file, data), 1)]
    if len({entry.id for entry in entries}) < len(entries):
        raise KeysError(f"{file} names a key twice")
    return sorted(entries, key=lambda entry: entry.created_at, reverse=True)


def create(path: Path, now: datetime) -> KeyEntry:
    """Writes a new file with one new key. Raises KeysError where there is a file already."""
    if path.exists():
        raise KeysError(f"{path} is there already; `toiawase keys rotate` adds a key to it")
    return _added(path, [], now)


def rotate(path: Path, now: datetime) -> KeyEntry:
    """Adds a key, which signs from now on; the others still verify. Raises KeysError."""
    with _turn(_writable(path)):
        return _added(path, read(path) if path.exists() else [], now)


def revoke(path: Path, key_id: str) -> KeyEntry:
    """Ends a key: every address it signed is refused from now on. Raises KeysError for an unknown or the last key."""
    with _turn(_writable(path)):
        entries = read(path)
        entry = next((entry for entry in entries if entry.id == key_id), None)
        if entry is None:
            raise KeysError(f"{path} has no key {key_id}; `toiawase keys list` names them")
        if not any(other.id != key_id and not other.revoked for other in entries):
            raise KeysError(f"{key_id} is the only key in use; `toiawase keys rotate` first")
        revoked = replace(entry, revoked=True)
        _write(path, [revoked if other is entry else other for other in entries])
    return revoked


async def check_fingerprints(session: AsyncSession, keyring: Keyring, now: datetime) -> Keyring:
    """Compares the keys with those this database was used with, and notes new ones; for a session that may write.

    Returns those to use: the database's word that a key is revoked goes before a file that has it still, which may be
    another node's, a copy of before, or a credential that systemd read at the start (A09).
    Raises KeysError when the database has inquiries and a key is missing or foreign, or all are revoked: what they
    signed is in people's mailboxes. Until the first inquiry any keys will do.
    """
    rows = await key_fingerprints.all_rows(session)
    ours = {key.id: fingerprint(key) for key in keyring.keys}
    has_inquiries = await key_fingerprints.has_inquiries(session)
    usable = in_use(rows, keyring, has_inquiries)
    if has_inquiries:
        known = {row.key_id for row in rows}
        await key_fingerprints.add(session, {id_: print_ for id_, print_ in ours.items() if id_ not in known}, now)
    else:
        await key_fingerprints.replace_all(session, ours, now)
    return usable


def in_use(rows: Sequence[KeyFingerprint], keyring: Keyring, has_inquiries: bool) -> Keyring:
    """The same without noting anything: `rows` are what the database knows. Raises KeysError."""
    if not has_inquiries:
        return keyring
    ours = {key.id: fingerprint(key) for key in keyring.keys}
    for row in rows:
        if row.revoked_at is not None:
            continue
        if row.key_id not in ours:
            raise KeysError(
                f"key {row.key_id} is missing; restore the keys file, or give the key up with "
                f"`toiawase keys revoke {row.key_id}`"
            )
        if ours[row.key_id] != row.fingerprint:
            raise KeysError(f"key {row.key_id} is not the one this database was used with; restore the keys file")
    if not rows:
        raise KeysError("this database has inquiries but knows no key; it is not a whole copy: restore it again")
    revoked = {row.key_id for row in rows if row.revoked_at is not None}
    usable = [key for key in keyring.keys if key.id not in revoked]
    if not usable:
        raise KeysError("every key is revoked; `toiawase keys rotate`, then restart where systemd hands the keys over")
    return Keyring(usable)


def _writable(path: Path) -> Path:
    if key_file(path) != path:
        raise KeysError(f"the keys come from the systemd credential {key_file(path)}: change its source file instead")
    return path


def _added(path: Path, entries: list[KeyEntry], now: datetime) -> KeyEntry:
    _writable(path)
    at = now.astimezone(UTC).replace(microsecond=0)
    if entries:  # the newest signs, also where the clock went back
        at = max(at, entries[0].created_at + timedelta(seconds=1))
    name = f"{now:%Y%m%d}-{''.join(secrets.choice(ALPHABET) for _ in range(4))}"
    entry = KeyEntry(name, secrets.token_bytes(NEW_SECRET_OCTETS), at)
    _write(path, [entry, *entries])
    return entry


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """One change of the file at a time: of two at once, one key would be lost. Raises KeysError."""
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise KeysError(f"{path.parent} cannot be read: {error.strerror}") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _write(path: Path, entries: Sequence[KeyEntry]) -> None:
    """All or nothing: a crash leaves the old file or the new one. The owner stays who it was, whoever writes: the
    gateway has to read it."""
    text = HEADER + "".join(map(_text, entries))
    temporary = ""
    try:
        with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:  # made 0600
            temporary = stream.name
            with suppress(FileNotFoundError):
                owner = path.stat()
                if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
                    os.fchown(stream.fileno(), owner.st_uid, owner.st_gid)
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        with suppress(OSError):
            Path(temporary).unlink(missing_ok=True)
        raise KeysError(f"{path} cannot be written: {error.strerror}") from None
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _text(entry: KeyEntry) -> str:
    revoked = "revoked = true\n" if entry.revoked else ""
    secret = b64encode(entry.secret).decode()
    return f'\n[[key]]\nid = "{entry.id}"\nsecret = "{secret}"\ncreated_at = {entry.created_at.isoformat()}\n{revoked}'


def _tables(file: Path, data: dict[str, Any]) -> list[Any]:
    tables = data.get("key", [])
    if set(data) - {"key"} or not isinstance(tables, list):
        raise KeysError(f"{file} may hold [[key]] tables only")
    return tables


def _entry(file: Path, number: int, item: Any) -> KeyEntry:
    try:
        key_id, created_at, revoked = item["id"], item["created_at"], item.get("revoked", False)
        if set(item) - {"id", "secret", "created_at", "revoked"} or not isinstance(revoked, bool):
            raise ValueError("a key has id, secret, created_at and revoked")
        if (
            not isinstance(key_id, str)
            or not key_id.replace("-", "").isalnum()
            or not key_id.isascii()
            or len(key_id) > 40
        ):
            raise ValueError("id has letters, digits and -, at most 40")
        if not isinstance(created_at, datetime) or created_at.tzinfo is None:
            raise ValueError("created_at is a time with a zone")
        secret = b64decode(item["secret"], validate=True)
        if len(secret) < SECRET_OCTETS:
            raise ValueError(f"secret has at least {SECRET_OCTETS} octets")
    except KeyError as error:
        raise KeysError(f"{file}: key {number} has no {error.args[0]}") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise KeysError(f"{file}: key {number} is wrong: {error}") from None
    return KeyEntry(key_id, secret, created_at, revoked)
