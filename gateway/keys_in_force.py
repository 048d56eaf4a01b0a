"""The reply-address keys of a running gateway: watched, so that a change by command works at once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from gateway.jobs import logged
from gateway.keys import KeysError, check_fingerprints, key_file, load_keys
from gateway.mail.addresses import Keyring
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
            await check_fingerprints(session, keyring, datetime.now(UTC))
        self.keyring, self._usable = keyring, True

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
        """Takes each change of the file; `changed` is called after one that is usable."""
        seen = _stamp(path())
        while True:
            await asyncio.sleep(LOOK)
            stamp = _stamp(path())
            if stamp == seen:
                continue
            with logged("keys"):
                try:
                    await self.use(path())
                except KeysError as error:
                    log.critical("keys.unusable", error=str(error))
                    self._usable = False
                else:
                    changed()
                    log.info("keys.loaded", keys=len(self.last.keys))
                seen = stamp


def _stamp(keys: Path) -> tuple[int, int, int] | None:
    try:
        status = key_file(keys).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size  # a chmod mends a file too
