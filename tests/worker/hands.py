"""A worker on a database, without the network, and hands that put mail in: bytes in, thread and outbox out."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from sqlmodel import col, select

from gateway.desk.outcomes import Outcomes
from gateway.desk.post import Office
from gateway.ids import new_id
from gateway.mail.keyring import Key, Keyring
from gateway.rules.ruleset import RuleSet
from gateway.store import attempts
from gateway.store import received as received_rows
from gateway.store.attempts import Finished
from gateway.store.database import Database
from gateway.store.states import OutboxState
from gateway.store.tables import Inquiry, Message, Outbox, Received, Seller, Store
from gateway.worker.loop import Worker

NOW = datetime(2026, 11, 20, 5, 3, tzinfo=UTC)
DOMAIN = "q.example.jp"
HOUR = timedelta(hours=1)
SELLER, COLLEAGUE, CUSTOMER = "suzuki@shop.example", "tanaka@shop.example", "hanako@customer.example"


class Desk:
    """A worker on a database, and hands that put mail in."""

    def __init__(self, database: Database, rules: RuleSet | None = None, now: datetime = NOW) -> None:
        self.database = database
        self.now = now
        office = Office(DOMAIN, "ops@example.jp", Keyring([Key("k", b"s" * 32, NOW)]), timedelta(days=5))
        self.worker = Worker("w", database, office, "mx.example.jp", lambda: None, now=lambda: self.now, rules=rules)

    async def gets(self, text: str, *, sender: str, to: str, authenticated: bool = True, **fields: str) -> Received:
        domain = sender.partition("@")[2]
        verdict = f"dmarc=pass header.from={domain}" if authenticated else "none"
        headers = {
            "Authentication-Results": f"mx.example.jp; {verdict}",
            "From": sender,
            "To": to,
            "Subject": "Re: question",
            "Message-ID": f"<{new_id()}@{domain}>",
            "Content-Type": "text/plain; charset=utf-8",
        } | {name.replace("_", "-"): value for name, value in fields.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return await self.gets_raw((head + "\r\n" + text.replace("\n", "\r\n")).encode(), sender=sender, to=to)

    async def gets_raw(self, raw: bytes, *, sender: str, to: str | tuple[str, ...]) -> Received:
        to = (to,) if isinstance(to, str) else to
        arrival = received_rows.Arrival(
            new_id(), sender, to, self.now, "127.0.0.1", "h", True, False, False, len(raw), (raw,)
        )
        async with self.database.write() as session:
            await received_rows.insert_many(session, [arrival])
        while await self.worker.work():
            pass
        async with self.database.read() as session:
            row = await session.get(Received, arrival.queue_id)
            assert row is not None
            return row

    async def sent(self, kind: str, to: str | None = None) -> list[Outbox]:
        async with self.database.read() as session:
            query = select(Outbox).where(Outbox.kind == kind).order_by(col(Outbox.id))
            rows = list((await session.exec(query)).all())
        return [row for row in rows if to is None or row.to_address == to]

    async def delivers(self, state: OutboxState = OutboxState.SENT) -> list[str]:
        """What is due leaves, or fails for good; returns its kinds."""
        outcomes = Outcomes(self.worker.office)
        async with self.database.write() as session:
            claimed, _ = await attempts.claim_due(
                session, "d", limit=99, now=self.now, lease=HOUR, wait=lambda _: HOUR, resend=False
            )
        async with self.database.write() as session:
            finished = [Finished(row, state, str(state), self.now, 250, "2.0.0 Ok") for row in claimed]
            for row in await attempts.record(session, "d", finished):
                if state is OutboxState.SENT:
                    await outcomes.delivered(session, row, self.now)
                else:
                    await outcomes.failed(session, row, "550 5.1.1", self.now)
        return [row.kind for row in claimed]

    async def change(self, **values: object) -> None:
        """The store's settings."""
        async with self.database.write() as session:
            await session.exec(update(Store).values(**values))

    async def inquiry(self, number: int = 1) -> Inquiry:
        async with self.database.read() as session:
            found = await session.get(Inquiry, number)
            assert found is not None
            return found

    async def thread(self) -> list[Message]:
        async with self.database.read() as session:
            return list((await session.exec(select(Message).order_by(col(Message.id)))).all())


async def open_shop(database: Database) -> None:
    """A store with two sellers."""
    async with database.write() as session:
        store = Store(name="testshop", title="テストショップ", created_at=NOW)
        session.add(store)
        await session.flush()
        for address in (SELLER, COLLEAGUE):
            session.add(Seller(store_id=store.id or 0, address=address, name=address[:6], created_at=NOW))


def shop() -> str:
    return f"testshop@{DOMAIN}"
