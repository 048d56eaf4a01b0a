"""What a rule may do: the one list of actions from which the checker, the JSON Schema and docs/rules.md are made.

A validator raises ValueError with the end of a sentence that begins with the action's name: "must be …, not …".
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gateway.durations import parse_duration
from gateway.mail.addresses import address_problem, normalise_address
from gateway.rules.facts import STATUSES
from gateway.rules.problems import nearest, one_of, shown

LONGEST_LABEL = 40  # characters of a category, kind or tag: the database keeps no more
MOST = 20  # tags, or addresses
SHORTEST_REMINDER = timedelta(minutes=1)


def _yes(written: Any) -> bool:
    if written is not True:
        raise ValueError(f"must be true, not {shown(written)}; leave it out where it is not wanted")
    return True


def _word(written: Any) -> str:
    if not isinstance(written, str) or not written.strip():
        raise ValueError(f"must be a text, not {shown(written)}")
    return written.strip()


def _label(written: Any) -> str:
    label = _word(written)
    if len(label) > LONGEST_LABEL or not label.isprintable():
        raise ValueError(f"must be one line of at most {LONGEST_LABEL} characters, not {shown(written)}")
    return label


def _status(written: Any) -> str:
    if written not in STATUSES:
        raise ValueError(f"must be {one_of(STATUSES)}, not {shown(written)}{nearest(str(written), STATUSES)}")
    return str(written)


def _labels(written: Any) -> tuple[str, ...]:
    labels = tuple(map(_label, written if isinstance(written, list) else [written]))
    if not 0 < len(labels) <= MOST:
        raise ValueError(f"must be 1 to {MOST} words, not {len(labels)}")
    return labels


def _notified(written: Any) -> tuple[str, ...]:
    if written is False:
        return ()
    addresses = written if isinstance(written, list) else [written]
    if not 0 < len(addresses) <= MOST or not all(isinstance(address, str) for address in addresses):
        raise ValueError(f"must be false or a list of 1 to {MOST} mail addresses, not {shown(written)}")
    for address in addresses:
        if problem := address_problem(address):
            raise ValueError(f"must have mail addresses, not {shown(address)}: {problem}")
    return tuple(map(normalise_address, addresses))


def _reminder(written: Any) -> timedelta:
    after = parse_duration(str(written))
    if after < SHORTEST_REMINDER:
        raise ValueError(f"must be at least 1m, not {shown(written)}")
    return after


def _action(example: str, doc: str, **schema: Any) -> Any:
    return Field(default=None, description=doc, examples=[example], json_schema_extra=schema)


def _as(check: Callable[[Any], Any]) -> BeforeValidator:
    return BeforeValidator(check)


_TEXT = {"type": "string", "minLength": 1}
_LABEL = {**_TEXT, "maxLength": LONGEST_LABEL}
_TRUE = {"const": True}
_ADDRESSES = {"type": "array", "items": {"type": "string", "format": "email"}, "minItems": 1, "maxItems": MOST}
_DURATION = {"type": "string", "pattern": "^[0-9]{1,9}[smhd]$"}


class Then(BaseModel):
    """What a rule does where it matches. None is what it leaves alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    auto_respond: Annotated[str | None, _as(_word)] = _action(
        "handled", "Answer with the text of that name in `replies/`; the last rule that acts", **_TEXT
    )
    file: Annotated[bool | None, _as(_yes)] = _action(
        "true", "Keep it in the thread and the digest: no answer, no notification; the state stays", **_TRUE
    )
    quarantine: Annotated[bool | None, _as(_yes)] = _action("true", "Keep it aside, silently; reversible", **_TRUE)
    status: Annotated[str | None, _as(_status)] = _action("done", "The state after this mail", enum=list(STATUSES))
    category: Annotated[str | None, _as(_label)] = _action("送料", "カテゴリ", **_LABEL)
    kind: Annotated[str | None, _as(_label)] = _action("一般", "タイプ", **_LABEL)
    tags: Annotated[tuple[str, ...] | None, _as(_labels)] = _action(
        "[急ぎ]", "Labels to find it by, added to those of other rules", type="array", items=_LABEL, maxItems=MOST
    )
    notify: Annotated[tuple[str, ...] | None, _as(_notified)] = _action(
        "false",
        "`false`: the sellers get no notification; a list: these addresses get one too",
        anyOf=[{"const": False}, _ADDRESSES],
    )
    remind: Annotated[timedelta | None, _as(_reminder)] = _action(
        "4h",
        "Remind the sellers after so much open time, unless it is taken care of; the soonest holds",
        **_DURATION,
    )
    stop: Annotated[bool | None, _as(_yes)] = _action("true", "The last rule that acts", **_TRUE)
    shadow: Annotated[bool | None, _as(_yes)] = _action("true", "Record what would be done, and do nothing", **_TRUE)

    @property
    def silences(self) -> bool:
        return self.notify == ()

    @property
    def ends(self) -> bool:
        """Whether no rule below acts any more. A shadow stops nothing."""
        return not self.shadow and bool(self.auto_respond or self.stop)


ACTIONS = Then.model_fields  # by name, in the order of the documentation


def contradictions(written: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(action, what is wrong) of actions that cannot stand beside each other."""
    silent = [name for name in ("auto_respond", "file", "quarantine") if written.get(name)]
    if len(silent) > 1:
        yield silent[1], f"{silent[1]} cannot stand beside {silent[0]}: choose one"
    if not set(written) - {"shadow"}:
        yield "", f"then does nothing: name an action, such as {one_of(list(ACTIONS)[:4])}"
