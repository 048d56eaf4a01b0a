"""The one mail at hand while its effects become rows: its inquiry, its entry in the thread, its history."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import attachments, letters
from gateway.desk.effects import AddMessage, OpenInquiry
from gateway.desk.file_limits import passed
from gateway.desk.load import sellers_of
from gateway.desk.post import INFORMATION, Office
from gateway.desk.privacy import UNVERIFIED_STAFF
from gateway.desk.proof import lacks_its_proof
from gateway.desk.publicity import TOLD
from gateway.desk.situation import Incoming, Situation
from gateway.ids import new_nonce
from gateway.mail.addresses import address_key
from gateway.mail.dangerous import made_harmless
from gateway.mail.files import name_without_address
from gateway.mail.values import AttachedFile
from gateway.store import inquiries, messages
from gateway.store.states import Author, Direction, InquiryStatus, Origin
from gateway.store.tables import Customer, History, Inquiry, Message, Seller, Store
from gateway.texts import Texts


@dataclass
class Work:
    """One decision in the making, inside one savepoint."""

    session: AsyncSession
    office: Office
    incoming: Incoming
    situation: Situation
    now: datetime
    inquiry: Inquiry | None = None
    customer: Customer | None = None
    opened: bool = False  # the inquiry is new
    entry: Message | None = None  # the customer's or seller's own, made last
    files: tuple[str, ...] = ()  # the names of what is attached to it
    waits: str | None = None  # why the product's page does not show it yet
    ruled: dict[str, Any] = field(default_factory=dict)  # what the account tells of the rules
    message: int | None = None  # the entry made last, which the account names
    kept: str | None = None  # why the operator, whom it is for, was not told
    results: letters.Results = field(default_factory=dict)  # what the receipt tells of a command, by its name
    results_at: dict[int, letters.Results] = field(default_factory=dict)  # the same by inquiry, where there are several

    async def open_file(self, number: int) -> None:
        row = await inquiries.with_customer(self.session, number)
        if row is None:
            raise AssertionError("a decision names an inquiry that is there")
        self.inquiry, self.customer = row

    async def turn_to(self, situation: Situation) -> None:
        """The next effects are about the inquiry that this situation names: a mail enters each thread once."""
        self.situation, self.opened, self.entry, self.files, self.results = situation, False, None, (), {}
        if situation.named is not None:
            number = situation.named.inquiry.number or 0
            desk = self.incoming.recipient.partition(" ")[0]
            self.incoming = replace(self.incoming, recipient=f"{desk} Q-{number}")
            await self.open_file(number)
            self.file()[0].unread = False
            self.results_at[number] = self.results

    def touch(self, at: datetime) -> None:
        """The other side wrote."""
        inquiry, _ = self.file()
        inquiry.received_at, inquiry.unread = at, inquiry.origin is Origin.MARKETPLACE

    def file(self) -> tuple[Inquiry, Customer]:
        if self.inquiry is None or self.customer is None:
            raise AssertionError("an effect on an inquiry follows its opening")
        return self.inquiry, self.customer

    def history(self, event: str, by: str, why: str, rule: str | None = None) -> None:
        number = self.file()[0].number or 0
        self.session.add(History(inquiry_number=number, at=self.now, event=event, by=by, rule=rule, why=why))

    def added(self) -> Message:
        if self.entry is None:
            raise AssertionError("an effect on an entry follows its making")
        return self.entry

    async def open(self, effect: OpenInquiry) -> None:
        store = self.situation.store
        if store is None or store.id is None:
            raise AssertionError("an inquiry opens at a store")
        language = effect.language or store.language
        self.customer = await inquiries.customer_of(
            self.session,
            Customer(
                store_id=store.id,
                address=effect.customer_address,
                address_key=address_key(effect.customer_address),
                name=effect.customer_name,
                language=language,
                created_at=self.now,
            ),
        )
        self.inquiry = Inquiry(
            store_id=store.id,
            customer_id=self.customer.id or 0,
            origin=effect.origin,
            title=effect.title,
            product_code=effect.product_code,
            order_number=effect.order_number,
            country=effect.country,
            follows=effect.follows,
            nonce=new_nonce(),
            unread=effect.origin is Origin.MARKETPLACE and not effect.by_store,
            created_at=self.now,
            received_at=self.incoming.received_at,
        )
        self.session.add(self.inquiry)
        await self.session.flush()
        self.opened = True
        self.history("opened", "seller" if effect.by_store else "customer", f"by {effect.origin}")

    async def add(self, effect: AddMessage) -> Message:
        inquiry, _ = self.file()
        entry = Message(
            inquiry_number=inquiry.number or 0,
            direction=effect.direction,
            author=Author.STAFF if self._from_staff(effect) else effect.author,
            at=self.incoming.received_at,
            subject=effect.subject,
            text=effect.text,
            quoted=effect.quoted,
            message_id=effect.message_id,
            references=list(effect.references),
            received_id=self.incoming.queue_id,
            recipient=self.incoming.recipient,
            seller_id=effect.seller_id,
            matched_by=effect.matched_by,
            remark=effect.remark,
        )
        self.session.add(entry)
        await self.session.flush()
        names = await self.attach(entry, effect.attachments)
        self.message = entry.id
        self.entry, self.files = entry, tuple(names)
        return entry

    def _from_staff(self, effect: AddMessage) -> bool:
        if effect.remark == UNVERIFIED_STAFF:
            return False
        return effect.direction is Direction.IN and self.file()[0].origin is Origin.MARKETPLACE

    async def attach(self, entry: Message, files: tuple[AttachedFile, ...]) -> list[str]:
        """Keeps the files of an entry, under names that let nothing run them; returns the names of those that go to the
        other side. Of a customer's not all may; a seller's answer with too much was returned before."""
        harmless = [made_harmless(file) for file in files]
        kept = [replace(file, name=name_without_address(file.name)) for file in harmless]
        goes = [True] * len(kept)
        if entry.direction is Direction.IN:
            goes = passed(kept, self.office.file_limits)
        rows = [(file.name, file.type[:255], file.sha256, file.content) for file in kept]
        await messages.add_files(self.session, entry.id or 0, rows, goes)
        return [file.name for file, does in zip(kept, goes, strict=True) if does]

    async def notify(
        self,
        entry: Message,
        files: Sequence[str],
        *,
        sellers: Sequence[Seller] | None = None,
        raw: bool = False,
        notes: Sequence[letters.Note] = (),
        informed: bool = False,
        cause: str | None = None,
    ) -> None:
        """Sends an entry to the sellers, all of the store unless some are named, with `notes` on what rules did; or to
        readers who are only `informed`. A program is not told of its own mail: it would answer (A13)."""
        inquiry, customer = self.file()
        file = await self.office.file(self.session, inquiry, customer, entry.id, new=self.opened)
        file = replace(file, unverified=file.unverified or entry.remark == UNVERIFIED_STAFF)
        notes = [*notes, *attachments.notes(files, await messages.left_out(self.session, entry.id or 0))]
        if self.opened and inquiry.follows is not None:
            notes.append(("notification.follows", {"number": f"Q-{inquiry.follows}"}))
        if await lacks_its_proof(self.session, self.incoming, inquiry, entry):
            notes.insert(0, ("remark.unproved", {}))
        if self.waits in TOLD:
            notes.append((f"public.waits_{self.waits}", {}))
        for seller in sellers if sellers is not None else await sellers_of(self.session, inquiry.store_id):
            if self.incoming.mail.auto_submitted and self.incoming.wrote(seller.address):
                continue
            letter = letters.notification(
                file, entry, files, Texts(seller.language), notes=notes, informed=informed, original=raw
            )
            await self.to_seller(
                file,
                letter,
                INFORMATION if informed else "notification",
                cause or f"message:{entry.id}",
                seller,
                attachments_of=entry.id if files else None,
                raw_of=entry.received_id if raw else None,
            )

    async def set_status(self, status: InquiryStatus, by: str, why: str, rule: str | None = None) -> None:
        inquiry, _ = self.file()
        number = inquiry.number or 0
        if status is not InquiryStatus.UNANSWERED:
            inquiry.remind_at = None  # somebody took care, also where the state is the same again
        if await inquiries.set_status(self.session, number, status, self.now):
            self.history(str(status), by, why, rule)

    def remind(self, at: datetime) -> None:
        """The customer who waits already waits no longer for having written again."""
        inquiry, _ = self.file()
        inquiry.remind_at = min(at, inquiry.remind_at or at)

    def snooze(self, at: datetime | None, by: str) -> None:
        inquiry, _ = self.file()
        inquiry.snoozed_until = at
        self.history("snoozed" if at else "snooze_ended", by, f"until {at:%Y-%m-%d %H:%M} UTC" if at else "done")
        self.results["snooze"] = {"at": at}

    async def registered(self, addresses: tuple[str, ...], store: Store) -> list[Seller]:
        return [seller for seller in await sellers_of(self.session, store.id or 0) if seller.address in addresses]

    async def to_seller(
        self,
        file: letters.File,
        letter: letters.Letter,
        kind: str,
        cause: str,
        seller: Seller,
        *,
        attachments_of: int | None = None,
        raw_of: str | None = None,
        originals: Sequence[str] = (),
        held: bool = False,
        reply_presses: str | None = None,
    ) -> None:
        """Posts to one seller, with an entry's attachments or a mail as it came; `held` until something releases it."""
        await self.office.to_seller(
            self.session,
            self.now,
            file,
            letter,
            kind=kind,
            cause=cause,
            to=seller.address,
            language=seller.language,
            name=seller.name,
            new=self.opened,
            attachments_of=attachments_of,
            raw_of=raw_of,
            originals=originals,
            held=held,
            reply_presses=reply_presses,
        )
