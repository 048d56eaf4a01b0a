"""From a letter to its row in the outbox: who sends it, to whom, in which thread, and how its loss is noticed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.answer_limits import USUAL, AnswerLimits
from gateway.desk.file_limits import USUAL_FILES, FileLimits
from gateway.desk.goods import find_order, find_product
from gateway.desk.letters import File, Letter
from gateway.desk.privacy import UNVERIFIED_STAFF
from gateway.desk.seen import SELLERS_THREAD
from gateway.desk.subject import answer_subject
from gateway.ids import new_id
from gateway.mail.keyring import Keyring
from gateway.mail.message_id import is_message_id, new_message_id, references_for
from gateway.store import messages, outbox
from gateway.store.states import Author, Direction, Origin, OutboxState
from gateway.store.tables import Customer, Inquiry, Message, Outbox, Store
from gateway.texts import Texts

HISTORY_READ = 12  # entries of the thread that a letter may show
THREAD_IDS = 20  # Message-IDs of a seller's References
GENERATED, REPLIED = "auto-generated", "auto-replied"  # RFC 3834 5
INFORMATION = "information"  # to whom a rule names beside the sellers
AUTOMATIC_LIFE = timedelta(hours=4)  # of a rule's answer: later it would only puzzle


@dataclass(frozen=True)
class Office:
    """What every letter of this gateway needs."""

    domain: str
    operator: str
    keyring: Keyring
    give_up: timedelta  # a mail's life in the outbox
    draft_life: timedelta = timedelta(days=14)
    limits: AnswerLimits = USUAL
    file_limits: FileLimits = USUAL_FILES

    def address(self, inquiry: Inquiry, purpose: str) -> str:
        return f"{self.keyring.inquiry_address(inquiry.number or 0, inquiry.nonce, purpose)}@{self.domain}"

    def draft_address(self, inquiry: Inquiry, nonce: str) -> str:
        return f"{self.keyring.draft_address(inquiry.number or 0, inquiry.nonce, nonce)}@{self.domain}"

    def row(self, now: datetime, *, cause: str, kind: str, to: str, letter: Letter, sender: tuple[str, str]) -> Outbox:
        """An entry for one recipient; `sender` is name and address. Its bounces come home to its own address (N35)."""
        outbox_id = new_id()
        return Outbox(
            id=outbox_id,
            cause=cause,
            kind=kind,
            state=OutboxState.QUEUED,
            message_id=new_message_id(self.domain),
            mail_from=f"{self.keyring.bounce_address(outbox_id)}@{self.domain}",
            to_address=to,
            from_name=sender[0],
            from_address=sender[1],
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            date=now,
            next_at=now,
            expires_at=now + self.give_up,
        )

    async def file(
        self, session: AsyncSession, inquiry: Inquiry, customer: Customer, without: int | None, *, new: bool = False
    ) -> File:
        """The inquiry as letters show it; `without` is the entry that the letter is about, of a `new` inquiry the only
        one."""
        store = await session.get(Store, inquiry.store_id)
        if store is None:
            raise AssertionError("an inquiry has a store")
        thread = [] if new else await messages.thread(session, inquiry.number or 0, HISTORY_READ)
        return File(
            inquiry=inquiry,
            customer=customer,
            store=store,
            product=await find_product(session, inquiry.store_id, inquiry.product_code),
            order=await find_order(session, inquiry.store_id, inquiry.order_number),
            unverified=inquiry.origin is not Origin.MARKETPLACE
            and any(message.remark == UNVERIFIED_STAFF for message in thread),
            thread=[message for message in thread if without is None or (message.id or 0) < without],
            buttons={
                **{name: self.address(inquiry, name) for name in ("s", "progress", "done", "auto", "hide")},
                "reopen": self.address(inquiry, f"reopen{without or ''}"),
            },
        )

    async def to_seller(
        self,
        session: AsyncSession,
        now: datetime,
        file: File,
        letter: Letter,
        *,
        kind: str,
        cause: str,
        to: str,
        language: str,
        name: str = "",
        new: bool = False,
        attachments_of: int | None = None,
        raw_of: str | None = None,
        originals: Sequence[str] = (),
        held: bool = False,
        reply_presses: str | None = None,
    ) -> Outbox:
        """Posts to a seller, in that seller's thread of the inquiry. A reply to what is of SELLERS_THREAD goes to the
        customer; a reply to anything else presses the button whose address is `reply_presses`, or goes to the desk,
        where it can do no harm."""
        texts, number = Texts(language), file.inquiry.number or 0
        if kind in SELLERS_THREAD:
            sender = (file.customer_name(texts), self.address(file.inquiry, "s"))
        else:
            sender = (texts("name.desk"), reply_presses or f"desk@{self.domain}")
        row = self.row(now, cause=cause, kind=kind, to=to, letter=letter, sender=sender)
        ids = [] if new else await outbox.thread_ids(session, number, to, SELLERS_THREAD)
        row.references = ids[:1] + ids[1:][-(THREAD_IDS - 1) :]
        row.in_reply_to = ids[-1] if ids else None
        row.store_id, row.inquiry_number, row.to_name = file.inquiry.store_id, number, name
        row.auto_submitted = GENERATED if kind in (*SELLERS_THREAD, INFORMATION) else REPLIED
        row.attachments_of, row.raw_of, row.originals = attachments_of, raw_of, list(originals)
        if held:
            row.state = OutboxState.HELD
        if new:  # its cause was made in this transaction: nobody else can have queued it
            session.add(row)
            return row
        return await outbox.enqueue(session, row)

    async def to_customer(
        self,
        session: AsyncSession,
        now: datetime,
        file: File,
        entry: Message,
        letter: Letter,
        kind: str,
        attachments_of: int | None,
        wait: timedelta = timedelta(),
    ) -> Outbox:
        """Posts an answer, in the customer's own thread (RFC 5322 3.6.4, N27): only their Message-IDs and ours. It
        leaves after `wait`."""
        row = await self._customers_row(session, now, file, letter, kind, f"message:{entry.id}")
        row.attachments_of = attachments_of
        row.next_at = now + wait
        return await outbox.enqueue(session, row)

    async def automatic(
        self, session: AsyncSession, now: datetime, file: File, asked: Message, letter: Letter, kind: str
    ) -> Outbox:
        """Posts a rule's answer, or a refusal, to the entry `asked`: nothing may come back, and it leaves soon or never
        (N31, N32)."""
        row = await self._customers_row(session, now, file, letter, kind, f"message:{asked.id}")
        row.mail_from, row.auto_submitted, row.once = "", REPLIED, True
        row.expires_at = now + min(self.give_up, AUTOMATIC_LIFE)
        return await outbox.enqueue(session, row)

    async def _customers_row(
        self, session: AsyncSession, now: datetime, file: File, letter: Letter, kind: str, cause: str
    ) -> Outbox:
        asked = await last_asked(session, file.inquiry.number or 0)
        title = (asked.subject if asked else "") or file.title
        subject = letter.subject or answer_subject(title, file.store.subject_prefix)
        sender = (file.store.title, self.address(file.inquiry, "c"))
        named = Letter(subject, letter.text, letter.html)
        row = self.row(now, cause=cause, kind=kind, to=file.customer.address, letter=named, sender=sender)
        if asked is not None and asked.message_id and is_message_id(asked.message_id):
            row.in_reply_to = asked.message_id
            row.references = list(references_for(tuple(asked.references), None, asked.message_id))
        row.store_id, row.inquiry_number = file.inquiry.store_id, file.inquiry.number
        row.to_name = file.customer.name
        return row

    async def to_operator(
        self, session: AsyncSession, now: datetime, letter: Letter, *, kind: str, cause: str, raw_of: str | None = None
    ) -> None:
        """Posts to the operator. Nothing that fails here is told to anyone by mail again."""
        sender = (Texts("ja")("operator.from"), f"postmaster@{self.domain}")
        row = self.row(now, cause=cause, kind=kind, to=self.operator, letter=letter, sender=sender)
        row.auto_submitted, row.raw_of, row.mail_from = GENERATED, raw_of, ""
        await outbox.enqueue(session, row)


async def last_asked(session: AsyncSession, number: int, before: int | None = None) -> Message | None:
    """The newest mail from the customer's side, the one that an answer answers, or that the entry `before` answered;
    never one from another address, or a machine's."""
    query = (
        select(Message)
        .where(
            Message.inquiry_number == number,
            Message.direction == Direction.IN,
            col(Message.author).in_((Author.CUSTOMER, Author.STAFF)),
            col(Message.remark).is_(None) | col(Message.remark).not_in(("other_address", "machine")),
        )
        .order_by(col(Message.id).desc())
        .limit(1)
    )
    if before is not None:
        query = query.where(col(Message.id) < before)
    return (await session.exec(query)).first()
