"""What is wrong in the plain data of a phrase file, each with the keys and positions that lead to it."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.rules.phrases import KEYS, LINES, SHORT, SLOTS, SURENESS, WORDS, source_of
from gateway.rules.problems import nearest, shown
from gateway.rules.reports import ENDINGS, LONGEST_OPEN, OPENERS
from gateway.rules.reports import LISTS as REPORT_LISTS

Steps = tuple[str | int, ...]
Fault = tuple[Steps, str]
LISTS = (WORDS, SLOTS, *LINES, *REPORT_LISTS)


def faults(mapping: Mapping[str, Any]) -> Iterator[Fault]:
    """The faults, in the order of the file's parts; none in a file that `phrases_of` takes."""
    for key in mapping:
        if key not in KEYS:
            yield (key,), f"{key} is no part of a phrase file{nearest(key, KEYS)}"
    for key in ("short", "classes", ENDINGS):
        if not isinstance(mapping.get(key, {}), dict):
            yield (key,), f"must be a mapping, not {shown(mapping[key])}"
            return
    for key in ("tail", LONGEST_OPEN):
        number = mapping.get(key, 0)
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            yield (key,), f"must be a whole number, not {shown(number)}"
    sureness = mapping.get(SURENESS, 0)
    if not isinstance(sureness, (int, float)) or isinstance(sureness, bool) or not 0 <= sureness < math.inf:
        yield (SURENESS,), f"must be a number, 0 or greater, not {shown(sureness)}"
    classes = mapping.get("classes", {})
    for name in mapping.get(ENDINGS, {}):
        if name not in classes:
            yield (ENDINGS, name), f"{name} is no class of this file{nearest(name, classes)}"
    openers = mapping.get(OPENERS, [])
    if not isinstance(openers, list) or not all(isinstance(name, str) and name in classes for name in openers):
        yield (OPENERS,), f"must be a list of classes of this file, not {shown(openers)}"
    short = mapping.get("short", {})
    for name, text in short.items():
        yield from _faults_of(text, short, ("short", name))
    lists: dict[Steps, Any] = {("classes", name): found for name, found in mapping.get("classes", {}).items()}
    lists |= {(ENDINGS, name): found for name, found in mapping.get(ENDINGS, {}).items()}
    lists |= {(key,): mapping[key] for key in LISTS if key in mapping}
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
