"""The configuration as a commented TOML file, made from the schema: the effective one, and a fresh one to edit."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from gateway.config.schema import REQUIRED_EXAMPLES, Config, Section
from gateway.config.values import without_password
from gateway.durations import format_duration


def effective(config: Config) -> str:
    """Every key with the value in force, without secrets, each under its sentence."""
    return "\n".join(_section(type(config), config, comment_defaults=False)) + "\n"


def sample() -> str:
    """A file to edit: examples for what has no default, and every default as a comment."""
    return "\n".join(_section(Config, None, comment_defaults=True)) + "\n"


def _section(model: type[Section], values: Section | None, *, comment_defaults: bool) -> Iterator[str]:
    sections = []
    for name, field in model.model_fields.items():
        inner: Any = field.annotation
        if isinstance(inner, type) and issubclass(inner, Section):
            sections.append((name, inner))
        else:
            yield f"# {field.description}"
            mark = "# " if comment_defaults and not field.is_required() else ""
            yield f"{mark}{name} = {literal(_value(name, field, values))}"
    for name, inner in sections:
        yield ""
        yield f"# {inner.__doc__}"
        yield f"[{name}]"
        yield from _section(inner, getattr(values, name, None), comment_defaults=comment_defaults)


def _value(name: str, field: FieldInfo, values: Section | None) -> Any:
    if values is not None:
        return getattr(values, name)
    return REQUIRED_EXAMPLES[name] if field.is_required() else field.default


def literal(value: Any) -> str:
    """As TOML writes it, without a password."""
    match value:
        case bool() | int():
            return str(value).lower()
        case timedelta():
            return f'"{format_duration(value)}"'
        case list() | tuple():
            return f"[{', '.join(literal(item) for item in value)}]"
        case None:
            return '""'
        case Path():
            return json.dumps(str(value), ensure_ascii=False)
        case _:
            return json.dumps(without_password(str(value)), ensure_ascii=False)
