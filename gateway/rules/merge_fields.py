"""The closed list of `{{ name }}` in automatic texts (A19). No engine: a name is replaced by a value, nothing else.

What the customer wrote, the name and the subject too, is no field: an automatic answer that echoes its sender's words
carries whatever a spammer puts into them to whomever he names (A12).
"""

import re
from collections.abc import Collection, Iterator, Mapping

FIELDS = {
    "store_title": "The store's title",
    "inquiry_number": "The inquiry's number, such as Q-1042",
    "received_date": "The day on which the mail came in",
    "order_number": "注文番号, where it is one of the store's orders",
    "product_code": "商品コード, where it is one of the store's products",
    "product_name": "商品名 from the product table",
    "product_page": "商品ページ from the product table",
}

_FIELD = re.compile(r"\{\{([^{}\n]{0,100})\}\}")
_BRACES = re.compile(r"\{\{|\}\}")
# What the author surely meant as a field, or as what template engines have; a brace in a face or a sum is text.
_ALMOST = re.compile(
    r"(?<!\{)\{(?!\{)(?:%[^\n]{0,100}?%|#[^\n]{0,100}?#|[^\S\n]{0,10}(?:\w[\w .|-]{0,100})?)\}(?!\})"
    r"|\{%|[｛{]{1,2}\s*(?:FIELDS)\s*[｝}]{1,2}".replace("FIELDS", "|".join(FIELDS))
)


class MissingFieldError(Exception):
    """A field has no value now, so the text cannot be sent."""


def field_faults(text: str, known: Collection[str] = FIELDS) -> Iterator[tuple[int, str | None]]:
    """(position, name) of every field that is not `known`; the name is None where braces do not pair."""
    fields = {match.start(): match for match in _FIELD.finditer(text)}
    ends = {match.end() - 2 for match in fields.values()}
    for braces in _BRACES.finditer(text):
        match = fields.get(braces.start())
        if match is not None:
            if match[1].strip() not in known:
                yield match.start(), match[1].strip()
        elif braces.start() not in ends:
            yield braces.start(), None


def almost_fields(text: str) -> Iterator[tuple[int, str]]:
    """(position, text) of what looks like a field but is none, such as `{ name }`, `{% if %}` and `｛｛name｝｝`."""
    for match in _ALMOST.finditer(text):
        if not match[0].startswith("{{"):  # which field_faults judges
            yield match.start(), match[0]


def fill(text: str, values: Mapping[str, str | None]) -> str:
    """The text with its fields replaced by `values`. Raises MissingFieldError naming the first that has none."""

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        found = values.get(name)
        if not found:
            raise MissingFieldError(name)
        return found

    return _FIELD.sub(value, text)
