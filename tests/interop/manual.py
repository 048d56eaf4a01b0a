"""The configuration that docs/postfix.md tells operators to copy: what the tests run is read from there."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "postfix.md"


def block(title: str) -> str:
    """The block of the page whose first line is this comment."""
    (found,) = re.findall(rf"^```\w*\n# {re.escape(title)}\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    return str(found)


def replaced(text: str, *changes: tuple[str, object]) -> str:
    """The text with each old piece, which must be there, replaced."""
    for old, new in changes:
        assert old in text, f"docs/postfix.md has no {old!r} any more"
        text = text.replace(old, str(new))
    return text
