"""From a file to a checked Config, or to one error that names the file, the line and what to write instead."""

import re
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.config.schema import CombinationError, Config, Section
from gateway.config.values import shown

LARGEST = 1_048_576  # octets; a configuration is a page

_TABLE = re.compile(r"\s*\[\s*([A-Za-z0-9_.-]+)\s*\]")
_KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_.-]+)[\"']?\s*=")
_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_WRONG_TYPE = {
    "int_type": "a whole number",
    "string_type": "a text in quotes",
    "bool_type": "true or false",
    "model_type": "a [section]",
    "model_attributes_type": "a [section]",
}


class ConfigError(Exception):
    """The configuration cannot be used; the text is for the operator: `FILE:LINE: what and what instead`."""


def load(path: Path) -> Config:
    """The configuration in the file, its paths made absolute. Raises ConfigError."""
    file = path.expanduser().absolute()
    text = _read(file)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _AT.search(str(error))
        line = int(match[1]) if match and match[1] else max(1, len(text.splitlines()))
        raise ConfigError(f"{file}:{line}: {_AT.sub('', str(error))}") from None
    try:
        return Config.model_validate(data, context={"folder": file.parent, "file": file})
    except ValidationError as error:
        lines = dict(_lines(text))
        # An unknown key explains a missing one, so what is missing comes last.
        _, line, problem = min((detail["type"] == "missing", *_located(detail, lines)) for detail in error.errors())
        raise ConfigError(f"{file}:{line}: {problem}") from None


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ConfigError(f"{file}:1: is over 1 MiB, which is no configuration")
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise ConfigError(f"{file}:1: there is no such file; `toiawase init {file.parent}` writes one") from None
    except OSError as error:
        raise ConfigError(f"{file}:1: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file}:{line}: is not UTF-8") from None


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Each dotted key and table with the line it stands on; later ones of the same name do not parse anyway."""
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _TABLE.match(line):
            table = match[1] + "."
            yield match[1], number
        elif match := _KEY.match(line):
            yield table + match[1], number


def _located(detail: ErrorDetails, lines: dict[str, int]) -> tuple[int, str]:
    names = [str(part) for part in detail["loc"] if isinstance(part, str)]
    problem = _sentence(detail)
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, CombinationError):
        names = cause.key.split(".")
    if detail["type"] == "extra_forbidden":
        problem += _suggestion(names)
    key = ".".join(names)
    # The key itself, or the table that should hold it, or (dotted and inline tables) whatever begins with its name.
    line = (
        lines.get(key) or lines.get(names[0]) or min((n for k, n in lines.items() if k.startswith(names[0])), default=1)
    )
    return line, f"{key} {problem}"


def _sentence(detail: ErrorDetails) -> str:
    given, limits = shown(detail["input"]), detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return "is missing and has no default"
        case "extra_forbidden":
            return "is no key of this file"
        case "value_error":
            return str(limits["error"])
        case "greater_than_equal":
            return f"must be at least {limits['ge']}, not {given}"
        case "less_than_equal":
            return f"must be at most {limits['le']}, not {given}"
        case "too_short":
            return "must not be empty"
        case "string_too_long":
            return f"must have at most {limits['max_length']} characters"
        case kind if kind in _WRONG_TYPE:
            return f"must be {_WRONG_TYPE[kind]}, not {given}"
        case _:
            return f"is wrong: {detail['msg']}"


def _suggestion(names: list[str]) -> str:
    """The known key that was probably meant: spelled alike in the same table, or the same word in another."""
    known = list(_known(Config))
    *table, key = names
    beside = [name for name in known if name.split(".")[:-1] == table]
    near = get_close_matches(key, [name.split(".")[-1] for name in beside], 1)
    if near:
        return f"; did you mean {'.'.join([*table, near[0]])}?"
    elsewhere = [name for name in known if name.split(".")[-1] == key]
    if elsewhere and len(elsewhere[0].split(".")) > 1:
        return f"; did you mean {key} in [{elsewhere[0].split('.')[0]}]?"
    if elsewhere:
        return f"; did you mean {key} above the first [section]?"
    whole = get_close_matches(".".join(names), known, 1)
    return f"; did you mean {whole[0]}?" if whole else ""


def _known(section: type[Section], prefix: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        yield prefix + name
        inner: Any = field.annotation
        if isinstance(inner, type) and issubclass(inner, Section):
            yield from _known(inner, f"{prefix}{name}.")
