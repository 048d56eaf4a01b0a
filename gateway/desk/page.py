"""One mail's body, written once and read twice: as text and as simple HTML with the same words in the same order.

Nothing in it loads from the network (mail-interface.md), and everything that people wrote is escaped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote

RULE = "─" * 12
URL_LIMIT = 2000  # characters of a button: beyond that Windows cuts what a browser or mail hands to Outlook
# No colour of our own for words: the reader's client has its own for light and for dark. Grey is less ink, in both.
_BODY = "font-family:sans-serif;font-size:16px;line-height:1.6;max-width:42em;overflow-wrap:anywhere"
_MUTED = "opacity:.75;font-size:14px"
_LABEL = f"{_MUTED};padding:1px 12px 1px 0;vertical-align:top;white-space:nowrap"
_MEANING = "margin:0 0 8px 1em"
_LINE = "border-top:1px solid #999;margin-top:20px;padding-top:6px"
_QUOTE = "margin:0 0 12px;padding-left:10px;border-left:3px solid #999;opacity:.85"
_BUTTON = (
    "display:inline-block;margin:4px 8px 4px 0;padding:10px 16px;border:1px solid #888;border-radius:6px;"
    "text-decoration:none;font-weight:bold"
)


@dataclass(frozen=True)
class Button:
    """A mail that only needs to be sent: its address says what it does, subject and body tell a person."""

    label: str
    address: str
    subject: str
    body: str
    says_more: bool = False  # the address alone does not say what it does: desk@

    @property
    def url(self) -> str:
        """RFC 6068: UTF-8 percent-encoded, line breaks as %0D%0A."""
        body = "\r\n".join(self.body.splitlines())
        fields = f"subject={quote(self.subject, safe='')}&body={quote(body, safe='')}"
        return f"mailto:{quote(self.address, safe='@')}?{fields}"

    @property
    def shortest(self) -> str:
        """As short as it still works, for who sees it as text."""
        return self.url.removesuffix("&body=") if self.says_more else f"mailto:{self.address}"


@dataclass
class Page:
    language: str
    _text: list[str] = field(default_factory=list)
    _html: list[str] = field(default_factory=list)

    def words(self, text: str) -> "Page":
        """What somebody wrote, as written."""
        self._text.append(text.strip("\n"))
        self._html.append(f"<p>{_lines(text)}</p>")
        return self

    def muted(self, text: str) -> "Page":
        """What we say about it."""
        self._text.append(text.strip("\n"))
        self._html.append(f'<p style="{_MUTED}">{_lines(text)}</p>')
        return self

    def rule(self, label: str) -> "Page":
        """A ruled line with words in it, the same in both parts (the marker line is one)."""
        self._text.append(f"{RULE} {label} {RULE}")
        self._html.append(f'<p style="{_MUTED};{_LINE}">{escape(label)}</p>')
        return self

    def facts(self, pairs: Sequence[tuple[str, str]]) -> "Page":
        """Labelled values; those without a value are left out."""
        shown = [(label, value) for label, value in pairs if value]
        if shown:
            self._text.append("\n".join(f"{label}: {value}" for label, value in shown))
            cells = "".join(
                f'<tr><td style="{_LABEL}">{escape(label)}</td><td>{escape(value)}</td></tr>' for label, value in shown
            )
            self._html.append(f'<table cellspacing="0" cellpadding="0" style="font-size:15px">{cells}</table>')
        return self

    def terms(self, pairs: Sequence[tuple[str, str]]) -> "Page":
        """What can be written, and below it what that does."""
        self._text.append("\n".join(f"{term}\n    {meaning}" for term, meaning in pairs))
        entries = (
            f'<dt><b>{escape(term)}</b></dt><dd style="{_MEANING}">{escape(meaning)}</dd>' for term, meaning in pairs
        )
        self._html.append(f"<dl>{''.join(entries)}</dl>")
        return self

    def buttons(self, buttons: Sequence[Button], hint: str = "", by_hand: str = "") -> "Page":
        """In the text part only the address, which is all that a button needs; `by_hand` says so there."""
        addresses = [f"{b.label}: {b.shortest}" for b in buttons]
        self._text.append("\n".join([*addresses, by_hand] if by_hand else addresses))
        links = "".join(f'<a style="{_BUTTON}" href="{escape(b.url)}">{escape(b.label)}</a>' for b in buttons)
        note = f'<br><span style="{_MUTED}">{escape(hint)}</span>' if hint else ""
        self._html.append(f"<p>{links}{note}</p>")
        return self

    def quotation(self, attribution: str, text: str) -> "Page":
        """Earlier words, under a line that says whose and when."""
        quoted = "\n".join(f"> {line}".rstrip() for line in text.strip("\n").split("\n"))
        self._text.append(f"{attribution}\n{quoted}")
        self._html.append(
            f'<p style="{_MUTED};margin-bottom:4px">{escape(attribution)}</p>'
            f'<blockquote style="{_QUOTE}">{_lines(text)}</blockquote>'
        )
        return self

    @property
    def text(self) -> str:
        return "\n\n".join(self._text) + "\n"

    @property
    def html(self) -> str:
        body = "\n".join(self._html)
        return (
            f'<!DOCTYPE html>\n<html lang="{self.language}"><head><meta charset="utf-8"><title></title>\n'
            f'<meta name="viewport" content="width=device-width">\n'
            f'<meta name="color-scheme" content="light dark"></head>\n'
            f'<body style="{_BODY}">\n{body}\n</body></html>\n'
        )


def _lines(text: str) -> str:
    return "<br>\n".join(escape(line) for line in text.strip("\n").split("\n"))
