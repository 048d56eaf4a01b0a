"""What the desk does when one of our mails did not arrive: the seller or the operator is told, nothing is hidden."""

import re
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import letters
from gateway.desk.load import sellers_of
from gateway.desk.post import Office
from gateway.mail.addresses import same_address
from gateway.store import answers, inquiries, messages, suppressions
from gateway.store.answers import TO_CUSTOMER
from gateway.store.states import Direction, InquiryStatus
from gateway.store.tables import History, Message, Outbox
from gateway.texts import Texts

NO_ANSWERS = ("hide_notice", "refusal")  # remarks on what went out and answers nothing
OPERATOR_KINDS = (
    "operator",
    "operator_more",
    "operator_failed",
    "operator_dead",
    "operator_uncertain",
    "operator_rules",
)  # their own loss is only logged: no loop

_STATUS = re.compile(r"(?<![\w.-])(?:[245]\d\d|[245]\.\d{1,3}\.\d{1,3})(?![\w.-])")


async def answer_failed(
    session: AsyncSession, office: Office, row: Outbox, reply: str | None, now: datetime, *, dead: bool = False
) -> None:
    """A mail of ours failed for good. An answer: the sellers get its text, and the inquiry is 未回答 again if it was
    the newest; anything else to a seller: the operator is told. Its receipts go on waiting: the operator may send it
    again. To a `dead` address nothing is sent any more."""
    before = await suppressions.of(session, row.to_address, now)
    if dead and not same_address(row.to_address, office.operator):  # who has to learn of it
        await suppressions.add(session, row.to_address, row.id, reply or "", now)
    if row.kind in TO_CUSTOMER and row.inquiry_number is not None:
        newest = await _newest_answer(session, row.inquiry_number) if row.kind in answers.KINDS else None
        is_newest = newest is not None and newest.outbox_id == row.id
        if is_newest:
            await inquiries.set_status(session, row.inquiry_number, InquiryStatus.UNANSWERED, now)
        key = "text" if is_newest else "text_kept"
        await _tell_sellers(session, office, row, key, reply, now, dead=dead or before is not None)
    elif row.kind not in (*OPERATOR_KINDS, "refusal") and before is None:  # else the operator was told
        await _tell_operator(session, office, row, "dead" if dead else "failed", now)


async def answered_after_all(session: AsyncSession, row: Outbox, now: datetime) -> None:
    """An answer that had failed was sent again and has left: what its failure undid is done again, if nothing came
    after it."""
    entry = await answers.of_mail(session, row.id)
    found = await inquiries.with_customer(session, row.inquiry_number or 0)
    if entry is None or entry.status is None or found is None or found[0].status is not InquiryStatus.UNANSWERED:
        return
    number, status = entry.inquiry_number, entry.status
    newest = await messages.thread(session, number, 1)
    if [one.id for one in newest] == [entry.id] and await inquiries.set_status(session, number, status, now):
        session.add(History(inquiry_number=number, at=now, event=str(status), why="delivered after all"))


async def outcome_unknown(session: AsyncSession, office: Office, row: Outbox, now: datetime) -> None:
    """A mail whose outcome stays unknown for good: the sellers are told of an answer, the operator of everything."""
    if row.kind in TO_CUSTOMER and row.inquiry_number is not None:
        await _tell_sellers(session, office, row, "uncertain", None, now)
    if row.kind not in OPERATOR_KINDS:
        await _tell_operator(session, office, row, "uncertain", now)


async def answer_late(session: AsyncSession, office: Office, row: Outbox, hours: int, now: datetime) -> None:
    """An answer has not been delivered for hours; we keep trying."""
    if row.kind in TO_CUSTOMER and row.inquiry_number is not None:
        await _tell_sellers(session, office, row, "late", row.reply, now, hours=hours)


async def _newest_answer(session: AsyncSession, number: int) -> Message | None:
    query = (
        select(Message)
        .where(
            Message.inquiry_number == number,
            Message.direction == Direction.OUT,
            col(Message.remark).is_(None) | col(Message.remark).not_in(NO_ANSWERS),
        )
        .order_by(col(Message.id).desc())
        .limit(1)
    )
    return (await session.exec(query)).first()


async def _tell_sellers(
    session: AsyncSession,
    office: Office,
    row: Outbox,
    key: str,
    reply: str | None,
    now: datetime,
    *,
    hours: int = 0,
    dead: bool = False,
) -> None:
    number = row.inquiry_number or 0
    found = await inquiries.with_customer(session, number)
    if found is None:
        return
    file = await office.file(session, *found, None)
    sent = (await session.exec(select(Message.text).where(Message.outbox_id == row.id))).first() or row.text
    for seller in await sellers_of(session, file.store.id or 0):
        texts = Texts(seller.language)
        letter = letters.failure(file, key, sent, _status_of(reply), texts, hours=hours, dead=dead)
        await office.to_seller(
            session,
            now,
            file,
            letter,
            kind=f"failure_{key}",
            cause=f"answer:{row.id}:{row.attempts}",
            to=seller.address,
            language=seller.language,
            name=seller.name,
        )
    session.add(History(inquiry_number=number, at=now, event=f"delivery_{key}", why=_status_of(reply) or ""))


def _status_of(reply: str | None) -> str | None:
    """Code and enhanced status of a server's reply (RFC 3463). Its words often name the recipient in a spelling that
    no mask foresees, and the seller must not learn the address; the operator sees them all in `outbox show`."""
    return " ".join(_STATUS.findall(reply)[:2]) or None if reply else None


async def _tell_operator(session: AsyncSession, office: Office, row: Outbox, key: str, now: datetime) -> None:
    texts, number = Texts("ja"), row.inquiry_number or 0
    subject = texts(f"operator.{key}_subject", id=row.id)
    text = texts(f"operator.{key}", id=row.id, kind=row.kind, number=number)
    letter = letters.plain(subject, text, "ja")
    await office.to_operator(session, now, letter, kind=f"operator_{key}", cause=f"outbox:{row.id}:{row.attempts}")
