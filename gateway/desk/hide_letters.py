"""The words of the mails about a hidden question, and of the refusal to who may not ask any more. Pure."""

from collections.abc import Sequence

from gateway.desk.letters import File, Letter, tell_renamed, when
from gateway.desk.page import Page
from gateway.desk.privacy import without_signed_addresses
from gateway.store.tables import Message
from gateway.texts import Texts


def notice(
    file: File,
    entry: Message,
    asked: Message | None,
    texts: Texts,
    *,
    title: str,
    restricts: bool,
    was_shown: bool,
    files: Sequence[str] = (),
) -> Letter:
    """To the customer: the seller's title and reason, which product, and the question as it was asked."""
    page = Page(texts.language).words(entry.text)
    tell_renamed(page, files, "answer.renamed", texts)
    page.muted(texts("answer.hidden" if was_shown else "answer.hidden_unseen", product=_product(file, texts)))
    if restricts:
        page.muted(texts("answer.hidden_restricted"))
    if asked is not None and asked.text.strip():
        attribution = texts("answer.quote", date=when(asked.at, file.store, texts, "answer.date_format"))
        page.quotation(attribution, without_signed_addresses(asked.text))
    return Letter(without_signed_addresses(title), page.text, page.html)


def refusal(file: File, texts: Texts) -> Letter:
    """To the customer, automatically. Nothing that its sender wrote is in it (A12)."""
    text = texts("answer.refusal", product=_product(file, texts), store=file.store.title)
    page = Page(texts.language).words(text)
    return Letter("", page.text, page.html)


def _product(file: File, texts: Texts) -> str:
    """As the shop has it; a code that no product is known by is the address's own, which the customer wrote."""
    return file.product.name or file.product.code if file.product else texts("answer.this_product")
