"""Fills the merge fields of what a seller sends, a template's and those in words of the seller's own. Pure.

A seller's fields are those of the rules' answers and the customer's name: a person reads what is sent to whom, so that
the customer's words cannot be sent to somebody else (A12). Each has a Japanese name too.
"""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.desk.privacy import shown_name
from gateway.desk.situation import Situation
from gateway.rules.merge_fields import almost_fields, field_faults, fill
from gateway.store.tables import Customer, Inquiry, Order, Product, Store
from gateway.texts import Texts

IN_JAPANESE = {
    "お客様名": "customer_name",
    "店舗名": "store_title",
    "お問い合わせ番号": "inquiry_number",
    "受付日": "received_date",
    "注文番号": "order_number",
    "商品コード": "product_code",
    "商品名": "product_name",
    "商品ページ": "product_page",
}
NAMES = (*IN_JAPANESE, *IN_JAPANESE.values())
_WIDE = re.compile(r"｛｛([^{}｛｝\n]{0,100})｝｝")


def values_of(
    inquiry: Inquiry, customer: Customer, store: Store, product: Product | None, order: Order | None, asked_at: datetime
) -> dict[str, str | None]:
    """What each of the rules' fields stands for, in the customer's language; None where there is nothing."""
    day = asked_at.astimezone(ZoneInfo(store.timezone))
    return {
        "store_title": store.title,
        "inquiry_number": f"Q-{inquiry.number}",
        "received_date": day.strftime(Texts(customer.language)("answer.day_format")),
        "order_number": order.number if order else None,
        "product_code": product.code if product else None,
        "product_name": product.name if product else None,
        "product_page": product.page if product else None,
    }


def filled(text: str, situation: Situation) -> str:
    """The text as it leaves about the named inquiry. Raises MissingFieldError, which names the first field that has no
    value or is none."""
    if situation.named is None or situation.store is None:
        raise AssertionError("a text is sent about an inquiry of a store")
    inquiry, customer, store = situation.named.inquiry, situation.named.customer, situation.store
    values = values_of(inquiry, customer, store, situation.product, situation.order, inquiry.received_at)
    values["customer_name"] = shown_name(customer.name, (store.title,))
    values["order_number"] = values["order_number"] or inquiry.order_number
    values["product_code"] = values["product_code"] or inquiry.product_code
    return fill(_narrow(text), values | {name: values[english] for name, english in IN_JAPANESE.items()})


def unknown_field(text: str) -> str | None:
    """The first thing in a template that is, or surely was meant as, a merge field, and is none; None when all are."""
    narrow = _narrow(text)
    for position, name in field_faults(narrow, NAMES):
        return narrow[position : position + 20].partition("\n")[0] if name is None else f"{{{{ {name} }}}}"
    return next((written for _, written in almost_fields(narrow)), None)


def _narrow(text: str) -> str:
    """Fields in full-width braces, as a Japanese keyboard types them, are fields."""
    return _WIDE.sub(r"{{\1}}", text)
