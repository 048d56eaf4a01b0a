"""The phrases that the project ships, loaded once for all tests of rules."""

from functools import cache
from pathlib import Path

from gateway.rules.outcomes import Decision, decide
from gateway.rules.phrases import Phrases, load_phrases
from gateway.rules.says import Said, what_is_said
from gateway.rules.score import Labelled

DIRECTORY = Path(__file__).parents[2] / "rules" / "phrases"
POLITE = frozenset(("thanks", "acknowledged", "received", "solved", "withdrawn"))


@cache
def phrases() -> dict[str, Phrases]:
    return load_phrases(DIRECTORY)


def said(text: str) -> Said:
    return what_is_said(text, phrases())


def is_only_polite(text: str) -> bool:
    return said(text).only(POLITE) is not None


def decided(message: Labelled) -> Decision:
    return decide(message.body, message.subject, message.prior_status, phrases(), attachments=message.attachments)
