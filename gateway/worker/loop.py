"""The worker's loop: claim a batch, understand each mail alone, write the batch in small transactions.

Transactions are short, so that intake, which shares SQLite's one writer, never waits long. Each mail has a savepoint:
one that fails takes no other with it, is tried again alone, at most three times, and is then set aside.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gateway.desk.post import Office
from gateway.mail.authentication import Knowledge, names_to_ask
from gateway.mail.dmarc import Records
from gateway.memory import give_back_what_is_free
from gateway.rules.ruleset import RuleSet
from gateway.store import received as received_rows
from gateway.store.auto_answers import turn_is_taken
from gateway.store.database import Database
from gateway.store.tables import Received
from gateway.store.trouble import is_outage
from gateway.worker.handle import Guard, Understood, error_of, give_up, set_aside, take_effect, understand

BATCH = 25  # mails claimed at once
WRITE_SECONDS = 0.05  # of a transaction: intake, which shares SQLite's one writer, waits no longer for its turn
BATCH_OCTETS = 2 << 20  # of mail in memory at once; one mail may be larger, then it comes alone
LEASE = timedelta(seconds=40)  # a dead worker's mails are free after it: within a minute another node has them (T20)
RENEWED_AFTER = 13.0  # seconds: a batch whose mails all take their time takes longer than the lease
MOST_ATTEMPTS = 4  # once with others, three times alone
POLL = 1.0  # seconds between looks without a wake-up
PAUSE = 1.0  # seconds after the database could not be used

log = structlog.get_logger()


def _now() -> datetime:
    return datetime.now(UTC)


async def _nobody_answers(_names: Collection[str]) -> Records:
    return {}


@dataclass
class Worker:
    """One claimant. `posted` is called after mail was put into the outbox; a mail's content is at work inside `guard`
    only. `ask_dns` answers within seconds, whatever DNS does. `rules` may be replaced at any time; without them people
    see every mail. `make_rules` makes them once there is time or need: a worker whose first mail kills it must be there
    at once."""

    name: str
    database: Database
    office: Office
    authserv_id: str | None
    posted: Callable[[], None]
    guard: Guard = lambda received: nullcontext()
    now: Callable[[], datetime] = _now
    ask_dns: Callable[[Collection[str]], Awaitable[Records]] = _nobody_answers
    rules: RuleSet | None = None
    make_rules: Callable[[], RuleSet | None] | None = None

    def __post_init__(self) -> None:
        self._awake = asyncio.Event()
        self._held_since = 0.0  # monotonic
        self._stopping = False

    def wake(self) -> None:
        """There is mail."""
        self._awake.set()

    def stop(self) -> None:
        """Finish the batch at hand, claim no more."""
        self._stopping = True
        self._awake.set()

    async def run(self) -> None:
        """Works until stopped. A database that cannot be used is waited for, never a reason to give mail up."""
        while not self._stopping:
            try:
                busy = await self.work()
            except (SQLAlchemyError, OSError, TimeoutError) as error:  # its pool may be exhausted, too
                log.error("worker.database", error=error_of(error), cause=_driver_error(error))
                busy = False
                await self._sleep(PAUSE)
            if not busy:
                self._have_rules()
                await self._sleep(POLL)

    async def work(self) -> bool:
        """One batch. False when there was nothing to do."""
        self._awake.clear()
        async with self.database.write() as session:
            batch = await received_rows.claim(session, self.name, limit=BATCH, now=self.now(), lease=LEASE)
        if not batch:
            return False
        self._held_since = monotonic()
        try:
            await self._handle(batch)
        except BaseException:
            # Not the mails' fault: they are given back as if this attempt had not been.
            async with self.database.write() as session:
                await received_rows.release_claims(session, self.name)
            raise
        return True

    async def _handle(self, batch: list[Received]) -> None:
        hopeless = [received for received in batch if received.attempts > MOST_ATTEMPTS]
        for received in hopeless:
            with _unless_lost(received):
                await self._set_aside(received)
        for group in _groups([received for received in batch if received not in hopeless]):
            await self._handle_group(group)

    async def _handle_group(self, group: list[Received]) -> None:
        """Keeps nothing: what is in memory of one group is gone before the next is read."""
        async with self.database.read() as session:
            raw = await received_rows.load_many(session, [received.queue_id for received in group])
        records = await self._records([(one, raw[one.queue_id]) for one in group if one.queue_id in raw])
        understood = [await self._understand(one, raw.pop(one.queue_id, None), records) for one in group]
        await self._write([one for one in understood if one is not None])
        if sum(received.size for received in group) > BATCH_OCTETS:
            del understood
            give_back_what_is_free()

    async def _records(self, mails: list[tuple[Received, bytes]]) -> Records:
        """What DNS says about their signatures, before they are understood and outside of any transaction. A mail whose
        answers are missing is not authenticated: it is neither lost nor kept waiting."""
        names: set[str] = set()
        for received, raw in mails:
            try:
                with self.guard(received):
                    names |= names_to_ask(raw, self._known(received))
            except Exception as error:  # noqa: BLE001  understanding it will fail alike, and is what counts
                log.error("worker.names_unknown", queue_id=received.queue_id, error=error_of(error))
        return await self.ask_dns(names) if names else {}

    def _known(self, received: Received, records: Records | None = None) -> Knowledge:
        return Knowledge(self.authserv_id, received.trusted_relay, records)

    async def _understand(self, received: Received, raw: bytes | None, records: Records) -> Understood | None:
        await self._keep_claims()
        try:
            if raw is None:
                raise LookupError("no raw mail")
            with self.guard(received):
                return understand(received, raw, self._known(received, records))
        except Exception as error:  # noqa: BLE001  any content may find a bug of ours: the mail waits, the worker goes on
            await self._failed(received, error)
            return None

    async def _keep_claims(self) -> None:
        if monotonic() - self._held_since > RENEWED_AFTER:
            self._held_since = monotonic()
            async with self.database.write() as session:
                await received_rows.renew(session, self.name, self.now() + LEASE)

    async def _write(self, pending: list[Understood]) -> None:
        if not pending:
            return
        failures: list[tuple[Received, Exception]] = []
        queue = deque(pending)
        self._have_rules()
        while queue:
            await self._write_some(queue, failures)
            self.posted()
        for received, failure in failures:
            await self._failed(received, failure)

    async def _write_some(self, queue: deque[Understood], failures: list[tuple[Received, Exception]]) -> None:
        """One transaction: as many mails as fit its time, at least one."""
        done: list[tuple[Received, list[dict[str, Any]]]] = []
        async with self.database.write() as session:
            now, end = self.now(), monotonic() + WRITE_SECONDS
            while queue and monotonic() < end and not turn_is_taken(session):
                understood = queue.popleft()
                try:
                    async with session.begin_nested():
                        accounts = await take_effect(
                            session, self.office, self.name, understood, now, self.guard, self.rules
                        )
                    done.append((understood.received, accounts))
                except received_rows.ClaimLostError:
                    log.warning("worker.claim_lost", queue_id=understood.received.queue_id)
                except DBAPIError as error:
                    if is_outage(error):
                        raise
                    failures.append((understood.received, error))
                except Exception as error:  # noqa: BLE001  as above
                    failures.append((understood.received, error))
        for received, accounts in done:
            log.info("mail understood", queue_id=received.queue_id, became=[_became(account) for account in accounts])

    def _have_rules(self) -> None:
        """Outside of any transaction, since it takes a while."""
        if self.make_rules is not None:
            self.rules, self.make_rules = self.make_rules(), None
            give_back_what_is_free()

    async def _failed(self, received: Received, error: Exception) -> None:
        why = error_of(error)
        log.error("worker.mail_failed", queue_id=received.queue_id, attempt=received.attempts, error=why)
        received.error = why
        with _unless_lost(received):
            if received.attempts >= MOST_ATTEMPTS:
                await self._set_aside(received)
                return
            async with self.database.write() as session:
                await received_rows.fail(session, received.queue_id, self.name, why)

    async def _set_aside(self, received: Received) -> None:
        received.error = received.error or "its worker died or ran out of time or memory"
        try:
            async with self.database.write() as session:
                await set_aside(session, self.office, self.name, received, self.now())
        except (OSError, TimeoutError, received_rows.ClaimLostError):
            raise
        except Exception as error:
            if isinstance(error, DBAPIError) and is_outage(error):
                raise
            log.critical("worker.stand_in_failed", queue_id=received.queue_id, error=error_of(error))
            async with self.database.write() as session:
                await give_up(session, self.name, received)
        log.error("worker.set_aside", queue_id=received.queue_id, error=received.error)
        self.posted()

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._awake.wait()
        except TimeoutError:
            pass


def _became(account: dict[str, Any]) -> str:
    """`message Q-12 by address`, as the log has it; the reason in words is in `mail show`."""
    inquiry, matched_by = account.get("inquiry"), account.get("matched_by")
    return f"{account['result']}{f' Q-{inquiry}' if inquiry else ''}{f' by {matched_by}' if matched_by else ''}"


def _groups(batch: list[Received]) -> Iterator[list[Received]]:
    """The batch in pieces that may be in memory at once."""
    group: list[Received] = []
    for received in batch:
        if group and sum(one.size for one in group) + received.size > BATCH_OCTETS:
            yield group
            group = []
        group.append(received)
    if group:
        yield group


@contextmanager
def _unless_lost(received: Received) -> Iterator[None]:
    """For the block that ends a claim: a mail whose lease ran out is another worker's by now."""
    try:
        yield
    except received_rows.ClaimLostError:
        log.warning("worker.claim_lost", queue_id=received.queue_id)


def _driver_error(error: BaseException) -> str:
    """The driver's own kind of error, without its text, which may quote a row."""
    origin = error.orig if isinstance(error, DBAPIError) else None
    return type(origin.__cause__ or origin).__name__ if origin is not None else ""
