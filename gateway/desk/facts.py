"""Shop facts named in a mail's own words: order number and product code (the intake address goes before them).

Only a labelled value counts. What an order number looks like differs from shop to shop; a bare number in a sentence may
be anything.
"""

import re
from dataclasses import dataclass

from gateway.mail.normal_forms import nfkc

_VALUE = r"\s*[:：#＃は]?\s*([A-Za-z0-9][A-Za-z0-9_-]{2,39})(?![A-Za-z0-9_-])"
_ORDER = re.compile(r"(?:注文番号|注文No\.?|オーダー番号|order (?:number|no\.?))" + _VALUE, re.IGNORECASE)
_PRODUCT = re.compile(r"(?:商品コード|商品番号|product code|item code)" + _VALUE, re.IGNORECASE)
SEARCHED = 20_000  # characters; facts stand near the top


@dataclass(frozen=True)
class Facts:
    order_number: str | None = None
    product_code: str | None = None


def facts_in(text: str) -> Facts:
    """The first labelled order number and product code of the text, as written but for width."""
    folded = nfkc(text[:SEARCHED])
    order, product = _ORDER.search(folded), _PRODUCT.search(folded)
    return Facts(order[1] if order and _has_digit(order[1]) else None, product[1] if product else None)


def _has_digit(value: str) -> bool:
    return any(character.isdigit() for character in value)
