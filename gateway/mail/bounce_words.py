"""What servers' words mean: the first phrase of the table that they hold, in any case, anywhere."""

import re

from gateway.mail.bounce_phrases import NAMES, TABLE, Reason

MAX_WORDS = 3000  # characters: a reply and what a server adds to it

_SPACE = re.compile(r"\s+")


def _compiled(phrases: str) -> re.Pattern[str]:
    lines = (line.strip() for line in phrases.splitlines())
    pattern = "|".join(line for line in lines if line)
    for name, meaning in NAMES.items():
        pattern = pattern.replace(name, meaning)
    return re.compile(pattern, re.IGNORECASE)


_PATTERNS = tuple((reason, _compiled(phrases)) for reason, phrases in TABLE)


def reason(words: str) -> Reason | None:
    """The first reason of the table that `words` tell, or None."""
    line = _SPACE.sub(" ", words[:MAX_WORDS])
    return next((reason for reason, pattern in _PATTERNS if pattern.search(line)), None)
