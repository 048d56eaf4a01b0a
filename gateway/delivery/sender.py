"""Sends what the outbox holds: claims due mails, hands them to the transport, records what came of each.

An attempt is in the table before the network is touched, and its outcome is recorded whatever else is cancelled;
many outcomes share a transaction. What an outcome means for the desk is told to it inside that transaction.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from gateway.delivery.consequences import Consequences, tell_late, tell_outcomes
from gateway.delivery.fault import where
from gateway.delivery.finished import finished, log_attempt
from gateway.delivery.letter import attached_files, attached_octets, envelope_of, outgoing
from gateway.delivery.outcome import Deferred, Delivered, Failed, Held, Outcome, Uncertain
from gateway.delivery.pace import RETRIES_PER_SECOND, Pace
from gateway.delivery.schedule import Schedule
from gateway.delivery.transport import Transport
from gateway.ids import new_nonce
from gateway.mail.compose import ComposeError, compose
from gateway.mail.dkim_signing import Signer, signed
from gateway.mail.values import OutgoingMail
from gateway.memory import give_back_what_is_free
from gateway.store import attempts, outbox_clock, suppressions
from gateway.store.database import Database
from gateway.store.tables import Outbox

BIG = 1_000_000  # octets of attachments: of such mails only one at a time is in memory
LONG = 50_000  # characters that are not made into a mail while others wait
LEASE = timedelta(seconds=40)  # renewed three times in this; who does not is taken for dead within a minute (T20)
GATHER = 0.01  # seconds in which more slots may get free, to share one claim
RECORD_AGAIN = 1.0  # seconds until outcomes are written again after the database refused
STOP_LIMIT = 15.0  # seconds that mails in flight may take at the end, before they are broken off
BROKEN_OFF = 3.0  # seconds for what was broken off to be recorded
PACED = 0.1  # seconds until more retries may begin
STALLED = 60.0  # seconds without a round: not alive

log = structlog.get_logger("delivery")


@dataclass(frozen=True)
class DeliverySettings:
    """When mails are tried, how many at once, and who signs them."""

    schedule: Schedule
    slots: int = 10  # mails in flight at once: connections at most
    settle: timedelta = timedelta(seconds=60)  # running time before a mail that may have left is sent again
    late_after: timedelta = timedelta(hours=4)
    hold: timedelta = timedelta(minutes=5)  # between attempts while the smarthost refuses our login (N24)
    poll: float = 3.0  # seconds between looks at the table when nobody calls `wake`
    retry_rate: float = RETRIES_PER_SECOND
    signers: tuple[Signer, ...] = ()


class Delivery:
    """The sender of one process. `node` is this machine's name for itself, at most 48 characters: what an earlier
    process of the same name was sending is known to be lost."""

    def __init__(
        self,
        database: Database,
        transport: Transport,
        consequences: Consequences,
        settings: DeliverySettings,
        *,
        node: str,
        attempted: Counter[str] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._transport = transport
        self._consequences = consequences
        self._settings = settings
        self._node = node
        self._attempted = Counter[str]() if attempted is None else attempted  # by outcome
        self._sender = f"{node}:{new_nonce()[:8]}"
        self._now = now
        self._wakeup = asyncio.Event()
        self._in_flight: dict[str, asyncio.Task[None]] = {}  # until their outcome is recorded
        self._outcomes: list[tuple[Outbox, Outcome]] = []
        self._more_due = False  # the last claim took as much as it might
        self._gathering = False
        self._to_record = asyncio.Event()
        self._one_big = asyncio.Semaphore(1)
        self._pace = Pace(settings.retry_rate)
        self._stopping = self._login_refused = False
        self._held_back = False  # retries may be due that the pace did not let begin
        self._held_until = self._care_at = self._started_at = self._last_round = 0.0  # monotonic
        self._dispatcher: asyncio.Task[None] | None = None
        self._recorder: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """True while it makes its rounds and records what they came to."""
        tasks = (self._dispatcher, self._recorder)
        return (
            all(task is not None and not task.done() for task in tasks)
            and time.monotonic() - self._last_round < STALLED
        )

    async def start(self) -> None:
        """Finds what died with an earlier process, and begins. Raises what the driver raises."""
        await self._care()
        self._started_at = self._last_round = time.monotonic()
        self._dispatcher = asyncio.create_task(self._dispatch())
        self._recorder = asyncio.create_task(self._record_all())

    def wake(self) -> None:
        """There may be something to send."""
        self._wakeup.set()

    async def stop(self, limit: float = STOP_LIMIT) -> None:
        """Begins nothing new, lets what is in flight finish for `limit` seconds, breaks off the rest, records all."""
        self._stopping = True
        self.wake()
        if self._dispatcher is None or self._recorder is None:
            return
        await self._dispatcher
        if self._in_flight:
            _, unfinished = await asyncio.wait(self._in_flight.values(), timeout=limit)
            if unfinished:
                await self._transport.abort()
        self._to_record.set()
        _, unrecorded = await asyncio.wait({self._recorder}, timeout=BROKEN_OFF)
        if unrecorded:
            log.error("outcomes.unrecorded", mails=len(self._in_flight))  # found as uncertain at the next start
            for task in (self._recorder, *self._in_flight.values()):
                task.cancel()
        await self._transport.close()

    async def _dispatch(self) -> None:
        while not self._stopping:
            self._wakeup.clear()
            try:
                pause = await self._round()
            except Exception as error:  # noqa: BLE001 - the database is away, or a bug: the next round may succeed
                log.error("round.failed", error=type(error).__name__, where=where(error))
                pause = self._settings.poll
            self._last_round = time.monotonic()
            if pause > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wakeup.wait(), pause)

    async def _round(self) -> float:
        """Begins what is due and has room. Returns the seconds until there may be more to do."""
        if time.monotonic() >= self._care_at:
            await self._care()
        free, resend = self._free_slots(), self._has_settled()
        if free <= 0:
            return self._settings.poll
        self._gathering = free < self._settings.slots // 2 and not self._gathering
        if self._gathering:
            return GATHER
        if not self._more_due:
            async with self._database.read() as session:
                due = await attempts.next_due(session, resend=resend)
            if due is None or due > self._now():
                pause = self._settings.poll if due is None else (due - self._now()).total_seconds()
                return min(self._settings.poll, max(pause, 0.001))
        claimed, given_up = await self._claim(free, resend)
        self._more_due = len(claimed) + len(given_up) == free
        for row in claimed:
            self._in_flight[row.id] = asyncio.create_task(self._deliver(row))
        if self._more_due or given_up:
            return 0
        return PACED if self._held_back else self._settings.poll

    async def _claim(self, limit: int, resend: bool) -> tuple[list[Outbox], list[Outbox]]:
        now, wait, retries = self._now(), self._settings.schedule.wait, self._pace.allowance
        async with self._database.write() as session:
            claimed, given_up = await attempts.claim_due(
                session, self._sender, limit=limit, now=now, lease=LEASE, wait=wait, resend=resend, retries=retries
            )
            outcomes = [(row, Failed(None, row.reply or "")) for row in given_up]
            await tell_outcomes(self._consequences, session, outcomes, now)
        retried = sum(row.attempts > 1 for row in claimed)
        self._pace.spend(retried)
        self._held_back = retried >= retries
        for row in given_up:
            log.warning("given_up", id=row.id, attempts=row.attempts, dead=row.reply == suppressions.NOT_SENT)
        return claimed, given_up

    def _free_slots(self) -> int:
        if time.monotonic() < self._held_until:
            return 0
        slots = 1 if self._login_refused else self._settings.slots  # one mail finds out whether it is accepted again
        return slots - len(self._in_flight)

    def _has_settled(self) -> bool:
        # In a crash loop every resending would make one more copy.
        return time.monotonic() - self._started_at >= self._settings.settle.total_seconds()

    async def _care(self) -> None:
        """Keeps what is ours, finds what nobody has any more, and tells what is late; whatever the clock did."""
        now, settings = self._now(), self._settings
        async with self._database.write() as session:
            if self._in_flight:
                await attempts.renew(session, self._sender, now + LEASE)
            await outbox_clock.shorten_leases(session, now, LEASE)
            await outbox_clock.put_right(session, now, settings.schedule.steps, settings.hold)
            lost = await attempts.recover(session, now, self._node, self._sender)
            await tell_outcomes(self._consequences, session, [(row, Uncertain(None, "")) for row in lost], now)
            late = await attempts.late(session, now, settings.late_after)
            await tell_late(self._consequences, session, late, now)
        self._care_at = time.monotonic() + LEASE.total_seconds() / 3

    async def _deliver(self, row: Outbox) -> None:
        try:
            outcome = await self._attempt(row)
        except ComposeError as error:
            log.error("mail.not_composed", outbox_id=row.id, error=str(error))
            outcome = Failed(None, f"5.6.0 {error}")
        except Exception as error:  # noqa: BLE001 - our own fault is never the mail's: it is tried again
            log.error("attempt.broken", outbox_id=row.id, error=type(error).__name__, where=where(error))
            outcome = Deferred(None, "4.3.0 internal error")
        self._outcomes.append((row, outcome))
        self._to_record.set()

    async def _attempt(self, row: Outbox) -> Outcome:
        if row.attachments_of is None and row.raw_of is None and not row.originals:
            is_long = len(row.text) + len(row.html or "") > LONG
            message = await asyncio.to_thread(self._octets, outgoing(row)) if is_long else self._octets(outgoing(row))
            return await self._transport.send(envelope_of(row), message)
        async with self._database.read() as session:
            big = await attached_octets(session, row) > BIG
        async with self._a_big_one() if big else contextlib.nullcontext():
            return await self._transport.send(envelope_of(row), await self._with_files(row))

    @contextlib.asynccontextmanager
    async def _a_big_one(self) -> AsyncIterator[None]:
        """One at a time, and the next when the memory of this one was given back."""
        async with self._one_big:
            try:
                yield
            finally:
                await asyncio.to_thread(give_back_what_is_free)

    async def _with_files(self, row: Outbox) -> bytes:
        async with self._database.read() as session:
            mail = outgoing(row, await attached_files(session, row))
        return await asyncio.to_thread(self._octets, mail)

    def _octets(self, mail: OutgoingMail) -> bytes:
        """The same at each attempt, the signature too."""
        return signed(compose(mail), self._settings.signers, mail.date)

    async def _record_all(self) -> None:
        while not (self._stopping and not self._in_flight):
            await self._to_record.wait()
            self._to_record.clear()
            outcomes, self._outcomes = self._outcomes, []
            while not await self._recorded(outcomes):
                pass
            for row, _ in outcomes:
                self._in_flight.pop(row.id, None)
            self.wake()

    async def _recorded(self, outcomes: Sequence[tuple[Outbox, Outcome]]) -> bool:
        if not outcomes:
            return True
        now = self._now()
        for _, outcome in outcomes:
            self._note_login(outcome)
        done = [finished(row, outcome, now, self._settings.hold) for row, outcome in outcomes]
        by_id = {row.id: outcome for row, outcome in outcomes}
        try:
            async with self._database.write() as session:
                rows = await attempts.record(session, self._sender, done)
                await tell_outcomes(self._consequences, session, [(row, by_id[row.id]) for row in rows], now)
        except Exception as error:  # noqa: BLE001 - whatever it was: a 250 that is forgotten would be a second copy
            log.error("outcomes.not_recorded", mails=len(outcomes), error=type(error).__name__, where=where(error))
            await asyncio.sleep(RECORD_AGAIN)
            return False
        for one in done:
            self._attempted[one.outcome] += 1
            log_attempt(one)
        return True

    def _note_login(self, outcome: Outcome) -> None:
        if isinstance(outcome, Held):
            log.critical("smarthost.login_refused", code=outcome.code)
            self._held_until = time.monotonic() + self._settings.hold.total_seconds()
            self._login_refused = True
        elif self._login_refused and isinstance(outcome, Delivered | Failed | Uncertain):  # else it was not asked for
            log.info("smarthost.login_accepted")
            self._login_refused = False
