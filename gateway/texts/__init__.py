"""Every text that a person reads in a mail, one catalogue per language: `ja.toml`, `en.toml`.

A text is a plain string with `{fields}`; the catalogues are ours, the values are anybody's and are never interpreted.
"""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

FALLBACK = "en"


class Texts:
    """The catalogue of one language. A language we do not have falls back to English."""

    def __init__(self, language: str) -> None:
        self.language = language if language in languages() else FALLBACK
        self._texts = _load(self.language)

    def __call__(self, key: str, **fields: object) -> str:
        """The text of a dotted key with its fields filled in. Raises KeyError for a key or field that is not there."""
        text = self._texts[key]
        return text.format_map(fields) if fields else text

    def has(self, key: str) -> bool:
        return key in self._texts


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a catalogue."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(file.name[:-5] for file in files if file.name.endswith(".toml")))


@cache
def _load(language: str) -> dict[str, str]:
    text = resources.files(__name__).joinpath(f"{language}.toml").read_text("utf-8")
    return dict(_flat(tomllib.loads(text), ""))


def _flat(table: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value.strip("\n")))
    return pairs
