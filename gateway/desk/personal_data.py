"""What must not become public (F12): the guide's お客様名, 住所, 決済情報, ID/パスワード, Eメール, 携帯電話. Pure.

Not found are codes of products and orders, prices, sizes, dates, tracking numbers and a shop's own pages.
"""

import re
from dataclasses import dataclass

from gateway.desk.personal_data_accounts import accounts
from gateway.desk.personal_data_names import Known, names
from gateway.desk.personal_data_payments import payments
from gateway.desk.personal_data_places import places
from gateway.desk.personal_data_telephones import telephones
from gateway.desk.personal_data_text import read

__all__ = ["Finding", "Known", "findings", "marked"]

LONGEST_GAP = 16  # characters between two pieces of an address
_ENDS = re.compile(r"[。\n!?！？]|\. ")


@dataclass(frozen=True)
class Finding:
    """`kind` is telephone, address, email, card, payment, id, password or name; `text[start:end]` is `words`."""

    kind: str
    start: int
    end: int
    words: str


def findings(text: str, *, known: Known | None = None) -> tuple[Finding, ...]:
    """The personal data of a text, in its order, without overlaps. `known` is what the desk knows of the customer."""
    reading = read(text)
    found = [*telephones(reading), *payments(reading), *places(reading), *accounts(reading), *names(reading, known)]
    spans = sorted((*reading.span(start, end), kind) for kind, start, end in found if end > start)
    kept: list[Finding] = []
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        last = kept[-1] if kept else None
        if last is not None and (start < last.end or _continues(last, kind, text[last.end : start])):
            end = max(end, last.end)
            kept[-1] = Finding(last.kind, last.start, end, text[last.start : end])
        else:
            kept.append(Finding(kind, start, end, text[start:end]))
    return tuple(kept)


def _continues(last: Finding, kind: str, between: str) -> bool:
    """An address is told in pieces: 〒 and street, street and state."""
    return last.kind == kind == "address" and len(between) <= LONGEST_GAP and not _ENDS.search(between)


def marked(text: str, found: tuple[Finding, ...]) -> str:
    """The text with 【…】 around each finding."""
    pieces, at = [], 0
    for finding in found:
        pieces += [text[at : finding.start], "【", finding.words, "】"]
        at = finding.end
    return "".join([*pieces, text[at:]])
