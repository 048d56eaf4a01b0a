"""Puts a product-page question, and what is answered to it, where the public may read it."""

from gateway.desk.public_text import without_name
from gateway.desk.publicity import shown
from gateway.desk.work import Work
from gateway.store import publications
from gateway.store.public_tables import Publication
from gateway.store.states import Origin
from gateway.store.tables import Message


def publish(work: Work, text: str, waits: str | None) -> None:
    """The name that the customer is known by counts too, where this mail gives none or another."""
    text = without_name(text, work.file()[1].name)
    work.session.add(Publication(message_id=work.added().id or 0, text=text, waits=waits))
    work.waits = waits


async def make_public(work: Work, by: str) -> None:
    """A seller looked at the question that waits: its words as they were written, but for what no question shows."""
    inquiry, customer = work.file()
    question = await publications.of_question(work.session, inquiry.number or 0)
    if question is None:
        raise AssertionError("only a question that may be shown is made public")
    entry = await work.session.get_one(Message, question.message_id)
    question.text, question.waits = shown(entry.text.strip() or entry.subject, customer.name), None
    work.history("published", by, "on the product's page")


async def publish_answer(work: Work, entry: Message, asked: Message | None) -> None:
    """Shown once it has left, with the question before it. What is answered to a mail that is never shown is not shown
    either, and nothing is elsewhere than on a product's page."""
    inquiry, customer = work.file()
    if inquiry.origin is not Origin.PRODUCT_PAGE or asked is None:
        return
    if await work.session.get(Publication, asked.id) is not None:
        work.session.add(Publication(message_id=entry.id or 0, text=shown(entry.text, customer.name)))
