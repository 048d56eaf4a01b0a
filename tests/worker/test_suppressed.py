"""A mail that comes back: its seller is told once, the inquiry is 未回答, and nobody writes on to a dead address."""

import pytest

from gateway.delivery.consequences import tell_outcomes
from gateway.delivery.outcome import Failed
from gateway.desk.outcomes import Outcomes
from gateway.store import attempts, erasure, outbox, outbox_views, suppressions, traces
from gateway.store.database import Database
from gateway.store.states import InquiryStatus, OutboxState
from gateway.store.tables import Outbox, Received
from tests.worker.hands import COLLEAGUE, CUSTOMER, HOUR, NOW, SELLER, Desk, open_shop, shop

DEAD = ("5.1.1", f"550 5.1.1 <{CUSTOMER}>: user unknown")
FULL = ("5.2.2", "552 5.2.2 mailbox full")
ENTRY = (
    "Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {words}\r\n"
)
OPERATOR = "ops@example.jp"


@pytest.fixture
async def desk(database: Database) -> Desk:
    await open_shop(database)
    return Desk(database)


def report(
    status: str, words: str, *, action: str = "failed", address: str = CUSTOMER, about: str = "", number: int = 1
) -> bytes:
    entry = ENTRY.format(address=address, action=action, status=status, words=words) if address else ""
    returned = f"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {about}\r\n\r\n" if about else ""
    return (
        f"From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nMessage-ID: <r{number}@mx.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
        "--x\r\n\r\nsorry\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"{entry}\r\n{returned}--x--\r\n"
    ).encode()


async def answered(desk: Desk, text: str = "明日です。") -> Outbox:
    """The seller's answer, which has left."""
    if not await desk.sent("notification"):
        await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    told = (await desk.sent("notification", SELLER))[-1]
    await desk.gets(text, sender=SELLER, to=told.from_address)
    await desk.delivers()
    return (await desk.sent("answer"))[-1]


async def comes_back(desk: Desk, raw: bytes, to: str) -> Received:
    return await desk.gets_raw(raw, sender="", to=to)


async def claims(desk: Desk) -> list[str]:
    """What delivery would send now, by kind; what it gives up is told to the desk."""
    async with desk.database.write() as session:
        claimed, given_up = await attempts.claim_due(
            session, "d", limit=99, now=desk.now, lease=HOUR, wait=lambda _: HOUR, resend=True
        )
        outcomes = [(row, Failed(None, row.reply or "")) for row in given_up]
        await tell_outcomes(Outcomes(desk.worker.office), session, outcomes, desk.now)
    return [row.kind for row in claimed]


async def is_dead(desk: Desk, address: str) -> bool:
    async with desk.database.read() as session:
        return await suppressions.of(session, address, desk.now) is not None


async def told_of(desk: Desk, row: Outbox) -> tuple[bool, str | None]:
    """Whether a report told what became of it, and which mail that was."""
    async with desk.database.read() as session:
        letter = await session.get_one(Outbox, row.id)
        view = await outbox_views.shown(session, letter, await outbox.attempts_of(session, row.id))
    return view["reported"], view["report"]


async def state(desk: Desk, row: Outbox) -> OutboxState:
    async with desk.database.read() as session:
        found = await session.get(Outbox, row.id)
        assert found is not None
        return found.state


async def test_n35_a_bounce_from_a_dead_address_tells_the_seller_once_and_ends_the_writing(desk: Desk) -> None:
    answer = await answered(desk)
    for number in range(3):
        await comes_back(desk, report(*DEAD, number=number), answer.mail_from)
    assert (await desk.inquiry()).status is InquiryStatus.UNANSWERED
    [told] = await desk.sent("failure_text", SELLER)
    assert "使われていない" in told.text and "明日です。" in told.text and CUSTOMER not in told.text
    assert len(await desk.sent("failure_text", COLLEAGUE)) == 1
    assert await is_dead(desk, CUSTOMER.upper())


async def test_the_mail_whose_words_an_outgoing_mails_reply_is_can_be_found(desk: Desk) -> None:
    answer = await answered(desk)
    assert await told_of(desk, answer) == (False, None)
    await comes_back(desk, report("4.2.2", "452 4.2.2 full", action="delayed"), answer.mail_from)
    first = await comes_back(desk, report(*FULL), answer.mail_from.upper())
    await comes_back(desk, report(*FULL, number=2), answer.mail_from)
    assert await told_of(desk, answer) == (True, first.queue_id)
    desk.now += HOUR
    async with desk.database.write() as session:
        assert await outbox.retry(session, desk.now, [answer.id]) == [answer.id]
    assert await told_of(desk, answer) == (True, first.queue_id)
    await desk.delivers(OutboxState.FAILED)
    assert await told_of(desk, answer) == (False, None)


async def test_what_is_written_to_a_dead_address_comes_back_to_the_seller_at_once(desk: Desk) -> None:
    await comes_back(desk, report(*DEAD), (await answered(desk)).mail_from)
    await claims(desk)
    told = (await desk.sent("notification", SELLER))[-1]
    await desk.gets("もう一度お送りします。", sender=SELLER, to=told.from_address)
    assert "answer" not in await claims(desk)
    again = (await desk.sent("answer"))[-1]
    assert (again.state, again.attempts, again.reply) == (OutboxState.FAILED, 0, suppressions.NOT_SENT)
    assert (await desk.inquiry()).status is InquiryStatus.UNANSWERED
    [_, told] = await desk.sent("failure_text", SELLER)
    assert "もう一度お送りします。" in told.text and "使われていない" in told.text


async def test_who_writes_again_can_be_answered_again(desk: Desk) -> None:
    answer = await answered(desk)
    await comes_back(desk, report(*DEAD), answer.mail_from)
    await desk.gets("届いていますか。", sender=CUSTOMER, to=answer.from_address, authenticated=False)
    assert not await is_dead(desk, CUSTOMER)
    await claims(desk)
    told = (await desk.sent("notification", SELLER))[-1]
    await desk.gets("はい。", sender=SELLER, to=told.from_address)
    assert "answer" in await claims(desk)


async def test_an_absence_notice_is_no_sign_of_life(desk: Desk) -> None:
    answer = await answered(desk)
    await comes_back(desk, report(*DEAD), answer.mail_from)
    notice = f"From: {CUSTOMER}\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n"
    await desk.gets_raw(notice.encode(), sender="", to=answer.from_address)
    assert await is_dead(desk, CUSTOMER)


async def test_a_dead_address_is_tried_again_after_its_time(desk: Desk) -> None:
    await comes_back(desk, report(*DEAD), (await answered(desk)).mail_from)
    desk.now += suppressions.LIFE
    assert not await is_dead(desk, CUSTOMER)
    async with desk.database.write() as session:
        assert await suppressions.forget_old(session, desk.now) == 1
        assert await suppressions.listing(session, NOW) == []


async def test_an_operators_retry_tries_a_dead_address(desk: Desk) -> None:
    answer = await answered(desk)
    await comes_back(desk, report(*DEAD), answer.mail_from)
    async with desk.database.write() as session:
        assert await outbox.retry(session, desk.now, [answer.id]) == [answer.id]
    assert "answer" in await claims(desk)


@pytest.mark.parametrize(
    "raw",
    [
        report(*FULL),
        report("5.0.0", "554 rejected for policy reasons"),
        report("4.4.1", "421 no connection for five days"),
        report(*DEAD, address="another@elsewhere.example"),
    ],
)
async def test_a_failure_that_tells_nothing_of_the_address_is_the_mails_alone(desk: Desk, raw: bytes) -> None:
    answer = await answered(desk)
    await comes_back(desk, raw, answer.mail_from)
    assert await state(desk, answer) is OutboxState.FAILED
    assert len(await desk.sent("failure_text", SELLER)) == 1
    assert not await is_dead(desk, CUSTOMER)
    assert not await is_dead(desk, "another@elsewhere.example")


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
async def test_n35_a_report_of_delay_or_success_changes_nothing(desk: Desk, action: str) -> None:
    answer = await answered(desk)
    await comes_back(desk, report("4.4.7", "451 4.4.7 later", action=action), answer.mail_from)
    assert await state(desk, answer) is OutboxState.SENT
    assert (await desk.inquiry()).status is InquiryStatus.DONE
    assert await desk.sent("failure_text") == []
    assert not await is_dead(desk, CUSTOMER)


async def test_n35_a_bounce_that_names_nobody_is_about_the_mail_whose_address_it_came_to(desk: Desk) -> None:
    answer = await answered(desk)
    await comes_back(desk, report("", "", address=""), answer.mail_from)
    assert await state(desk, answer) is OutboxState.FAILED
    assert not await is_dead(desk, CUSTOMER)


async def test_n35_a_bounce_to_the_author_counts_by_the_message_id_of_that_very_mail(desk: Desk) -> None:
    answer = await answered(desk)
    told = (await desk.sent("notification", SELLER))[0]
    for number, about in enumerate(("", "<x@elsewhere.example>", told.message_id)):
        row = await comes_back(desk, report(*DEAD, about=about, number=number), answer.from_address)
        assert row.outcome[0]["result"] == "recorded"
        assert await state(desk, answer) is OutboxState.SENT
    row = await comes_back(desk, report(*DEAD, about=answer.message_id, number=9), answer.from_address)
    assert row.outcome[0]["matched_by"] == "message_id"
    assert await state(desk, answer) is OutboxState.FAILED
    assert len(await desk.sent("failure_text", SELLER)) == 1
    assert not await is_dead(desk, CUSTOMER)  # all who were sent a copy know the Message-ID: it may be forged


async def test_a14_a_forged_report_about_a_notification_cuts_no_seller_off(desk: Desk) -> None:
    await answered(desk)
    told = (await desk.sent("notification", SELLER))[0]
    forged = report(*DEAD, about=told.message_id, address=SELLER)
    await comes_back(desk, forged, told.from_address)
    assert not await is_dead(desk, SELLER)


async def test_n35_a_report_without_our_address_or_message_id_changes_nothing_of_ours(desk: Desk) -> None:
    answer = await answered(desk)
    await comes_back(desk, report(*DEAD), shop())
    assert await state(desk, answer) is OutboxState.SENT
    assert not await is_dead(desk, CUSTOMER)


async def test_what_came_back_is_not_sent_once_more_to_find_out(desk: Desk) -> None:
    answer = await answered(desk)
    async with desk.database.write() as session:
        row = await session.get(Outbox, answer.id)
        assert row is not None
        row.prior_state, row.state, row.uncertain_attempts = OutboxState.SENDING, OutboxState.UNCERTAIN, 1
    await comes_back(desk, report(*FULL), answer.mail_from)
    assert await state(desk, answer) is OutboxState.FAILED
    assert len(await desk.sent("failure_text", SELLER)) == 1
    assert "answer" not in await claims(desk)


async def test_of_a_sellers_dead_address_the_operator_is_told_once(desk: Desk) -> None:
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    await desk.gets("色は何色ですか。", sender=CUSTOMER, to=shop())
    await desk.delivers()
    first, second = await desk.sent("notification", SELLER)
    for number, notification in enumerate((first, second)):
        raw = report("5.1.1", "550 5.1.1 no such user", address=SELLER, number=number)
        await comes_back(desk, raw, notification.mail_from)
    await desk.gets("サイズは。", sender=CUSTOMER, to=shop())
    assert (await claims(desk)).count("notification") == 1  # the colleague's
    [told] = await desk.sent("operator_dead")
    assert first.id in told.text and SELLER not in told.text
    assert await desk.sent("operator_failed") == []


async def test_the_operator_goes_on_being_told_whatever_a_server_says(desk: Desk) -> None:
    await desk.gets("spam", sender="x@other.example", to=f"postmaster@{shop().partition('@')[2]}")
    [told] = await desk.sent("operator")
    async with desk.database.write() as session:
        await Outcomes(desk.worker.office).failed(session, told, "550 5.1.1 no such user", NOW, dead=True)
    assert not await is_dead(desk, OPERATOR)


async def test_a_dead_address_is_forgotten_with_its_inquiry(desk: Desk) -> None:
    await comes_back(desk, report(*DEAD), (await answered(desk)).mail_from)
    async with desk.database.write() as session:
        await erasure.erase(session, await traces.hanging_on(session, [1]), NOW, "operator", "asked for")
        assert await suppressions.listing(session, NOW) == []


async def test_a_notice_of_delay_that_was_delayed_as_well_is_not_sent_after_the_answer(desk: Desk) -> None:
    """The smarthost was away for hours, and is back."""
    answer = await answered(desk)
    async with desk.database.write() as session:
        row = await session.get(Outbox, answer.id)
        assert row is not None
        row.warned_at = NOW
        outcomes = Outcomes(desk.worker.office)
        await outcomes.late(session, row, 4, NOW)
        await outcomes.delivered(session, row, NOW)
    assert {notice.state for notice in await desk.sent("failure_late")} == {OutboxState.CANCELLED}
