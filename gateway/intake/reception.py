"""A whole mail becomes ours: trace fields on top, forged results out, stored, and then 250.

Between DATA's last dot and the commit; the dialogue with the client is `smtp.py`'s.
"""

import asyncio
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.ids import new_id
from gateway.intake import replies
from gateway.intake.backlog import Backlog
from gateway.intake.committer import Committer, NotStoredError, QueueFullError
from gateway.intake.disk import Disk
from gateway.intake.settings import IntakeSettings
from gateway.intake.spool import Budget, Spool
from gateway.log import masked
from gateway.mail.trace import HOP_LIMIT, Hop, count_hops, header_length, trace_fields, without_forged_results
from gateway.memory import give_back_what_is_free
from gateway.store.database import Database
from gateway.store.received import COMPRESSION, Arrival, add_chunk

RECIPIENTS_LOGGED = 10  # of one mail
PIECES_AT_ONCE = 2  # big mails that write at the same time: the small ones' commits come in between

log = structlog.get_logger("intake")


@dataclass(frozen=True)
class Envelope:
    """Who hands a mail in, and for whom (RFC 5321 2.3.1). `mail_from` is "" for the null sender."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    helo: str
    remote_address: str
    trusted_relay: bool
    esmtp: bool
    tls: bool
    smtputf8: bool


class Reception:
    """Stores mails for every session of one listener."""

    def __init__(
        self, database: Database, committer: Committer, disk: Disk, backlog: Backlog, settings: IntakeSettings
    ) -> None:
        self._database = database
        self._committer = committer
        self._disk = disk
        self._backlog = backlog
        self._settings = settings
        self._writers = asyncio.Semaphore(PIECES_AT_ONCE)
        self._writing: set[asyncio.Task[None]] = set()
        self.budget = Budget(settings.spool_budget)
        self.memory = Budget(settings.memory_budget)

    @property
    def share(self) -> float:
        """Of what unfinished mails may take, how much is taken: 1.0 when mail has to be refused."""
        return max(self.budget.share, self._committer.share)

    def spool(self) -> Spool:
        return Spool(self._settings.state_dir, self._settings.memory_per_mail, self.memory, self.budget)

    def refusal(self, size: int) -> str | None:
        """The reply where a mail of so many octets would have to be refused for now (N18), or None."""
        if self._backlog.is_full:
            return replies.BEHIND
        on_disk = max(0, size - self._settings.memory_per_mail)
        has_room = self._committer.has_room and self.budget.has(on_disk) and self._disk.has_room()
        return None if has_room else replies.NO_ROOM

    async def receive(self, envelope: Envelope, spool: Spool) -> str:
        """The reply to the last dot: 250 after the commit, 4yz for any trouble of ours, 554 for a loop."""
        try:
            raw = spool.head()
        except OSError:  # the disk is full
            return replies.NO_ROOM
        end = header_length(raw)
        header = raw[:end]
        if count_hops(header) > HOP_LIMIT:
            return replies.TOO_MANY_HOPS
        settings = self._settings
        now, queue_id = datetime.now(UTC), new_id()
        trace = trace_fields(_hop(envelope, settings.domain, queue_id, now))
        cleaned = without_forged_results(header, settings.our_authserv_id, trusted=envelope.trusted_relay)
        head = trace + cleaned + raw[end:]
        arrival = Arrival(
            queue_id=queue_id,
            mail_from=envelope.mail_from,
            rcpt_to=envelope.rcpt_to,
            received_at=now,
            remote_address=envelope.remote_address,
            helo=envelope.helo[:255],
            trusted_relay=envelope.trusted_relay,
            smtputf8=envelope.smtputf8,
            tls=envelope.tls,
            size=spool.size - len(raw) + len(head),
            chunks=(head,),
        )
        try:
            if spool.is_big:
                await self._store_pieces(queue_id, spool)
                await asyncio.to_thread(give_back_what_is_free)
            async with asyncio.timeout(settings.store_timeout):
                await self._committer.store(arrival)
        except QueueFullError:
            return replies.NO_ROOM
        except (NotStoredError, SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("mail deferred", queue_id=queue_id, error=type(error).__name__)
            return replies.TRY_LATER
        log.info(
            "mail received",
            queue_id=queue_id,
            client=envelope.remote_address,
            sender=masked(arrival.mail_from),
            recipients=[masked(recipient) for recipient in arrival.rcpt_to[:RECIPIENTS_LOGGED]],
            size=arrival.size,
            tls=arrival.tls,
        )
        return replies.queued(queue_id)

    async def _store_pieces(self, queue_id: str, spool: Spool) -> None:
        """What follows the head, ahead of the row; without the row's commit these pieces are swept."""
        async with self._writers:
            pieces = spool.pieces()
            seq = 1  # 0 is the head, which is stored with the row
            while compressed := await asyncio.to_thread(_next_compressed, pieces):
                # Not cancelled: SQLite, waiting for its lock, would not hear of it, and the client would wait, too.
                writing = asyncio.create_task(self._add_chunk(queue_id, seq, compressed))
                self._writing.add(writing)
                writing.add_done_callback(self._written)
                async with asyncio.timeout(self._settings.store_timeout):
                    await asyncio.shield(writing)
                seq += 1

    async def _add_chunk(self, queue_id: str, seq: int, compressed: bytes) -> None:
        async with self._database.write() as session:
            await add_chunk(session, queue_id, seq, compressed)

    def _written(self, task: "asyncio.Task[None]") -> None:
        self._writing.discard(task)
        if not task.cancelled():
            task.exception()  # its mail's session was told, if it still listened

    async def close(self) -> None:
        """Waits for what is being written for nobody any more."""
        await asyncio.gather(*self._writing, return_exceptions=True)


def _next_compressed(pieces: Iterator[bytes]) -> bytes:
    piece = next(pieces, b"")
    return zlib.compress(piece, COMPRESSION) if piece else b""


def _hop(envelope: Envelope, by: str, queue_id: str, at: datetime) -> Hop:
    return Hop(
        helo=envelope.helo,
        remote_address=envelope.remote_address,
        by=by,
        esmtp=envelope.esmtp,
        tls=envelope.tls,
        smtputf8=envelope.smtputf8,
        queue_id=queue_id,
        mail_from=envelope.mail_from,
        rcpt_to=envelope.rcpt_to,
        at=at,
    )
