"""A day of mail through the worker, without the network: bytes in, thread and outbox out, on both databases."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from gateway.desk.failures import answer_failed
from gateway.ids import new_id
from gateway.mail.body import TEXT_LIMIT
from gateway.store import ledger, mail_views
from gateway.store import received as received_rows
from gateway.store.database import Database
from gateway.store.states import InquiryStatus, OutboxState, ReceivedState
from gateway.store.tables import Outbox, Received, ReceivedChunk, Staff
from gateway.worker.handle import understand
from gateway.worker.loop import LEASE
from tests.worker.hands import COLLEAGUE, CUSTOMER, DOMAIN, NOW, SELLER, Desk, open_shop, shop


@pytest.fixture
async def desk(database: Database) -> Desk:
    await open_shop(database)
    return Desk(database)


async def test_question_answer_and_thanks_stay_in_one_thread(desk: Desk) -> None:
    first = await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop(), Message_ID="<m1@customer.example>")
    assert first.state is ReceivedState.DONE
    told = await desk.sent("notification")
    assert {row.to_address for row in told} == {SELLER, COLLEAGUE}
    assert told[0].subject == "Re: question [Q-1]"
    assert CUSTOMER not in told[0].text + (told[0].html or "") + told[0].from_name
    await desk.gets("#処理中\n確認します。", sender=SELLER, to=told[0].from_address)
    (answer,) = await desk.sent("answer")
    assert answer.to_address == CUSTOMER
    assert answer.in_reply_to == "<m1@customer.example>"
    assert answer.references == ["<m1@customer.example>"]
    assert "確認します。" in answer.text
    assert "#処理中" not in answer.text
    assert "shop.example" not in answer.text + answer.from_address + answer.message_id
    assert (await desk.inquiry()).status is InquiryStatus.IN_PROGRESS
    (copy,) = await desk.sent("copy")
    assert copy.to_address == COLLEAGUE
    (receipt,) = await desk.sent("receipt")
    assert receipt.state is OutboxState.HELD
    await desk.gets("お願いします。", sender=CUSTOMER, to=answer.from_address, authenticated=False)
    assert (await desk.inquiry()).status is InquiryStatus.UNANSWERED
    second = (await desk.sent("notification", SELLER))[1]
    assert second.references[0] == (await desk.sent("notification", SELLER))[0].message_id
    assert "確認します。" in second.text


async def test_an_unauthenticated_reply_is_held_and_its_confirmation_works_once(desk: Desk) -> None:
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    told = (await desk.sent("notification", SELLER))[0]
    await desk.gets("明日です。", sender=SELLER, to=told.from_address, authenticated=False)
    assert await desk.sent("answer") == []
    (asked,) = await desk.sent("confirmation")
    assert asked.to_address == SELLER
    button = next(line for line in asked.text.splitlines() if "mailto:" in line).partition("mailto:")[2]
    await desk.gets("", sender=SELLER, to=button, authenticated=False)
    (answer,) = await desk.sent("answer")
    assert "明日です。" in answer.text
    await desk.gets("again", sender=SELLER, to=button, authenticated=False)
    assert len(await desk.sent("answer")) == 1
    assert (await desk.inquiry()).status is InquiryStatus.DONE


async def test_a_confirmation_in_two_spellings_of_its_address_is_one(desk: Desk) -> None:
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    told = (await desk.sent("notification", SELLER))[0]
    await desk.gets("明日です。", sender=SELLER, to=told.from_address, authenticated=False)
    button = (await desk.sent("confirmation"))[0].text.partition("mailto:")[2].split()[0]
    await desk.gets_raw(
        b"From: suzuki@shop.example\r\n\r\n", sender=SELLER, to=(button, button.replace("send", "SEND"))
    )
    assert len(await desk.sent("answer")) == 1


async def test_an_answer_to_the_marketplaces_staff_continues_their_thread(desk: Desk) -> None:
    async with desk.database.write() as session:
        session.add(Staff(address="cs@market.example", created_at=NOW))
    await desk.gets(
        "至急です。", sender="cs@market.example", to=f"testshop+staff@{DOMAIN}", Message_ID="<s1@market.example>"
    )
    told = (await desk.sent("notification", SELLER))[0]
    await desk.gets("承知しました。", sender=SELLER, to=told.from_address)
    (answer,) = await desk.sent("answer")
    assert (answer.in_reply_to, answer.references) == ("<s1@market.example>", ["<s1@market.example>"])
    assert "> 至急です。" in answer.text


async def test_a_signed_address_above_a_sellers_quotation_does_not_reach_the_customer(desk: Desk) -> None:
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    told = (await desk.sent("notification", SELLER))[0]
    await desk.gets(
        f"明日です。\n\n山田さん {told.from_address} の発言:\n「いつ」", sender=SELLER, to=told.from_address
    )
    (answer,) = await desk.sent("answer")
    assert "明日です。" in answer.text
    assert told.from_address not in answer.text + (answer.html or "")


@pytest.mark.parametrize(
    "reply",
    [
        "550 5.1.1 <hanako@customer.example>: user Hanako unknown",
        "550 relayed to h.yamada@inner.customer.example: full",
        "550 HANAKO@CUSTOMER.EXAMPLE... User unknown",
    ],
)
async def test_a_servers_own_spelling_of_the_customers_address_is_not_shown_to_the_seller(
    desk: Desk, reply: str
) -> None:
    await desk.gets("いつ発送されますか。", sender="Hanako@customer.example", to=shop())
    told = (await desk.sent("notification", SELLER))[0]
    await desk.gets("明日です。", sender=SELLER, to=told.from_address)
    (answer,) = await desk.sent("answer")
    async with desk.database.write() as session:
        await answer_failed(session, desk.worker.office, answer, reply, NOW)
    failure = (await desk.sent("failure_text", SELLER))[0]
    assert "550" in failure.text
    assert not any(word in failure.text.lower() for word in ("hanako", "yamada", "customer.example"))


async def test_a_sellers_mail_to_two_inquiries_is_returned_for_each(desk: Desk) -> None:
    for customer in (CUSTOMER, "jiro@customer.example"):
        await desk.gets("いつ発送されますか。", sender=customer, to=shop())
    both = tuple(told.from_address for told in await desk.sent("notification", SELLER))
    verdict = b"Authentication-Results: mx.example.jp; dmarc=pass header.from=shop.example\r\n"
    row = await desk.gets_raw(verdict + b"From: suzuki@shop.example\r\n\r\n", sender=SELLER, to=both)
    assert [account["result"] for account in row.outcome] == ["returned", "returned"]
    assert [letter.inquiry_number for letter in await desk.sent("returned")] == [1, 2]
    async with desk.database.read() as session:
        assert len((await mail_views.shown(session, row))["outbox"]) == 2


async def test_a_damaged_raw_mail_keeps_nobody_waiting(desk: Desk) -> None:
    bad, good = (
        received_rows.Arrival(new_id(), CUSTOMER, (shop(),), NOW, "127.0.0.1", "h", True, False, False, 9, (octets,))
        for octets in (b"Subject: a\r\n\r\n", b"Subject: b\r\n\r\n")
    )
    async with desk.database.write() as session:
        await received_rows.insert_many(session, [bad, good])
        await session.exec(update(ReceivedChunk).where(col(ReceivedChunk.queue_id) == bad.queue_id).values(data=b"?"))
    while await desk.worker.work():
        pass
    async with desk.database.read() as session:
        rows = [await session.get(Received, arrival.queue_id) for arrival in (bad, good)]
    assert [row and row.state for row in rows] == [ReceivedState.SET_ASIDE, ReceivedState.DONE]


async def test_a_failed_mail_whose_lease_ran_out_does_not_end_the_worker(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outlasts_its_lease(*_: object) -> None:
        desk.worker.name = "somebody else took it"
        raise ValueError

    monkeypatch.setattr("gateway.worker.loop.understand", outlasts_its_lease)
    arrival = received_rows.Arrival(
        new_id(), CUSTOMER, (shop(),), NOW, "127.0.0.1", "h", True, False, False, 9, (b"Subject: a\r\n\r\n",)
    )
    async with desk.database.write() as session:
        await received_rows.insert_many(session, [arrival])
    assert await desk.worker.work()


async def test_t20_a_batch_that_takes_longer_than_its_lease_stays_its_workers(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[datetime] = []

    async def renew(_session: object, worker: str, until: datetime) -> None:
        assert worker == desk.worker.name
        held.append(until)

    monkeypatch.setattr("gateway.worker.loop.RENEWED_AFTER", -1.0)  # every mail takes that long
    monkeypatch.setattr(received_rows, "renew", renew)
    arrivals = [
        received_rows.Arrival(new_id(), CUSTOMER, (shop(),), NOW, "127.0.0.1", "h", True, False, False, 9, (octets,))
        for octets in (b"Subject: a\r\n\r\n", b"Subject: b\r\n\r\n")
    ]
    async with desk.database.write() as session:
        await received_rows.insert_many(session, arrivals)
    assert await desk.worker.work()
    assert held == [desk.now + LEASE] * 2


async def test_a_mail_that_not_even_a_stand_in_can_be_made_for_has_its_account(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("gateway.worker.loop.understand", explode)
    monkeypatch.setattr("gateway.worker.handle.decide_unreadable", explode)
    row = await desk.gets_raw(b"Subject: a\r\n\r\n", sender=CUSTOMER, to=f"testshop@{DOMAIN.upper()}")
    assert row.state is ReceivedState.SET_ASIDE
    async with desk.database.read() as session:
        assert (await ledger.check(session)).problems == []


async def test_the_same_mail_again_is_a_duplicate_and_another_body_is_not(desk: Desk) -> None:
    for text, state in (("一", ReceivedState.DONE), ("一", ReceivedState.DUPLICATE), ("二", ReceivedState.DONE)):
        row = await desk.gets(text, sender=CUSTOMER, to=shop(), Message_ID="<same@customer.example>")
        assert row.state is state


async def test_a_poison_mail_is_set_aside_with_its_bytes_and_replayed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object, **__: object) -> object:
        raise RecursionError("secret words of the mail")

    with monkeypatch.context() as broken:
        broken.setattr("gateway.worker.loop.understand", explode)
        row = await desk.gets("読めない", sender=CUSTOMER, to=shop(), Subject="hello")
    assert row.state is ReceivedState.SET_ASIDE
    assert "secret" not in (row.error or "")
    (told,) = await desk.sent("notification", SELLER)
    assert told.raw_of == row.queue_id
    async with desk.database.write() as session:
        assert await received_rows.replay(session, row.queue_id)
    while await desk.worker.work():
        pass
    thread = await desk.thread()
    assert [message.text for message in thread][1] == "読めない"
    assert (await desk.inquiry(1)).status is InquiryStatus.DONE
    assert (await desk.inquiry(2)).status is InquiryStatus.UNANSWERED


async def test_a_poison_mail_takes_no_neighbour_with_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., object] = understand

    def picky(received: Received, raw: bytes, authserv_id: str | None) -> object:
        if b"poison" in raw:
            raise ValueError
        return real(received, raw, authserv_id)

    monkeypatch.setattr("gateway.worker.loop.understand", picky)
    arrivals = []
    for text in ("one", "poison", "three"):
        raw = f"From: {CUSTOMER}\r\nMessage-ID: <{text}@customer.example>\r\n\r\n{text}\r\n".encode()
        arrivals.append(
            received_rows.Arrival(new_id(), CUSTOMER, (shop(),), NOW, "::1", "h", True, False, False, len(raw), (raw,))
        )
    async with desk.database.write() as session:
        await received_rows.insert_many(session, arrivals)
    while await desk.worker.work():
        pass
    async with desk.database.read() as session:
        states = [row.state for row in (await session.exec(select(Received).order_by(col(Received.queue_id)))).all()]
    assert sorted(states) == [ReceivedState.DONE, ReceivedState.DONE, ReceivedState.SET_ASIDE]


async def test_postmaster_mail_goes_to_the_operator_as_it_came(desk: Desk) -> None:
    row = await desk.gets("spam report", sender="x@other.example", to=f"postmaster@{DOMAIN}")
    (passed,) = await desk.sent("operator")
    assert (passed.to_address, passed.raw_of, passed.mail_from) == ("ops@example.jp", row.queue_id, "")


async def test_a_bounce_of_the_newest_answer_tells_the_sellers_and_reopens(desk: Desk) -> None:
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    told = (await desk.sent("notification", SELLER))[0]
    await desk.gets("明日です。", sender=SELLER, to=told.from_address)
    (answer,) = await desk.sent("answer")
    async with desk.database.write() as session:
        row = await session.get(Outbox, answer.id)
        assert row is not None
        row.prior_state, row.state = OutboxState.QUEUED, OutboxState.SENDING
        await session.flush()
        row.prior_state, row.state, row.sent_at = OutboxState.SENDING, OutboxState.SENT, NOW
    report = (
        "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n\r\nsorry\r\n"
        "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {CUSTOMER}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; 550 5.1.1 <{CUSTOMER}> unknown\r\n\r\n--x--\r\n"
    )
    await desk.gets_raw(report.encode(), sender="", to=answer.mail_from)
    assert (await desk.inquiry()).status is InquiryStatus.UNANSWERED
    failures = await desk.sent("failure_text")
    assert {row.to_address for row in failures} == {SELLER, COLLEAGUE}
    assert "明日です。" in failures[0].text
    assert CUSTOMER not in failures[0].text
    (receipt,) = await desk.sent("receipt")
    assert receipt.state is OutboxState.HELD  # the operator may have the answer sent again


async def test_a_japanese_attachment_is_passed_on_both_ways(desk: Desk) -> None:
    raw = (
        (
            f"Authentication-Results: mx.example.jp; dmarc=pass header.from=customer.example\r\nFrom: {CUSTOMER}\r\n"
            "Subject: =?ISO-2022-JP?B?GyRCPEw/PxsoQg==?=\r\nMessage-ID: <a@customer.example>\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n"
        ).encode()
        + "写真です。".encode("iso-2022-jp")
        + (
            b"\r\n--b\r\nContent-Type: image/png; name*=UTF-8''%E5%86%99%E7%9C%9F.png\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--b--\r\n"
        )
    )
    await desk.gets_raw(raw, sender=CUSTOMER, to=shop())
    told = (await desk.sent("notification", SELLER))[0]
    assert told.subject == "写真 [Q-1]"
    assert "写真です。" in told.text
    assert told.attachments_of == (await desk.thread())[0].id
    assert "写真.png" in told.text


async def test_of_a_text_too_long_to_show_the_seller_has_the_beginning_and_the_mail_as_it_came(desk: Desk) -> None:
    received = await desk.gets("送料を教えてください。\n" * (TEXT_LIMIT // 20), sender=CUSTOMER, to=shop())
    (entry,) = await desk.thread()
    assert entry.text.startswith("送料を教えてください。")
    assert len(entry.text.encode()) < TEXT_LIMIT
    for told in await desk.sent("notification"):
        assert told.raw_of == received.queue_id
        assert told.text.startswith("【長文のため")
