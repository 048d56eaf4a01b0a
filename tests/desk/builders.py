"""Small mails and situations for the desk's pure functions."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gateway.desk.situation import Candidate, Incoming, Situation
from gateway.mail.addresses import Address, InquiryAddress, StoreAddress
from gateway.mail.values import Mail, Mailbox
from gateway.store.answers import Answer
from gateway.store.states import Author, Direction, InquiryStatus, Origin
from gateway.store.tables import Customer, Inquiry, Message, Outbox, Seller, Store

NOW = datetime(2026, 11, 20, 5, 3, tzinfo=UTC)
CUSTOMER = "hanako@customer.example"
SELLER = "suzuki@shop.example"
TO_CUSTOMER_SIDE = InquiryAddress(1042, "c", "x" * 24)
TO_SELLER_SIDE = InquiryAddress(1042, "s", "x" * 24)
TO_STORE = StoreAddress("testshop")


def mail(text: str = "いつ発送されますか。", sender: str = CUSTOMER, **fields: Any) -> Mail:
    values: dict[str, Any] = {
        "message_id": "<m1@customer.example>",
        "subject": "テスト2",
        "from_": (Mailbox("山田", sender),),
        "to": (),
        "cc": (),
        "date": NOW,
        "in_reply_to": (),
        "references": (),
        "charset": "utf-8",
        "text": text,
        "attachments": (),
        "machine": None,
        "auto_submitted": False,
        "language": "ja",
        "authenticated": True,
    }
    return Mail(**(values | fields))


def incoming(address: Address, **fields: Any) -> Incoming:
    outer = {name: fields.pop(name) for name in ("sent", "bounce", "mail_from") if name in fields}
    understood = mail(**fields)
    values: dict[str, Any] = {"mail_from": understood.from_[0].address if understood.from_ else ""}
    return Incoming("id", NOW, recipient="to@q.example.jp", address=address, mail=understood, **(values | outer))


def inquiry(**fields: Any) -> Inquiry:
    values: dict[str, Any] = {
        "number": 1042,
        "store_id": 1,
        "customer_id": 1,
        "origin": Origin.DIRECT,
        "title": "テスト2",
        "nonce": "n",
        "created_at": NOW,
        "received_at": NOW,
    }
    return Inquiry(**(values | fields))


def customer(**fields: Any) -> Customer:
    values: dict[str, Any] = {"id": 1, "store_id": 1, "address": CUSTOMER, "address_key": CUSTOMER, "name": "山田"}
    return Customer(**(values | fields), created_at=NOW)


def seller(address: str = SELLER, number: int = 1) -> Seller:
    return Seller(id=number, store_id=1, address=address, name="鈴木", created_at=NOW)


def store(**fields: Any) -> Store:
    return Store(id=1, name="testshop", title="テストショップ", created_at=NOW, **fields)


def situation(**fields: Any) -> Situation:
    base = Situation(now=NOW, store=store(), sellers=(seller(),), named=Candidate(inquiry(), customer()))
    return replace(base, **fields)


def entry(direction: Direction = Direction.IN, author: Author = Author.CUSTOMER, **fields: Any) -> Message:
    return Message(inquiry_number=1042, direction=direction, author=author, at=NOW, **fields)


def answer(**fields: Any) -> Answer:
    """A seller's answer that waits in the outbox."""
    ours = "q1042-c-x@q.example.jp"
    row = Outbox(
        id="a1", cause="message:7", kind="answer", message_id=f"<{ours}>", to_address=CUSTOMER, from_address=ours
    )
    return entry(Direction.OUT, Author.SELLER, **({"id": 7, "text": "明日発送します。", "seller_id": 1} | fields)), row


def done(**fields: Any) -> Inquiry:
    return inquiry(status=InquiryStatus.DONE, closed_at=NOW, **fields)
