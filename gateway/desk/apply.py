"""Carries effects out: rows of the thread, the state, the history, and letters into the outbox, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import letters
from gateway.desk.drafts import DRAFT_LIFE, reading_of
from gateway.desk.effects import (
    AddMessage,
    Bounced,
    Decision,
    Effect,
    Help,
    HoldDraft,
    OpenInquiry,
    PassToOperator,
    Receipt,
    Record,
    ReturnDraft,
    SendAnswer,
    SetStatus,
    SettleDraft,
    TouchReceived,
)
from gateway.desk.failures import answer_failed
from gateway.desk.intent import Refusal, intent_of
from gateway.desk.post import Office, last_asked, sellers_of
from gateway.desk.situation import Incoming, Situation
from gateway.ids import new_id, new_nonce
from gateway.mail.values import AttachedFile
from gateway.store import drafts, inquiries, messages, outbox
from gateway.store.states import Author, Direction, DraftState, InquiryStatus, Origin, OutboxState
from gateway.store.tables import Customer, Draft, History, Inquiry, Message, Outbox, Seller, Store
from gateway.texts import Texts, languages


async def apply(
    session: AsyncSession, office: Office, incoming: Incoming, situation: Situation, decision: Decision
) -> dict[str, Any]:
    """Does everything that was decided, in order; returns the account of it for this recipient (for `mail show`)."""
    work = _Work(session, office, incoming, situation, situation.now)
    if decision.inquiry is not None:
        await work.open_file(decision.inquiry)
    for effect in decision.effects:
        await work.do(effect)
    return {
        "recipient": incoming.recipient,
        "result": decision.result,
        "message": work.message,
        "inquiry": work.inquiry.number if work.inquiry else decision.inquiry,
        "matched_by": decision.matched_by,
        "why": decision.why,
    }


@dataclass
class _Work:
    session: AsyncSession
    office: Office
    incoming: Incoming
    situation: Situation
    now: datetime
    inquiry: Inquiry | None = None
    customer: Customer | None = None
    message: int | None = None

    async def open_file(self, number: int) -> None:
        row = await inquiries.with_customer(self.session, number)
        if row is None:
            raise AssertionError("a decision names an inquiry that is there")
        self.inquiry, self.customer = row

    async def do(self, effect: Effect) -> None:
        match effect:
            case OpenInquiry():
                await self._open(effect)
            case AddMessage():
                await self._add(effect)
            case TouchReceived(at):
                self._file()[0].received_at = at
            case SetStatus(status, by, why):
                await self._set_status(status, by, why)
            case SendAnswer():
                await self._answer(effect)
            case Receipt():
                await self._receipt(effect, None, [], None)
            case HoldDraft():
                await self._hold(effect)
            case ReturnDraft():
                await self._return(effect)
            case SettleDraft(draft_id):
                await drafts.settle(self.session, draft_id, DraftState.SENT)
                self._history("draft_confirmed", "seller", draft_id)
            case Help(to):
                await self._help(to)
            case PassToOperator(why):
                await self._to_operator(why)
            case Bounced(outbox_id, diagnostic):
                await self._bounced(outbox_id, diagnostic)
            case Record(event, by, why):
                self._history(event, by, why)

    def _file(self) -> tuple[Inquiry, Customer]:
        if self.inquiry is None or self.customer is None:
            raise AssertionError("an effect on an inquiry follows its opening")
        return self.inquiry, self.customer

    def _history(self, event: str, by: str, why: str) -> None:
        number = self._file()[0].number or 0
        self.session.add(History(inquiry_number=number, at=self.now, event=event, by=by, why=why))

    async def _open(self, effect: OpenInquiry) -> None:
        store = self.situation.store
        if store is None or store.id is None:
            raise AssertionError("an inquiry opens at a store")
        language = effect.language if effect.language in languages() else store.language
        self.customer = await inquiries.customer_of(
            self.session,
            Customer(
                store_id=store.id,
                address=effect.customer_address,
                address_key=effect.customer_address.casefold(),
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
            unread=effect.origin is Origin.MARKETPLACE,
            created_at=self.now,
            received_at=self.incoming.received_at,
        )
        self.session.add(self.inquiry)
        await self.session.flush()
        self._history("opened", "customer", f"by {effect.origin}")

    async def _add(self, effect: AddMessage) -> Message:
        inquiry, _ = self._file()
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
        await self._attach(entry, effect.attachments)
        self.message = entry.id
        if effect.notify:
            await self._notify(entry, [file.name for file in effect.attachments])
        return entry

    def _from_staff(self, effect: AddMessage) -> bool:
        return effect.direction is Direction.IN and self._file()[0].origin is Origin.MARKETPLACE

    async def _attach(self, entry: Message, files: tuple[AttachedFile, ...]) -> None:
        rows = [(file.name, file.type[:255], file.sha256, file.content) for file in files]
        await messages.add_files(self.session, entry.id or 0, rows)

    async def _notify(self, entry: Message, files: list[str]) -> None:
        inquiry, customer = self._file()
        file = await self.office.file(self.session, inquiry, customer, entry.id)
        raw = self.incoming.queue_id if entry.remark == "unreadable" else None
        for seller in await sellers_of(self.session, inquiry.store_id):
            letter = letters.notification(file, entry, files, Texts(seller.language))
            await self._to_seller(
                file, letter, "notification", f"message:{entry.id}", seller, attachments_of=entry.id, raw_of=raw
            )

    async def _set_status(self, status: InquiryStatus, by: str, why: str) -> None:
        number = self._file()[0].number or 0
        if await inquiries.set_status(self.session, number, status, self.now):
            self._history(str(status), by, why)

    async def _answer(self, effect: SendAnswer) -> None:
        inquiry, customer = self._file()
        file = await self.office.file(self.session, inquiry, customer, None)
        texts = Texts(customer.language)
        text = effect.text if effect.kind == "answer" else letters.auto_response(file.store, texts)
        asked = await last_asked(self.session, inquiry.number or 0)
        entry = Message(
            inquiry_number=inquiry.number or 0,
            direction=Direction.OUT,
            author=Author.SELLER,
            at=self.now,
            text=text,
            message_id=effect.message_id,
            received_id=self.incoming.queue_id,
            recipient=self.incoming.recipient,
            seller_id=effect.seller_id,
            matched_by="address",
            remark="auto_response" if effect.kind == "auto_response" else None,
        )
        self.session.add(entry)
        await self.session.flush()
        await self._attach(entry, effect.attachments)
        self.message = entry.id
        letter = letters.answer(file, text, asked, texts)
        row = await self.office.to_customer(self.session, self.now, file, entry, letter, effect.kind)
        entry.outbox_id, entry.subject = row.id, row.subject
        self._history(effect.kind, effect.receipt.to[0] if effect.receipt.to else "seller", "sent by a seller")
        names = [attached.name for attached in effect.attachments]
        if file.store.receipts:
            await self._receipt(effect.receipt, text, names, row, effect.status)
        if file.store.copies:
            await self._copies(file, entry, effect)

    async def _copies(self, file: letters.File, entry: Message, effect: SendAnswer) -> None:
        sellers = await sellers_of(self.session, file.store.id or 0)
        name = next((seller.name for seller in sellers if seller.id == effect.seller_id), "")
        for seller in sellers:
            if seller.id != effect.seller_id and seller.address not in effect.receipt.to:
                letter = letters.copy(file, entry, name, effect.status, Texts(seller.language))
                await self._to_seller(file, letter, "copy", f"message:{entry.id}", seller, attachments_of=entry.id)

    async def _receipt(
        self,
        receipt: Receipt,
        sent: str | None,
        files: list[str],
        answer: Outbox | None,
        state: InquiryStatus | None = None,
    ) -> None:
        """A receipt for an answer waits, held, until the smarthost's 250 for that answer is recorded."""
        inquiry, customer = self._file()
        await self.session.refresh(inquiry)
        file = await self.office.file(self.session, inquiry, customer, None)
        for seller in await self._registered(receipt.to, file.store):
            letter = letters.receipt(file, receipt, sent, state or inquiry.status, files, Texts(seller.language))
            cause = f"answer:{answer.id}" if answer else f"mail:{self.incoming.queue_id}"
            held = {"state": OutboxState.HELD} if answer else {}
            await self._to_seller(file, letter, "receipt", cause, seller, **held)

    async def _hold(self, effect: HoldDraft) -> None:
        inquiry, customer = self._file()
        entry = await self._add(
            AddMessage(
                direction=Direction.INTERNAL,
                author=Author.SELLER,
                subject=effect.subject,
                text=effect.reply.text,
                quoted=effect.reply.quoted,
                message_id=effect.message_id,
                attachments=effect.attachments,
                seller_id=effect.seller_id,
                matched_by="address",
                remark="draft",
            )
        )
        draft = Draft(
            id=new_id(),
            reason=effect.reason,
            inquiry_number=inquiry.number or 0,
            message_id=entry.id or 0,
            reading=reading_of(effect.reply, effect.action),
            nonce=new_nonce(),
            created_at=self.now,
            expires_at=self.now + DRAFT_LIFE,
        )
        self.session.add(draft)
        file = await self.office.file(self.session, inquiry, customer, None)
        address = self.office.draft_address(inquiry, draft.nonce)
        would = _would(effect, self.situation, file)
        for seller in await self._registered(effect.to, file.store):
            letter = letters.confirmation(
                file, effect.reason, would, effect.reply.text, address, DRAFT_LIFE.days, Texts(seller.language)
            )
            await self._to_seller(file, letter, "confirmation", f"draft:{draft.id}", seller, attachments_of=entry.id)
        self._history("draft_held", "gateway", effect.reason)

    async def _return(self, effect: ReturnDraft) -> None:
        inquiry, customer = self._file()
        file = await self.office.file(self.session, inquiry, customer, None)
        for seller in await self._registered((effect.to,), file.store):
            letter = letters.returned(file, effect.reason, dict(effect.detail), effect.text, Texts(seller.language))
            await self._to_seller(file, letter, "returned", f"mail:{self.incoming.queue_id}", seller)
        self._history("returned", "gateway", effect.reason)

    async def _help(self, to: str) -> None:
        language = next((seller.language for seller in self.situation.sellers if seller.address == to), "ja")
        texts = Texts(language)
        letter = letters.plain(texts("help.subject"), texts("help.text"), language)
        sender = (texts("name.desk"), f"desk@{self.office.domain}")
        cause = f"mail:{self.incoming.queue_id}"
        row = self.office.row(self.now, cause=cause, kind="help", to=to, letter=letter, sender=sender)
        row.auto_submitted, row.in_reply_to = "auto-replied", self.incoming.mail.message_id
        row.references = [row.in_reply_to] if row.in_reply_to else []
        await outbox.enqueue(self.session, row)

    async def _to_operator(self, why: str) -> None:
        texts, incoming = Texts("ja"), self.incoming
        local = incoming.recipient.partition("@")[0]
        subject = texts("operator.forwarded_subject", local=local, subject=incoming.mail.subject)
        text = texts("operator.forwarded", recipient=incoming.recipient, queue_id=incoming.queue_id, why=why)
        letter = letters.plain(subject, text, "ja")
        cause = f"mail:{incoming.queue_id}"
        await self.office.to_operator(
            self.session, self.now, letter, kind="operator", cause=cause, raw_of=incoming.queue_id
        )

    async def _bounced(self, outbox_id: str, diagnostic: str) -> None:
        row = await self.session.get(Outbox, outbox_id)
        if row is not None and await outbox.bounced(self.session, outbox_id, diagnostic):
            await answer_failed(self.session, self.office, row, diagnostic, self.now)

    async def _registered(self, addresses: tuple[str, ...], store: Store) -> list[Seller]:
        return [seller for seller in await sellers_of(self.session, store.id or 0) if seller.address in addresses]

    async def _to_seller(
        self, file: letters.File, letter: letters.Letter, kind: str, cause: str, seller: Seller, **more: object
    ) -> None:
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
            **more,
        )


def _would(effect: HoldDraft, situation: Situation, file: letters.File) -> tuple[str, InquiryStatus | None]:
    """What a held mail would do if it were confirmed now: the key of its description, and the status after it."""
    intent = intent_of(
        effect.reply,
        action=effect.action,
        has_attachments=bool(effect.attachments),
        max_chars=file.store.max_chars,
        thread=situation.thread,
        reachable=bool(file.customer.address),
    )
    if isinstance(intent, Refusal) or intent.act in ("send", "help"):
        return "returned", None
    return intent.act, intent.status
