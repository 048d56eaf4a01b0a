"""Whether more mail waits to be understood than we promise to catch up with soon."""

import asyncio
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.store import received
from gateway.store.database import Database

PATIENCE = 5.0  # seconds for the database's answer

log = structlog.get_logger("intake")


class Backlog:
    """Full from `limit` mails on: senders keep theirs for now, instead of a disk that fills with mail nobody reads."""

    def __init__(self, database: Database, limit: int) -> None:
        self._database, self._limit = database, limit
        self.is_full = False

    async def look(self) -> None:
        """Asks the database; while that is away, it is as it was."""
        before = self.is_full
        with suppress(SQLAlchemyError, OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE), self._database.read() as session:
                self.is_full = await received.more_wait_than(session, self._limit)
        if self.is_full != before:
            log.warning("backlog.full" if self.is_full else "backlog.over", limit=self._limit)
