"""From the outbox through a real socket: the right state, the right next time, and never a copy without need."""

import asyncio
from dataclasses import replace
from email import message_from_bytes

import pytest

from gateway.store import messages, outbox, received
from gateway.store.received import Arrival
from gateway.store.states import Author, Direction, Origin, OutboxState
from gateway.store.tables import Customer, Inquiry, Message, Store
from tests.delivery.post import HOUR, MINUTE, NOW, SETTINGS, Post, mail
from tests.delivery.sink import Fault, Step


async def test_a_waiting_mail_is_sent_and_its_250_recorded(post: Post) -> None:
    row = mail()
    await post.add(row)
    async with post.running():
        sent = await post.until_state(row, OutboxState.SENT)
    assert (sent.reply, sent.sent_at) == ("250 2.0.0 Ok: queued", NOW)
    assert post.desk.told == [("delivered", row.id)]
    [sunk] = post.sink.mails
    parsed = message_from_bytes(sunk.data)
    assert parsed["Message-ID"] == row.message_id
    assert parsed.get_payload(decode=True) == "お問い合わせありがとうございます。\r\n".encode()
    assert sunk.mail.startswith(f"MAIL FROM:<{row.mail_from}>")


async def test_a_new_mail_is_sent_when_delivery_is_woken(post: Post) -> None:
    post.settings = replace(SETTINGS, poll=30)
    async with post.running() as delivery:
        row = mail()
        await post.add(row)
        delivery.wake()
        await post.until_state(row, OutboxState.SENT)


async def test_a_receipt_leaves_after_the_answers_250_and_never_before(post: Post) -> None:
    answer = mail()
    receipt = mail(cause=f"answer:{answer.id}", kind="receipt", state=OutboxState.HELD)
    await post.add(answer, receipt)
    post.sink.answer("DOT", "451 4.3.0 later")
    async with post.running() as delivery:
        await post.until_state(answer, OutboxState.QUEUED)
        assert (await post.get(receipt)).state is OutboxState.HELD
        post.now += MINUTE
        delivery.wake()
        await post.until_state(receipt, OutboxState.SENT)
    assert [message_from_bytes(sunk.data)["Message-ID"] for sunk in post.sink.mails] == [
        answer.message_id,
        receipt.message_id,
    ]


async def test_the_attempt_is_in_the_table_before_the_server_is_called(post: Post) -> None:
    row = mail()
    await post.add(row)
    post.sink.answer("connect", Fault.SILENT)
    async with post.running():
        async with asyncio.timeout(20):
            while not post.sink.connections:
                await asyncio.sleep(0)
        sending = await post.get(row)
        assert (sending.state, sending.attempts, sending.next_at) == (OutboxState.SENDING, 1, NOW + MINUTE)


@pytest.mark.parametrize(
    ("stage", "step"),
    [
        ("connect", "421 4.3.2 busy"),
        ("connect", Fault.DROP),
        ("EHLO", Fault.RESET),
        ("MAIL", "451 4.3.0 later"),
        ("RCPT", "450 4.2.1 greylisted"),
        ("RCPT", "552 5.5.3 too many"),
        ("DATA", "452 4.3.1 full"),
        ("DATA", Fault.DROP),
        ("DOT", "451 4.3.0 later"),
    ],
)
async def test_n10_a_deferred_mail_comes_again_in_its_time(post: Post, stage: str, step: Step) -> None:
    row = mail()
    await post.add(row)
    post.sink.answer(stage, step)
    async with post.running() as delivery:
        deferred = await post.until_state(row, OutboxState.QUEUED)
        assert deferred.next_at == NOW + MINUTE
        post.now += MINUTE
        delivery.wake()
        await post.until_state(row, OutboxState.SENT, attempts=2)
    assert len(post.sink.mails) == 1
    assert [attempt.outcome for attempt in await post.attempts(row)] == ["deferred", "sent"]
    assert post.desk.told == [("delivered", row.id)]


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DOT"])
async def test_n10_a_refused_mail_is_not_tried_again_and_the_desk_is_told(post: Post, stage: str) -> None:
    row = mail()
    await post.add(row)
    post.sink.answer(stage, "550 5.1.1 no")
    async with post.running():
        failed = await post.until_state(row, OutboxState.FAILED)
        async with post.database.read() as session:
            [letter, _] = await outbox.listing(session)
        await post.until_state(letter, OutboxState.SENT)  # what the desk wrote about it leaves at once
    assert failed.reply == "550 5.1.1 no"
    assert post.desk.told == [("failed", row.id), ("delivered", letter.id)]


async def test_a_mail_whose_life_is_over_fails(post: Post) -> None:
    row = mail(expires_at=NOW + MINUTE / 2)
    await post.add(row)
    post.sink.answer("RCPT", "450 4.2.1 greylisted")
    async with post.running() as delivery:
        await post.until_state(row, OutboxState.QUEUED)
        post.now += MINUTE
        delivery.wake()
        failed = await post.until_state(row, OutboxState.FAILED)
        await post.sink.wait_for("DOT")  # the desk's letter about it
    assert failed.reply == "450 4.2.1 greylisted"
    assert post.desk.told[0] == ("failed", row.id)
    assert post.sink.count("RCPT") == 2


async def test_the_desk_is_told_once_of_a_mail_that_is_late(post: Post) -> None:
    row = mail()
    await post.add(row)
    post.sink.answer("RCPT", *["450 4.2.1 greylisted"] * 3)
    async with post.running():
        await post.until_state(row, OutboxState.QUEUED)
    for _ in range(2):
        post.now += 5 * HOUR
        async with post.running():
            await post.until(row, lambda found: found.warned_at is not None)
    assert post.desk.told[0] == ("late 5", row.id)
    assert [what for what, _ in post.desk.told].count("late 10") == 0


async def test_n24_while_the_login_is_refused_mails_wait_and_do_not_age(post: Post) -> None:
    rows = [mail(), mail()]
    await post.add(rows[0])
    post.sink.answer("MAIL", "530 5.7.0 log in")
    async with post.running() as delivery:
        held = await post.until_state(rows[0], OutboxState.QUEUED)
        assert held.next_at == NOW + SETTINGS.hold
        assert held.expires_at == rows[0].expires_at + SETTINGS.hold
        await post.add(rows[1])
        delivery.wake()
        await asyncio.sleep(0.2)
        assert (await post.get(rows[1])).attempts == 0
    assert post.desk.told == []


async def test_many_mails_go_out_once_each_through_few_connections(post: Post) -> None:
    rows = [mail() for _ in range(60)]
    await post.add(*rows)
    async with post.running("one"), post.running("two"):
        for row in rows:
            await post.until_state(row, OutboxState.SENT)
    ids = [message_from_bytes(sunk.data)["Message-ID"] for sunk in post.sink.mails]
    assert sorted(ids) == sorted(row.message_id for row in rows)
    assert post.sink.connections <= 2 * SETTINGS.slots


async def test_mails_that_hang_do_not_stop_the_others(post: Post) -> None:
    hanging, others = [mail() for _ in range(7)], [mail() for _ in range(9)]
    post.sink.answer("DOT", *[Fault.SILENT] * len(hanging))
    post.smarthost.timeouts = replace(post.smarthost.timeouts, dot=60)
    await post.add(*hanging)
    async with post.running() as delivery:
        await post.sink.wait_for("DOT", len(hanging))
        await post.add(*others)
        delivery.wake()
        for row in others:
            await post.until_state(row, OutboxState.SENT)
        await delivery.stop(limit=0)
    for row in hanging:
        assert (await post.get(row)).state is OutboxState.UNCERTAIN


async def test_a_mail_that_cannot_be_composed_fails_alone(post: Post) -> None:
    bad, good = mail(to_address="x@example.jp, y@example.jp"), mail()
    await post.add(bad, good)
    async with post.running():
        await post.until_state(bad, OutboxState.FAILED)
        await post.until_state(good, OutboxState.SENT)
    assert all("y@example.jp" not in sunk.rcpt for sunk in post.sink.mails)


async def test_n21_an_address_that_needs_smtputf8_fails_where_it_is_not_offered(post: Post) -> None:
    row = mail(to_address="山田@example.jp")
    await post.add(row)
    async with post.running():
        failed = await post.until_state(row, OutboxState.FAILED)
    assert failed.reply is not None and failed.reply.startswith("5.6.7")


async def test_attachments_and_a_raw_mail_are_sent_along(post: Post) -> None:
    content, raw = b"\x89PNG" * 400_000, b"Subject: unreadable\r\n\r\n\xff\xfe\r\n"
    async with post.database.write() as session:
        session.add(Store(id=1, name="testshop", title="x", created_at=NOW))
        await session.flush()
        session.add(Customer(id=1, store_id=1, address="x@example.jp", address_key="x@example.jp", created_at=NOW))
        await session.flush()
        session.add(
            Inquiry(
                number=1,
                store_id=1,
                customer_id=1,
                origin=Origin.DIRECT,
                nonce="0" * 16,
                created_at=NOW,
                received_at=NOW,
            )
        )
        await session.flush()
        session.add(Message(id=1, inquiry_number=1, direction=Direction.OUT, author=Author.SELLER, at=NOW))
        await session.flush()
        await messages.add_files(session, 1, [("見積書.png", "image/png", "0" * 64, content)])
        arrival = Arrival("2" * 18, "", (), NOW, "192.0.2.1", "", False, False, False, len(raw), (raw,))
        await received.insert_many(session, [arrival])
    rows = [mail(attachments_of=1), mail(raw_of="2" * 18), mail(raw_of="3" * 18)]
    await post.add(*rows)
    async with post.running():
        for row in rows:
            await post.until_state(row, OutboxState.SENT)
    found = {}
    for sunk in post.sink.mails:
        parsed = message_from_bytes(sunk.data)
        files = [(part.get_filename(), part.get_payload(decode=True)) for part in parsed.walk() if part.get_filename()]
        found[parsed["Message-ID"]] = files
    assert found[rows[0].message_id] == [("見積書.png", content)]
    assert found[rows[1].message_id] == [("2" * 18 + ".eml", raw)]
    assert found[rows[2].message_id] == []
