"""Everything that a seller can write, as a list that a phone shows well. Pure."""

from gateway.desk.letters import Letter
from gateway.desk.page import Page
from gateway.texts import Texts

BETWEEN = " … "  # what is written and what it does, in a line of the catalogue


def usage(texts: Texts) -> Letter:
    page = explain(Page(texts.language).words(texts("help.reply")), texts)
    return Letter(texts("help.subject"), page.text, page.html)


def explain(page: Page, texts: Texts) -> Page:
    """The commands, and what can be asked of the desk."""
    page.rule(texts("help.in_a_reply")).terms(_rows(texts("help.commands"))).muted(texts("help.literal"))
    page.rule(texts("help.to_the_desk")).terms(_rows(texts("help.requests"))).muted(texts("help.stores"))
    return page


def _rows(lines: str) -> list[tuple[str, str]]:
    pairs = (line.partition(BETWEEN) for line in lines.split("\n"))
    return [(written, meaning) for written, _, meaning in pairs]
