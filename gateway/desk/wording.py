"""How our texts call what every inquiry has: its other side, labels that nobody gave, the buttons of ours. Pure."""

from gateway.desk.intent import STATUS
from gateway.texts import Texts

_GIVEN_BY_NOBODY = {"一般": "label.general", "その他": "label.other"}  # as the guide calls a new inquiry's


def to_staff(texts: Texts) -> Texts:
    """The same texts for an inquiry whose other side is the marketplace's staff."""
    return texts.saying(texts("name.marketplace_side"), instead_of=texts("name.customer_side"))


def label_name(label: str, texts: Texts) -> str:
    """A type or a category as it was given, or in the reader's language where nobody gave one."""
    return texts(_GIVEN_BY_NOBODY[label]) if label in _GIVEN_BY_NOBODY else label


def button_bodies(texts: Texts, number: int) -> tuple[str, ...]:
    """What our own buttons put into a mail: known words, so that they are no seller's text."""
    names = (*STATUS, "auto", "reopen", "send", "execute")
    return tuple(texts(f"button.body.{name}", number=number) for texts in (texts, to_staff(texts)) for name in names)
