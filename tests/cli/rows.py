"""Rows as a day of mail leaves them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.ids import new_id, new_nonce
from gateway.store.received import Arrival, insert_many
from gateway.store.states import Author, Direction, InquiryStatus, Origin, OutboxState, ReceivedState
from gateway.store.tables import (
    Attachment,
    Blob,
    Customer,
    History,
    Inquiry,
    Message,
    Outbox,
    OutboxAttempt,
    Received,
)

AT = datetime(2026, 11, 20, 5, 3, tzinfo=UTC)  # 14:03 in Japan


async def received(
    session: AsyncSession,
    *,
    sender: str = "yamada@customer.example",
    to: str = "testshop@q.example.jp",
    raw: bytes = b"a\r\n\r\nb",
) -> Received:
    """A mail to the store, as the intake stores it."""
    arrival = Arrival(
        queue_id=new_id(),
        mail_from=sender,
        rcpt_to=(to,),
        received_at=AT,
        remote_address="127.0.0.1",
        helo="mx.example.jp",
        trusted_relay=True,
        smtputf8=False,
        tls=True,
        size=len(raw),
        chunks=(raw,),
    )
    await insert_many(session, [arrival])
    mail = await session.get(Received, arrival.queue_id)
    assert mail is not None
    return mail


async def of_no_store(session: AsyncSession) -> str:
    """A mail to the operator: the queue id."""
    return (await received(session, to="postmaster@q.example.jp")).queue_id


async def inquiry(session: AsyncSession, **changes: Any) -> Inquiry:
    """An inquiry of a customer of the first store."""
    address = f"{new_id()}@customer.example"
    customer = Customer(store_id=1, address=address, address_key=address, name="山田", created_at=AT)
    session.add(customer)
    await session.flush()
    values: dict[str, Any] = {
        "store_id": 1,
        "customer_id": customer.id,
        "origin": Origin.DIRECT,
        "title": "送料について",
        "nonce": new_nonce(),
        "created_at": AT,
        "received_at": AT,
    }
    asked = Inquiry(**values | changes)
    session.add(asked)
    await session.flush()
    return asked


async def question(session: AsyncSession, text: str = "お願いします", **changes: Any) -> Inquiry:
    """An inquiry with the mail that opened it."""
    asked = await inquiry(session, **changes)
    mail = Message(inquiry_number=asked.number or 0, direction=Direction.IN, author=Author.CUSTOMER, at=AT, text=text)
    session.add(mail)
    await session.flush()
    return asked


def letter(kind: str, cause: str, to: str, number: int | None = None, **changes: Any) -> Outbox:
    values: dict[str, Any] = {
        "id": new_id(),
        "cause": cause,
        "kind": kind,
        "store_id": 1,
        "inquiry_number": number,
        "message_id": f"<{new_id()}@q.example.jp>",
        "to_address": to,
        "from_address": "x@q.example.jp",
        "subject": "送料について",
        "text": "本文",
        "date": AT,
        "next_at": AT,
        "expires_at": AT + timedelta(days=5),
    }
    return Outbox(**values | changes)


async def sent(session: AsyncSession, row: Outbox, reply: str = "250 2.0.0 Ok") -> None:
    """The letter was tried once, and taken."""
    session.add(row)
    await session.flush()
    row.prior_state, row.state = OutboxState.QUEUED, OutboxState.SENDING
    await session.flush()
    row.prior_state, row.state = OutboxState.SENDING, OutboxState.SENT
    row.attempts, row.sent_at, row.reply = 1, AT, reply
    session.add(OutboxAttempt(outbox_id=row.id, started_at=AT, finished_at=AT, outcome="sent", code=250, reply=reply))
    await session.flush()


async def conversation(session: AsyncSession) -> tuple[Received, int]:
    """A question with a picture, told to the seller, and the seller's answer, sent: its mail and its number."""
    mail = await received(session)
    asked = await inquiry(session, product_code="X-1", order_number="20261120001")
    number = asked.number or 0
    question = Message(
        inquiry_number=number,
        direction=Direction.IN,
        author=Author.CUSTOMER,
        at=AT,
        subject="送料について",
        text="送料はいくらですか",
        message_id="<q1@customer.example>",
        received_id=mail.queue_id,
        recipient="testshop@q.example.jp",
        matched_by="new",
    )
    session.add(question)
    await session.flush()
    session.add(Blob(sha256="0" * 64, data=b"png"))
    await session.flush()
    session.add(Attachment(message_id=question.id or 0, name="写真.png", type="image/png", size=3, sha256="0" * 64))
    await sent(session, letter("notification", f"message:{question.id}", "a@shop.example", number))
    answer = letter("answer", "message:2", "yamada@customer.example", number)
    await sent(session, answer)
    session.add(
        Message(
            inquiry_number=number,
            direction=Direction.OUT,
            author=Author.SELLER,
            at=AT + timedelta(hours=1),
            subject="Re: 送料について",
            text="500円です",
            outbox_id=answer.id,
        )
    )
    session.add(Message(inquiry_number=number, direction=Direction.INTERNAL, author=Author.SELLER, at=AT, text="メモ"))
    session.add(History(inquiry_number=number, at=AT, event="opened", by="customer", why="by direct"))
    asked.prior_status, asked.status = InquiryStatus.UNANSWERED, InquiryStatus.DONE
    account(mail, "message", message=question.id, inquiry=number, matched_by="new", why="a new question")
    await session.flush()
    return mail, number


def account(mail: Received, result: str, **values: Any) -> None:
    """The mail's final account, for its one recipient."""
    empty = {"message": None, "inquiry": None, "matched_by": None, "why": ""}
    mail.prior_state, mail.state = ReceivedState.RECEIVED, ReceivedState.DONE
    mail.outcome = [{"recipient": mail.rcpt_to[0], "result": result, **empty, **values}]
    mail.message_id, mail.header_from = "<q1@customer.example>", "yamada@customer.example"
