"""Inquiries that a seller answered before a test begins: put into the tables, since the test is about what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.ids import new_id, new_nonce
from gateway.keys import load_keys
from gateway.mail.addresses import normalise_address
from gateway.mail.message_id import new_message_id
from gateway.store.states import Author, Direction, InquiryStatus, Origin, OutboxState
from gateway.store.tables import Customer, Inquiry, Message, Outbox
from tests.integration.house import DOMAIN, House

AGO = timedelta(hours=1)
QUESTION, ANSWER = "色は何色ですか。", "紺です。"


@dataclass(frozen=True)
class Answered:
    """An inquiry that is done: where its customer writes, and the answer that may be answered."""

    number: int
    customer: str
    address: str
    message_id: str
    bounces: str  # the envelope sender of the answer


async def answered(house: House, customers: Sequence[str], store_id: int = 1) -> list[Answered]:
    """One inquiry for each customer of the store."""
    keyring, at = load_keys(house.folder / "keys.toml"), datetime.now(UTC) - AGO
    made = []
    async with house.database.write() as session:
        for written in customers:
            address = normalise_address(written)
            customer = Customer(store_id=store_id, address=address, address_key=address.casefold(), created_at=at)
            session.add(customer)
            await session.flush()
            inquiry = Inquiry(
                store_id=store_id, customer_id=customer.id or 0, status=InquiryStatus.DONE, origin=Origin.DIRECT,
                title="テスト2", nonce=new_nonce(), created_at=at, received_at=at, closed_at=at,
            )  # fmt: skip
            session.add(inquiry)
            await session.flush()
            number, outbox_id = inquiry.number or 0, new_id()
            ours = f"{keyring.inquiry_address(number, inquiry.nonce, 'c')}@{DOMAIN}"
            bounces = f"{keyring.bounce_address(outbox_id)}@{DOMAIN}"
            answer = Answered(number, written, ours, new_message_id(DOMAIN), bounces)
            thread = [
                Message(inquiry_number=number, direction=direction, author=author, at=at, subject="テスト2", text=text)
                for direction, author, text in (
                    (Direction.IN, Author.CUSTOMER, QUESTION), (Direction.OUT, Author.SELLER, ANSWER),
                )
            ]  # fmt: skip
            thread[1].outbox_id, thread[1].message_id = outbox_id, answer.message_id
            sent = Outbox(
                id=outbox_id, cause=f"message:{outbox_id}", kind="answer", state=OutboxState.SENT, store_id=store_id,
                inquiry_number=number, message_id=answer.message_id, mail_from=bounces, to_address=address,
                from_address=ours, subject="Re: テスト2", text=ANSWER, date=at, next_at=at, sent_at=at,
                expires_at=at + timedelta(days=5), attempts=1,
            )  # fmt: skip
            session.add_all([*thread, sent])
            made.append(answer)
    return made
