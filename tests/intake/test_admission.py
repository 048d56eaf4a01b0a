"""Who may be written to: the answer to RCPT, on both databases."""

from datetime import UTC, datetime
from time import monotonic

import pytest

from gateway.mail.keyring import Key, Keyring, fingerprint
from gateway.store import key_fingerprints
from gateway.store.database import Database
from gateway.store.states import Author, Direction, DraftState, Origin
from gateway.store.tables import Customer, Draft, Inquiry, Message
from tests.intake.conftest import DOMAIN, KEYRING, Client, Gateway, StartGateway, add_store

NOW = datetime(2026, 11, 20, tzinfo=UTC)
UNKNOWN = "550 5.1.1 No such address here"


async def add_inquiry(database: Database, store_id: int, nonce: str) -> int:
    async with database.write() as session:
        address = f"{nonce}@example.com"
        customer = Customer(store_id=store_id, address=address, address_key=address, created_at=NOW)
        session.add(customer)
        await session.flush()
        assert customer.id is not None
        inquiry = Inquiry(
            store_id=store_id,
            customer_id=customer.id,
            origin=Origin.DIRECT,
            nonce=nonce,
            created_at=NOW,
            received_at=NOW,
        )
        session.add(inquiry)
        await session.flush()
        assert inquiry.number is not None
        return inquiry.number


async def add_draft(database: Database, number: int, nonce: str, state: DraftState) -> None:
    async with database.write() as session:
        message = Message(inquiry_number=number, direction=Direction.INTERNAL, author=Author.SELLER, at=NOW)
        session.add(message)
        await session.flush()
        assert message.id is not None
        session.add(
            Draft(
                id=nonce,
                state=state,
                prior_state=None if state is DraftState.HELD else DraftState.HELD,
                reason="unauthenticated",
                inquiry_number=number,
                message_id=message.id,
                nonce=nonce,
                created_at=NOW,
                expires_at=NOW,
            )
        )


async def rcpt(client: Client, local: str) -> str:
    return await client.ask(f"RCPT TO:<{local}@{DOMAIN}>".encode())


async def sender(gateway: Gateway) -> Client:
    client = await gateway.client()
    assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
    return client


async def test_a_store_is_welcome_while_it_is_active(database: Database, start: StartGateway) -> None:
    await add_store(database)
    await add_store(database, "closedshop", active=False)
    client = await sender(await start(database))
    for local in ("testshop", "TESTSHOP+P1", "testshop+staff"):
        assert (await rcpt(client, local)).startswith("250 2.1.5")
    for local in ("closedshop", "nobody", "nobody+p1", "testshop+x", "desk+x"):
        assert await rcpt(client, local) == UNKNOWN


async def test_a_new_store_is_known_at_once(database: Database, start: StartGateway) -> None:
    client = await sender(await start(database))
    assert await rcpt(client, "testshop") == UNKNOWN
    await add_store(database)
    assert (await rcpt(client, "testshop")).startswith("250 2.1.5")


async def test_a08_a_signed_address_is_welcome_and_any_other_unknown(database: Database, start: StartGateway) -> None:
    store = await add_store(database)
    number, other = await add_inquiry(database, store, "nonce1"), await add_inquiry(database, store, "nonce2")
    client = await sender(await start(database))
    good = KEYRING.inquiry_address(number, "nonce1", "s")
    assert (await rcpt(client, good)).startswith("250 2.1.5")
    assert (await rcpt(client, good.upper())).startswith("250 2.1.5")
    assert (await rcpt(client, KEYRING.inquiry_address(number, "nonce1", "hide"))).startswith("250 2.1.5")
    signature = good.rpartition("-")[2]
    changed = ("b" if signature[0] == "a" else "a") + signature[1:]
    foreign = Keyring([Key("foreign", b"f" * 32, NOW)])
    for guess in (
        f"q{number}-s-{changed}",
        f"q{number}-c-{signature}",
        f"q{other}-s-{signature}",
        f"q{number + 1000}-s-{signature}",
        f"q{number}-send-{signature}",
        foreign.inquiry_address(number, "nonce1", "s"),
        KEYRING.inquiry_address(number, "nonce2", "s"),
    ):
        assert await rcpt(client, guess) == UNKNOWN


async def test_a27_every_refusal_has_the_same_words_and_waits_as_long(
    sqlite_database: Database, start: StartGateway
) -> None:
    await add_store(sqlite_database, "closedshop", active=False)
    number = await add_inquiry(sqlite_database, 1, "nonce")
    gateway = await start(sqlite_database, refusal_delay=0.2)
    signature = "a" * 24
    outbox_id = "0123456789abcdefgh"
    kinds = ("x+y", "nobody", "closedshop", f"q{number}-s-{signature}", f"q{number + 1}-s-{signature}")
    for local in (
        *kinds,
        f"q{number}-send-{signature}",
        f"b{outbox_id}-{signature}",
        f"t1-s-{signature}",
        "q1-s-short",
    ):
        client = await sender(gateway)
        began = monotonic()
        assert await rcpt(client, local) == UNKNOWN
        assert monotonic() - began >= 0.2, local


@pytest.mark.parametrize("state", DraftState)
async def test_a09_a_send_address_is_its_drafts_in_any_state(
    database: Database, start: StartGateway, state: DraftState
) -> None:
    number = await add_inquiry(database, await add_store(database), "nonce")
    await add_draft(database, number, "draft1", DraftState.HELD)
    await add_draft(database, number, "draft2", state)
    client = await sender(await start(database))
    assert (await rcpt(client, KEYRING.draft_address(number, "nonce", "draft2"))).startswith("250 2.1.5")
    assert await rcpt(client, KEYRING.draft_address(number, "nonce", "draft3")) == UNKNOWN


async def test_n35_a_bounce_comes_home_by_its_token_without_a_question_to_the_database(
    database: Database, start: StartGateway
) -> None:
    client = await sender(await start(database))
    local = KEYRING.bounce_address("0123456789abcdefgh")
    assert (await rcpt(client, local)).startswith("250 2.1.5")
    assert await rcpt(client, local.replace("0123", "0124")) == UNKNOWN


async def test_missing_keys_are_a_matter_of_time(database: Database, start: StartGateway) -> None:
    number = await add_inquiry(database, await add_store(database), "nonce")
    client = await sender(await start(database, keyring=lambda: None))
    for local in (KEYRING.inquiry_address(number, "nonce", "s"), KEYRING.bounce_address("0123456789abcdefgh")):
        assert (await rcpt(client, local)).startswith("451 4.3.0 ")
    assert (await rcpt(client, "testshop")).startswith("250 2.1.5")
    assert await rcpt(client, "nobody") == UNKNOWN


async def test_n07_a_key_that_came_to_another_node_first_is_a_matter_of_time(
    database: Database, start: StartGateway
) -> None:
    """Keys are rotated node by node: in between an address of the new key is not false, only not known here."""
    number = await add_inquiry(database, await add_store(database), "nonce")
    client = await sender(await start(database))
    newer = Keyring([*KEYRING.keys, Key("2026-12", b"n" * 32, NOW)])
    assert newer.keys[0].id == "2026-12"
    addresses = (newer.inquiry_address(number, "nonce", "s"), newer.bounce_address("0123456789abcdefgh"))
    assert [await rcpt(client, local) for local in addresses] == [UNKNOWN] * 2
    async with database.write() as session:
        await key_fingerprints.add(session, {key.id: fingerprint(key) for key in newer.keys}, NOW)
    for local in addresses:
        assert (await rcpt(client, local)).startswith("451 4.3.0 ")
    assert (await rcpt(client, KEYRING.inquiry_address(number, "nonce", "s"))).startswith("250 2.1.5")
    async with database.write() as session:
        await key_fingerprints.revoke(session, "2026-12", NOW)
    assert [await rcpt(client, local) for local in addresses] == [UNKNOWN] * 2


async def test_t08_a_database_that_fails_is_451_and_never_550(database: Database, start: StartGateway) -> None:
    await add_store(database)
    gateway = await start(database)
    client = await sender(gateway)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE store RENAME TO store_gone")
    assert (await rcpt(client, "testshop")).startswith("451 4.3.0 ")
    assert (await rcpt(client, "nobody")).startswith("451 4.3.0 ")
    assert (await rcpt(client, "desk")).startswith("250 2.1.5")
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE store_gone RENAME TO store")
    assert (await rcpt(client, "testshop")).startswith("250 2.1.5")
