"""The rules that the project ships, made once for all tests of them."""

from collections.abc import Mapping
from functools import cache

from gateway.rules.files import read
from gateway.rules.phrasebook import load_phrasebook
from gateway.rules.phrases import Phrases
from gateway.rules.ready import ready
from gateway.rules.ruleset import RuleSet
from gateway.rules.says import Said, what_is_said
from gateway.rules.score import Decision, Labelled
from gateway.rules.score import decided as decided_by
from gateway.rules.shipped import shipped_folder

POLITE = frozenset(("thanks", "acknowledged", "received", "solved", "withdrawn"))


@cache
def rules() -> RuleSet:
    return ready(shipped_folder())


@cache
def phrases() -> Mapping[str, Phrases]:
    return load_phrasebook(read(shipped_folder()))[0].phrases


def said(text: str) -> Said:
    return what_is_said(text, phrases())


def is_only_polite(text: str) -> bool:
    return said(text).only(POLITE) is not None


def decided(message: Labelled) -> Decision:
    return decided_by(rules(), message)
