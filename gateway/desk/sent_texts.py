"""What a mail may quote of one of ours: its text, and what a client makes of its HTML. Pure."""

from collections.abc import Iterable

from gateway.mail.html import to_text


def both_parts(sent: Iterable[tuple[str, str | None]]) -> tuple[str, ...]:
    return tuple(text for plain, html in sent for text in (plain, to_text(html) if html else "") if text)
