"""Which words of a seller's mail the public may come to read, and what personal data are in them (F12). Pure."""

import re
from dataclasses import dataclass

from gateway.desk.intent import Intent, Refusal
from gateway.desk.personal_data import Finding, Known, findings, marked
from gateway.desk.publicity import shown
from gateway.desk.situation import Situation
from gateway.mail.addresses import readable_address
from gateway.store.states import Origin

PUBLIC_ACTS = ("answer", "hide")  # an answer stands on the product's page; a reason tells why something no longer does
_GREETING_ENDS = re.compile(r"[\s、,，。!！:：]|\Z")


@dataclass(frozen=True)
class Found:
    """`text` is the mail's as it would leave, with 【…】 around each finding; `kinds` are the kinds of these."""

    text: str
    kinds: tuple[str, ...]


def found_in(outcome: Intent | Refusal, situation: Situation) -> Found | None:
    """What a seller is to look at before this leaves; None where nothing is, or nothing would become public."""
    if isinstance(outcome, Refusal) or outcome.act not in PUBLIC_ACTS or situation.named is None:
        return None
    inquiry, customer = situation.named.inquiry, situation.named.customer
    if inquiry.origin is not Origin.PRODUCT_PAGE:
        return None
    known = Known((customer.name,), (customer.address, readable_address(customer.address)))
    pieces = [
        (piece, tuple(one for one in findings(piece, known=known) if not _greets(one, piece, customer.name)))
        for piece in (outcome.title, outcome.text)
        if piece
    ]
    kinds = tuple(dict.fromkeys(one.kind for _, found in pieces for one in found))
    return Found("\n\n".join(marked(piece, found) for piece, found in pieces), kinds) if kinds else None


def _greets(one: Finding, text: str, customer: str) -> bool:
    """山田様、 at the beginning: every shop greets so, and the page leaves it out."""
    if one.kind != "name" or text[: one.start].strip() or not _GREETING_ENDS.match(text, one.end):
        return False
    return one.words.strip() not in shown(text, customer)
