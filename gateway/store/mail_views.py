"""Where is my mail: a received mail with what became of it and what was sent because of it, ready for JSON."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store import rule_decisions
from gateway.store.inquiry_views import NO_STORE, iso
from gateway.store.messages import cause_of
from gateway.store.outbox_views import view as outbox_view
from gateway.store.reported import reported
from gateway.store.rule_tables import RuleDecision
from gateway.store.tables import Draft, Inquiry, Message, Outbox, Received, ReceivedChunk, Store


async def listing(session: AsyncSession, mails: Sequence[Received]) -> list[dict[str, Any]]:
    """The mails in the given order; times in the zone of the store that each concerns."""
    zones = await _zones(session, mails)
    return [_view(mail, zones[mail.queue_id]) for mail in mails]


async def shown(session: AsyncSession, mail: Received) -> dict[str, Any]:
    """One mail on one screen: how it came, what each recipient's copy became, and what we sent because of it."""
    zone = (await _zones(session, [mail]))[mail.queue_id]
    sent = await _sent_because_of(session, mail)
    by_report = await reported(session, sent)
    return {
        **_view(mail, zone),
        "client": {
            "address": mail.remote_address,
            "helo": mail.helo,
            "tls": mail.tls,
            "trusted_relay": mail.trusted_relay,
        },
        "authentication": mail.authentication or None,
        "kept": await _is_kept(session, mail.queue_id),
        "rules": [_decision(decision) for decision in await rule_decisions.about(session, mail.queue_id)],
        "outbox": [outbox_view(letter, zone, reported=letter.id in by_report) for letter in sent],
    }


async def _is_kept(session: AsyncSession, queue_id: str) -> bool:
    """Whether its octets still are."""
    query = select(ReceivedChunk.seq).where(ReceivedChunk.queue_id == queue_id).limit(1)
    return (await session.exec(query)).first() is not None


def _decision(decision: RuleDecision) -> dict[str, Any]:
    return {
        "inquiry": decision.inquiry_number,
        "outcome": decision.outcome.value,
        "rule": decision.rule,
        "words": decision.words,
        "withheld": decision.withheld,
        "version": decision.version,
    }


def _view(mail: Received, zone: str) -> dict[str, Any]:
    return {
        "id": mail.queue_id,
        "state": mail.state.value,
        "received_at": iso(mail.received_at, zone),
        "mail_from": mail.mail_from,
        "rcpt_to": mail.rcpt_to,
        "from": mail.header_from,
        "message_id": mail.message_id,
        "size": mail.size,
        "attempts": mail.attempts,
        "outcome": mail.outcome,
        "error": mail.error,
    }


async def _zones(session: AsyncSession, mails: Sequence[Received]) -> dict[str, str]:
    """By queue id: the zone of the inquiry that the mail came to, else of the store that it names."""
    numbers = {account["inquiry"] for mail in mails for account in mail.outcome if account.get("inquiry")}
    named = {address.partition("@")[0].partition("+")[0].lower() for mail in mails for address in mail.rcpt_to}
    of_inquiry = select(Inquiry.number, Store.timezone).join(Store, col(Store.id) == col(Inquiry.store_id))
    inquiries = dict((await session.exec(of_inquiry.where(col(Inquiry.number).in_(numbers)))).all())
    of_store = select(Store.name, Store.timezone).where(col(Store.name).in_(named))
    stores = dict((await session.exec(of_store)).all())
    return {mail.queue_id: _zone(mail, inquiries, stores) for mail in mails}


def _zone(mail: Received, inquiries: dict[int | None, str], stores: dict[str, str]) -> str:
    by_inquiry = [inquiries.get(account.get("inquiry")) for account in mail.outcome]
    by_name = [stores.get(address.partition("@")[0].partition("+")[0].lower()) for address in mail.rcpt_to]
    return next((zone for zone in [*by_inquiry, *by_name] if zone), NO_STORE)


async def _sent_because_of(session: AsyncSession, mail: Received) -> list[Outbox]:
    """What the mail itself, its thread entries and its drafts caused, and the receipts of its answers; in order."""
    messages = list((await session.exec(select(Message.id).where(Message.received_id == mail.queue_id))).all())
    drafts = (await session.exec(select(Draft.id).where(col(Draft.message_id).in_(messages)))).all()
    causes = [f"mail:{mail.queue_id}", *(cause_of(mail.queue_id, account.get("inquiry")) for account in mail.outcome)]
    causes += [*(f"message:{key}" for key in messages), *(f"draft:{key}" for key in drafts)]
    letters = list((await session.exec(select(Outbox).where(col(Outbox.cause).in_(causes)))).all())
    receipts = select(Outbox).where(col(Outbox.cause).in_([f"answer:{letter.id}" for letter in letters]))
    return sorted([*letters, *(await session.exec(receipts)).all()], key=lambda letter: letter.id)
