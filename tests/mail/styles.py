"""Quotations as mail clients make them, from the table in styles.toml: a known mail in every known style."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

_TABLE = tomllib.loads((Path(__file__).parent / "styles.toml").read_text("utf-8"))
_MARKED = "> "
_UNMARKED = ""


@dataclass(frozen=True)
class Original:
    """The mail that is answered, as a client shows it."""

    name: str
    address: str
    to: str
    subject: str
    lines: tuple[str, ...]
    message_id: str = "<q1042.1.7f3c@q.example.jp>"


@dataclass(frozen=True)
class Style:
    """One client's way in one language. `mark` stands before each quoted line; "" quotes without marks."""

    client: str
    head: str
    mark: str = _MARKED
    blank_below_head: bool = False

    def quotation(self, original: Original) -> list[str]:
        """The head and the quoted lines."""
        head = self.head.format(**vars(original)).split("\n") if self.head else []
        blank = [""] if self.blank_below_head else []
        return head + blank + [f"{self.mark}{line}".rstrip() for line in original.lines]

    @property
    def proves_itself(self) -> bool:
        """Whether a reader who does not know the answered mail can tell where the quotation begins."""
        return bool(self.mark or "\n" in self.head)


def styles() -> list[Style]:
    """Every style: attributions above marked lines, blocks above marked and unmarked ones, prefixes."""
    made = [Style(client, head) for client, head in _TABLE["attributions"].items()]
    made += [Style(f"{client}-blank", head, blank_below_head=True) for client, head in _TABLE["attributions"].items()]
    made += [
        Style(client, head, _UNMARKED, blank_below_head=blank)
        for client, head in _TABLE["blocks"].items()
        for blank in (False, True)
    ]
    made += [Style(f"{client}-marked", head, blank_below_head=True) for client, head in _TABLE["blocks"].items()]
    made += [Style(f"prefix-{name}", "", mark) for name, mark in _TABLE["prefixes"].items()]
    becky = _TABLE["attributions"]["becky"]
    made += [Style(f"becky-{name}", becky, mark, blank_below_head=True) for name, mark in _TABLE["prefixes"].items()]
    return made


def unmarked_styles() -> list[Style]:
    """Attributions above a quotation without marks, as clients leave them that show it by indentation only."""
    return [
        Style(f"{client}-unmarked", head, _UNMARKED, blank_below_head=True)
        for client, head in _TABLE["attributions"].items()
    ]
