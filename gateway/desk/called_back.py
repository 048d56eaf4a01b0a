"""The customer writes while an answer waits in its hold window: the answer becomes a held draft, with a question.

Delivery may claim the answer at the same time; whoever changes its row first wins (withdrawal.py).
"""

from gateway.desk import hold_letters
from gateway.desk.drafts import reading_of
from gateway.desk.hold_effects import HoldDraft
from gateway.desk.hold_letters import Came
from gateway.desk.letters import File
from gateway.desk.post import last_asked
from gateway.desk.seen import QUESTION
from gateway.desk.subject import answer_subject
from gateway.desk.withdrawal import withdraw, writers
from gateway.desk.work import Work
from gateway.ids import new_id, new_nonce
from gateway.mail.commands import WORDS
from gateway.mail.values import Command, Reply
from gateway.store import answers
from gateway.store.states import InquiryStatus
from gateway.store.tables import Draft, Message, Outbox
from gateway.texts import Texts


async def call_back(work: Work) -> None:
    """The entry made last is the customer's; what is certain to have not left is asked about."""
    inquiry, customer = work.file()
    for entry, row in reversed(await answers.in_hold(work.session, inquiry.number or 0, work.now)):
        if not await withdraw(work.session, inquiry, entry, row, "gateway", work.now):
            continue
        inquiry.remind_at = inquiry.remind_at or entry.remind_before  # the customer waits on, as before the answer
        entry.remark = "draft"
        file = await work.office.file(work.session, inquiry, customer, None)
        await _ask(work, file, entry, row)


async def _ask(work: Work, file: File, entry: Message, row: Outbox) -> None:
    reply = await _as_written(work, file, entry, row)
    draft = Draft(
        id=new_id(),
        reason="newer",
        inquiry_number=entry.inquiry_number,
        message_id=entry.id or 0,
        reading=reading_of(reply, None),
        nonce=new_nonce(),
        created_at=work.now,
        expires_at=work.now + work.office.draft_life,
    )
    work.session.add(draft)
    sellers = await writers(work.session, entry, file)
    enclosed = row.attachments_of
    held = HoldDraft(
        draft.reason,
        tuple(seller.address for seller in sellers),
        reply,
        None,
        entry.subject,
        (),
        entry.message_id,
        entry.seller_id,
    )
    address, days = work.office.draft_address(file.inquiry, draft.nonce), work.office.draft_life.days
    would = ("answer" if row.kind == "answer" else "auto", entry.status)
    for seller in sellers:
        texts = Texts(seller.language)
        letter = hold_letters.confirmation(file, held, would, [Came(work.added(), "")], None, address, days, texts)
        await work.to_seller(file, letter, QUESTION, f"draft:{draft.id}", seller, attachments_of=enclosed)
    work.history("draft_held", "gateway", draft.reason)


async def _as_written(work: Work, file: File, entry: Message, row: Outbox) -> Reply:
    """The seller's words, templates and fields filled as they were, and what was to go along with them."""
    if row.kind != "answer":
        return Reply("", "", (_command("auto"),), (), None)
    commands: list[Command] = []
    if entry.status is InquiryStatus.IN_PROGRESS:
        commands.append(_command("progress"))
    asked = await last_asked(work.session, entry.inquiry_number, entry.id)
    if row.subject != answer_subject((asked.subject if asked else "") or file.title, file.store.subject_prefix):
        commands.append(_command("title", row.subject))
    return Reply(entry.text, "", tuple(commands), (), None)


def _command(name: str, argument: str = "") -> Command:
    return Command(name, argument, f"#{WORDS[name][0]} {argument}".rstrip())
