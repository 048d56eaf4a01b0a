"""What of a customer's mail to a product's page the public may read, and from when (mail-interface, "What the public
sees"). Pure."""

from gateway.desk.addressed import is_written_to_us
from gateway.desk.effects import AddMessage, Publish
from gateway.desk.personal_data import Known, findings
from gateway.desk.public_text import masked, public_text
from gateway.desk.situation import Incoming
from gateway.mail.addresses import readable_address
from gateway.store.states import Origin

SENDER, PERSONAL, LATER, RULE = "sender", "personal_data", "later", "rule"  # why a question waits for a seller
TOLD = (SENDER, PERSONAL)  # of which the sellers are told: they can let it be seen
LONGEST = 4000  # characters that are shown of one entry
_NOBODYS = (
    "no_address",
    "several_authors",
    "other_address",
    "machine",
    "shortened",
    "unreadable",
)  # remarks on what is never shown


def publication(incoming: Incoming, entry: AddMessage, origin: Origin, *, is_first: bool) -> tuple[Publish, ...]:
    """At once only what begins an inquiry, whose sender is known for sure and wrote it to us, and in which no personal
    data is found; a later mail once it is answered. What is found is never shown, unless a seller says #公開."""
    words = entry.text.strip() or (entry.subject if is_first else "")
    if origin is not Origin.PRODUCT_PAGE or entry.remark in _NOBODYS or not words:
        return ()
    mail, text, waits = incoming.mail, shown(words, incoming.author_name), None
    found = findings(text, known=Known((incoming.author_name,), (incoming.author, readable_address(incoming.author))))
    if not is_first:
        waits = LATER
    elif found:
        waits = PERSONAL
    elif not mail.authenticated or mail.machine is not None or mail.auto_submitted or not is_written_to_us(incoming):
        waits = SENDER
    return (Publish(masked(text, [(finding.start, finding.end) for finding in found]), waits),)


def shown(words: str, customer: str) -> str:
    """A question's or an answer's words as the page has them."""
    text = public_text(words, customer)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
