"""What is wrong in the plain data of a phrase file, each with the keys and positions that lead to it."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.rules.phrases import KEYS, LINES, SHORT, WORDS, source_of
from gateway.rules.problems import nearest, shown

Steps = tuple[str | int, ...]
Fault = tuple[Steps, str]
LISTS = (WORDS, *LINES)
REASONS = ("around", "before", "after", "never")
NUMBERS: tuple[Steps, ...] = (("tail",), ("unknown", "most"), ("reasons", "most"))
PATTERNS: tuple[Steps, ...] = (("unknown", "letters"), ("unknown", "never"))


def faults(mapping: Mapping[str, Any]) -> Iterator[Fault]:
    """The faults, in the order of the file's parts; none in a file that `phrases_of` takes."""
    for key in mapping:
        if key not in KEYS:
            yield (key,), f"{key} is no part of a phrase file{nearest(key, KEYS)}"
    for key in ("short", "classes", "unknown", "reasons"):
        if not isinstance(mapping.get(key, {}), dict):
            yield (key,), f"must be a mapping, not {shown(mapping[key])}"
            return
    for number in NUMBERS:
        value = _at(mapping, number)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            yield number, f"must be a whole number, not {shown(value)}"
    short = mapping.get("short", {})
    for name, text in short.items():
        yield from _faults_of(text, short, ("short", name))
    for place in PATTERNS:
        if (pattern := _at(mapping, place)) is not None:
            yield from _faults_of(pattern, short, place)
    lists: dict[Steps, Any] = {("classes", name): found for name, found in mapping.get("classes", {}).items()}
    lists |= {(key,): mapping[key] for key in LISTS if key in mapping}
    lists |= {("reasons", key): mapping["reasons"][key] for key in REASONS if key in mapping.get("reasons", {})}
    for steps, found in lists.items():
        if not isinstance(found, list):
            yield steps, f"must be a list of phrases, each in a line that begins with -, not {shown(found)}"
            continue
        for index, phrase in enumerate(found):
            yield from _faults_of(phrase, short, (*steps, index))


def _faults_of(phrase: object, short: Mapping[str, str], steps: Steps) -> Iterator[Fault]:
    if not isinstance(phrase, (str, int, float)) or isinstance(phrase, bool):
        yield steps, f"a phrase is a text, not {shown(phrase)}: put it in 'single quotes'"
        return
    for match in SHORT.finditer(str(phrase)):
        if match[1] not in short:
            yield steps, f"<{match[1]}> is no entry of short{nearest(match[1], short)}"
            return
    try:
        source_of(phrase, short, str(steps[-2] if isinstance(steps[-1], int) else steps[-1]))
    except ValueError as error:
        yield steps, str(error)


def _at(mapping: Mapping[str, Any], steps: Steps) -> Any:
    value: Any = mapping
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value
