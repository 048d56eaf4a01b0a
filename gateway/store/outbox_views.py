"""Outgoing mails as the contract's JSON shows them: `outbox list` and `outbox show`."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.inquiry_views import NO_STORE, WAITING, iso
from gateway.store.reported import report_of, reported
from gateway.store.tables import Outbox, OutboxAttempt, Store


async def listing(session: AsyncSession, letters: Sequence[Outbox]) -> list[dict[str, Any]]:
    """The mails in the given order; times in the zone of each one's store."""
    zones = await _zones(session, letters)
    by_report = await reported(session, letters)
    return [view(letter, zones.get(letter.store_id, NO_STORE), reported=letter.id in by_report) for letter in letters]


async def shown(session: AsyncSession, letter: Outbox, attempts: Sequence[OutboxAttempt]) -> dict[str, Any]:
    """One outgoing mail with its text, every attempt, and the queue id of the report that told of its failure."""
    zone = (await _zones(session, [letter])).get(letter.store_id, NO_STORE)
    by_report = letter.id in await reported(session, [letter])
    return {
        **view(letter, zone, reported=by_report),
        "report": await report_of(session, letter, attempts) if by_report else None,
        "cause": letter.cause,
        "mail_from": letter.mail_from,
        "expires_at": iso(letter.expires_at, zone),
        "text": letter.text,
        "history": [
            {
                "started_at": iso(attempt.started_at, zone),
                "finished_at": iso(attempt.finished_at, zone),
                "outcome": attempt.outcome,
                "code": attempt.code,
                "reply": attempt.reply,
            }
            for attempt in attempts
        ],
    }


def view(letter: Outbox, zone: str, *, reported: bool) -> dict[str, Any]:
    """One row; `next_at` while there may be a next attempt, `reported` where a delivery report brought `reply`."""
    return {
        "id": letter.id,
        "state": letter.state.value,
        "kind": letter.kind,
        "to": letter.to_address,
        "subject": letter.subject,
        "inquiry": letter.inquiry_number,
        "attempts": letter.attempts,
        "uncertain_attempts": letter.uncertain_attempts,
        "next_at": iso(letter.next_at, zone) if letter.state in WAITING else None,
        "sent_at": iso(letter.sent_at, zone),
        "reply": letter.reply,
        "reported": reported,
        "message_id": letter.message_id,
    }


async def _zones(session: AsyncSession, letters: Sequence[Outbox]) -> dict[int | None, str]:
    ids = {letter.store_id for letter in letters if letter.store_id is not None}
    return dict((await session.exec(select(Store.id, Store.timezone).where(col(Store.id).in_(ids)))).all())
