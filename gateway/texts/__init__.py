"""Every text that a person reads in a mail, one catalogue per language: `ja.toml` and `en.toml` have all, `ko.toml`
and `zh.toml` what customers get, who write in more languages than sellers work in.

A text is a plain string with `{fields}`; the catalogues are ours, the values are anybody's and are never interpreted.
"""

import tomllib
from copy import copy
from functools import cache
from importlib import resources
from typing import Any

FALLBACK = "en"
FOR_CUSTOMERS = ("answer",)  # the sections that every catalogue has


class Texts:
    """The catalogue of one language. A language we do not have falls back to English."""

    def __init__(self, language: str) -> None:
        self.language = language if language in customers_languages() else FALLBACK
        self._texts = catalogue(self.language)

    def __call__(self, key: str, **fields: object) -> str:
        """The text of a dotted key with its fields filled in. Raises KeyError for a key or field that is not there."""
        text = self._texts[key]
        return text.format_map(fields) if fields else text

    def saying(self, words: str, *, instead_of: str) -> "Texts":
        """The same catalogue with other words in all texts, at the beginning of a sentence too."""
        reworded = copy(self)
        reworded._texts = _reworded(self.language, words, instead_of)
        return reworded

    def has(self, key: str) -> bool:
        return key in self._texts


@cache
def languages() -> tuple[str, ...]:
    """The languages that a seller can work in: those whose catalogues have more than customers get."""
    return tuple(language for language in customers_languages() if catalogue(language).keys() - texts_for_customers())


@cache
def customers_languages() -> tuple[str, ...]:
    """The languages that have a catalogue."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(file.name[:-5] for file in files if file.name.endswith(".toml")))


def texts_for_customers() -> set[str]:
    """The keys that every catalogue has."""
    return {key for key in catalogue(FALLBACK) if key.partition(".")[0] in FOR_CUSTOMERS}


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every text of a language that has a catalogue, by its dotted key."""
    text = resources.files(__name__).joinpath(f"{language}.toml").read_text("utf-8")
    return dict(_flat(tomllib.loads(text), ""))


@cache
def _reworded(language: str, words: str, instead_of: str) -> dict[str, str]:
    def change(text: str) -> str:
        text = text.replace(instead_of, words)
        return text.replace(instead_of[:1].upper() + instead_of[1:], words[:1].upper() + words[1:])

    return {key: change(text) for key, text in catalogue(language).items()}


def _flat(table: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value.strip("\n")))
    return pairs
