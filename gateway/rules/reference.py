"""The generated parts of docs/rules.md: every fact, test, action and merge field, from the lists that check them.

usage: python -m gateway.rules.reference docs/rules.md
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from gateway.rules.actions import ACTIONS
from gateway.rules.facts import FACTS, Kind
from gateway.rules.merge_fields import FIELDS

_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
TESTS = {
    Kind.TEXT: "a text, a list of texts, `{contains: …}`, `{matches: …}`; width and case do not matter",
    Kind.CHOICE: "a word, or a list of words",
    Kind.NUMBER: "a number, a list of numbers, `{min: …, max: …}`",
    Kind.YES_NO: "`true` or `false`",
    Kind.DURATION: "`{within: 7d}`, `{min: 1h, max: 2d}`",
    Kind.CLASSES: "a phrase class, or a list of phrase classes",
}


def renewed(text: str) -> str:
    """The document with its generated parts as they should be. KeyError for an unknown part."""
    parts = {"facts": _facts(), "tests": _tests(), "actions": _actions(), "fields": _fields()}
    return _PART.sub(lambda match: f"{match[1]}{parts[match[2]]}{match[3]}", text)


def _facts() -> str:
    rows = [
        (
            f"`{fact.name}`",
            fact.kind,
            fact.doc + (f" ({', '.join(fact.choices)})" if fact.choices else ""),
            f"`{fact.example}`",
        )
        for fact in FACTS
    ]
    return _table(("Fact", "Kind", "What it is", "Example"), rows)


def _tests() -> str:
    return _table(("Kind", "Its tests"), TESTS.items())


def _actions() -> str:
    rows = [(f"`{name}: {(action.examples or [''])[0]}`", action.description or "") for name, action in ACTIONS.items()]
    return _table(("Action", "Does"), rows)


def _fields() -> str:
    return _table(("Field", "Is"), ((f"`{{{{ {name} }}}}`", doc) for name, doc in FIELDS.items()))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = tuple(head)
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(renewed(Path(name).read_text("utf-8")), "utf-8")
