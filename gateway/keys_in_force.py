"""The reply-address keys of a running gateway: watched, so that a change by command works at once, on any node."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from gateway.jobs import logged
from gateway.keys import KeysError, check_fingerprints, key_file, load_keys
from gateway.mail.keyring import Keyring
from gateway.store import key_fingerprints
from gateway.store.database import Database

LOOK = 2.0  # seconds between looks at the file: a change by CLI works within 5 s

log = structlog.get_logger("app")


class KeysInForce:
    """`keyring` are the last that were usable: what came in before is still handled with them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._usable = False
        self.keyring: Keyring | None = None

    async def use(self, path: Path) -> None:
        """Raises KeysError, and what the driver raises; the keys in use are then those of before."""
        keyring = load_keys(path)
        async with self._database.write() as session:
            in_use = await check_fingerprints(session, keyring, datetime.now(UTC))
        self.keyring, self._usable = in_use, True
        if len(in_use.keys) < len(keyring.keys):
            log.warning("keys.revoked_in_file", keys=[key.id for key in keyring.keys if key not in in_use.keys])

    @property
    def last(self) -> Keyring:
        if self.keyring is None:
            raise KeysError("no keys in use")
        return self.keyring

    def usable(self) -> Keyring | None:
        """None while the keys file is missing or foreign: signed addresses are answered 451, never 550, until the file
        is back."""
        return self.keyring if self._usable else None

    async def watch(self, path: Callable[[], Path], changed: Callable[[], None]) -> None:
        """Takes each change of the file, and each revocation in the database, which may be another node's; `changed`
        is called after one that is usable."""
        seen, known = _stamp(path()), dict[str, bool]()
        while True:
            await asyncio.sleep(LOOK)
            with logged("keys"):
                stamp, before, known = _stamp(path()), known, await self._known()
                ours = {key.id for key in self.last.keys}
                missing = sorted(key_id for key_id, revoked in known.items() if not revoked and key_id not in ours)
                if missing and known != before:
                    log.critical("keys.missing", keys=missing)  # they sign somewhere: this node answers 451 to them
                revoked = any(known.get(key_id) for key_id in ours)
                if stamp == seen and not (revoked if self._usable else known != before):
                    continue
                try:
                    await self.use(path())
                except KeysError as error:
                    log.critical("keys.unusable", error=str(error))
                    self._usable = False
                else:
                    changed()
                    log.info("keys.loaded", keys=len(self.last.keys))
                    known = await self._known()  # it wrote there what is new to the database
                seen = stamp

    async def _known(self) -> dict[str, bool]:
        """The keys that this database was used with, and whether each is revoked."""
        async with self._database.read() as session:
            return {row.key_id: row.revoked_at is not None for row in await key_fingerprints.all_rows(session)}


def _stamp(keys: Path) -> tuple[int, int, int] | None:
    try:
        status = key_file(keys).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size  # a chmod mends a file too
