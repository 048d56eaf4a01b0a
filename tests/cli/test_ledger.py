"""The ledger notices each way in which a mail could get lost, and calls nothing lost that is accounted for."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.rule_tables import RuleDecision
from gateway.store.states import OutboxState, ReceivedState, RuleOutcome
from gateway.store.tables import Message, Outbox, OutboxAttempt, Received, ReceivedChunk, Seller
from tests.cli import rows
from tests.cli.conftest import Cli

Damage = Callable[[AsyncSession, Received], Awaitable[None]]


async def no_account(session: AsyncSession, mail: Received) -> None:
    mail.outcome = []


async def two_accounts(session: AsyncSession, mail: Received) -> None:
    mail.outcome = mail.outcome * 2


async def a_result_without_meaning(session: AsyncSession, mail: Received) -> None:
    rows.account(mail, "lost", why="?")


async def no_reason(session: AsyncSession, mail: Received) -> None:
    rows.account(mail, "recorded")


async def no_entry_of_a_thread(session: AsyncSession, mail: Received) -> None:
    rows.account(mail, "message", why="a new question")


async def an_entry_that_is_not_there(session: AsyncSession, mail: Received) -> None:
    rows.account(mail, "message", message=999, why="a new question")


async def no_notification(session: AsyncSession, mail: Received) -> None:
    letters = select(Outbox.id).where(Outbox.kind == "notification")
    await session.exec(delete(OutboxAttempt).where(col(OutboxAttempt.outbox_id).in_(letters)))
    await session.exec(delete(Outbox).where(col(Outbox.kind) == "notification"))


async def kept_by_a_rule(session: AsyncSession, mail: Received) -> None:
    """As after a thank-you that a rule filed: nobody was notified."""
    await no_notification(session, mail)
    session.add(
        RuleDecision(
            message_id=1,
            inquiry_number=1,
            store_id=1,
            at=rows.AT,
            version="0" * 12,
            outcome=RuleOutcome.FILED,
            rule="thank-you while we still owe an answer",
            prior_status="in_progress",
        )
    )
    await session.flush()


async def a_rules_answer_without_its_mail(session: AsyncSession, mail: Received) -> None:
    await kept_by_a_rule(session, mail)
    (await session.get_one(RuleDecision, 1)).outcome = RuleOutcome.ANSWERED


async def an_answer_that_was_never_posted(session: AsyncSession, mail: Received) -> None:
    answer = (await session.exec(select(Message).where(Message.text == "500円です"))).one()
    answer.received_id, answer.recipient, answer.outbox_id = mail.queue_id, "q1-s-x@q.example.jp", None


async def an_attempt_that_was_not_written(session: AsyncSession, mail: Received) -> None:
    await session.exec(delete(OutboxAttempt))


async def sent_without_a_time(session: AsyncSession, mail: Received) -> None:
    for letter in (await session.exec(select(Outbox))).all():
        letter.sent_at = None


async def raw_gone_too_early(session: AsyncSession, mail: Received) -> None:
    waiting = await rows.received(session)
    await session.exec(delete(ReceivedChunk).where(col(ReceivedChunk.queue_id) == waiting.queue_id))


DAMAGES: list[tuple[Damage, str]] = [
    (no_account, "no account of its copy for testshop@q.example.jp"),
    (two_accounts, "2 accounts of a copy"),
    (a_result_without_meaning, "an account that means nothing: lost"),
    (no_reason, "recorded without an entry of a thread or a reason"),
    (no_entry_of_a_thread, "message without an entry of a thread or a reason"),
    (an_entry_that_is_not_there, "message names entry 999, which is not there"),
    (no_notification, "no seller was told of entry 1 in Q-1"),
    (a_rules_answer_without_its_mail, "the rule's answer to it has no outgoing mail"),
    (an_answer_that_was_never_posted, "has no outgoing mail"),
    (an_attempt_that_was_not_written, "its attempts were not all written"),
    (sent_without_a_time, "sent, but nobody took it"),
    (raw_gone_too_early, "its raw octets are gone before it was understood"),
]


def since_yesterday(cli: Cli) -> None:
    """The seller was there before the mail came."""

    async def work(session: AsyncSession) -> None:
        (await session.exec(select(Seller))).one().created_at = rows.AT - timedelta(days=1)

    cli.write(work)


def test_a_conversation_is_accounted_for(shop: Cli) -> None:
    since_yesterday(shop)
    shop.write(rows.conversation)
    view = shop.json("ledger", "check", "--strict")
    assert view == {
        "ok": True,
        "received": {"done": 1},
        "outcomes": {"message": 1},
        "outbox": {"sent": 2},
        "customer_messages": 1,
        "notifications": 1,
        "kept_by_rules": 0,
        "problems": [],
        "uncertain": [],
    }
    assert "every mail is accounted for" in shop("ledger", "check").stdout


@pytest.mark.parametrize(("damage", "problem"), DAMAGES, ids=lambda value: getattr(value, "__name__", None))
def test_a_loss_is_found(shop: Cli, damage: Damage, problem: str) -> None:
    async def work(session: AsyncSession) -> None:
        mail, _ = await rows.conversation(session)
        await damage(session, mail)

    since_yesterday(shop)
    shop.write(work)
    view = shop.json("ledger", "check", code=1)
    assert problem in " ".join(view["problems"])
    assert problem in shop("ledger", "check", code=1).stdout


def test_what_a_rule_kept_from_the_sellers_is_accounted_for(shop: Cli) -> None:
    async def work(session: AsyncSession) -> None:
        mail, _ = await rows.conversation(session)
        await kept_by_a_rule(session, mail)

    since_yesterday(shop)
    shop.write(work)
    assert shop.json("ledger", "check")["kept_by_rules"] == 1


def test_a_mail_before_the_first_seller_is_told_to_nobody_and_not_lost(shop: Cli) -> None:
    async def work(session: AsyncSession) -> None:
        mail, _ = await rows.conversation(session)
        await no_notification(session, mail)

    shop.write(work)
    assert shop.json("ledger", "check")["ok"]


def test_a_mail_on_its_way_is_counted_and_only_strictly_a_problem(shop: Cli) -> None:
    shop.write(rows.received)
    assert shop.json("ledger", "check")["received"] == {"received": 1}
    assert shop.json("ledger", "check", "--strict", code=1)["problems"] == ["1 mails are not understood yet"]


def test_a_duplicate_and_a_mail_set_aside_have_their_reasons(shop: Cli) -> None:
    async def work(session: AsyncSession) -> None:
        for state, result in ((ReceivedState.DUPLICATE, "duplicate"), (ReceivedState.SET_ASIDE, "unparsed")):
            mail = await rows.received(session)
            rows.account(mail, result, why="said here")
            mail.state = state

    shop.write(work)
    assert shop.json("ledger", "check")["outcomes"] == {"duplicate": 1, "unparsed": 1}


def test_a_mail_that_may_have_arrived_twice_is_named(shop: Cli) -> None:
    async def work(session: AsyncSession) -> str:
        letter = rows.letter("answer", "message:1", "b@customer.example", uncertain_attempts=1)
        await rows.sent(session, letter)
        return letter.message_id

    message_id = shop.write(work)
    [row] = shop.json("ledger", "check")["uncertain"]
    assert (row["message_id"], row["state"], row["uncertain_attempts"]) == (message_id, "sent", 1)
    assert message_id in shop("ledger", "check").stdout


def test_more_mails_than_one_page_are_all_looked_at(shop: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(session: AsyncSession) -> None:
        for _ in range(5):
            rows.account(await rows.received(session), "recorded", why="said here")

    monkeypatch.setattr("gateway.store.ledger.PAGE", 2)
    shop.write(work)
    assert shop.json("ledger", "check")["outcomes"] == {"recorded": 5}


def test_status_counts_and_is_content_with_a_quiet_gateway(keyed: Cli) -> None:
    keyed.write(rows.conversation)
    view = keyed.json("status")
    assert view["received"]["done"] == 1
    assert view["outbox"]["sent"] == 2
    assert view["last_delivery"] == "2026-11-20T05:03:00+00:00"
    assert view["oldest_waiting"] is None
    assert view["attention"] == []
    assert "2 sent" in keyed("status").stdout


def test_status_counts_the_last_thirty_days_and_the_marketplaces_apart_F1(keyed: Cli) -> None:
    async def work(session: AsyncSession) -> None:
        now = datetime.now(UTC)
        await rows.inquiry(session, received_at=now)
        await rows.inquiry(session, received_at=now, origin="marketplace")
        await rows.inquiry(session, received_at=now - timedelta(days=31))

    keyed.write(work)
    view = keyed.json("status")
    assert view["inquiries"] == {"unanswered": 1, "in_progress": 0, "done": 0}
    assert view["marketplace"] == {"unanswered": 1, "in_progress": 0, "done": 0}


def test_status_is_a_no_when_mail_stands_still(keyed: Cli) -> None:
    async def work(session: AsyncSession) -> None:
        await rows.received(session)
        session.add(rows.letter("answer", "message:1", "b@customer.example", state=OutboxState.QUEUED))

    keyed.write(work)
    assert len(keyed.json("status", code=1)["attention"]) == 2
    assert "ATTENTION" in keyed("status", code=1).stdout
