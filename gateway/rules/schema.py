"""The JSON Schema of a rules file, made from the facts and the actions, for completion and checks in editors."""

from typing import Any

from gateway.rules.actions import ACTIONS
from gateway.rules.facts import FACTS, HEADER, Fact, Kind
from gateway.rules.load import LONGEST_NAME
from gateway.rules.trials import EXPECTED, FOLLOWS
from gateway.rules.when import LONGEST_WORDS

_DURATION = {"type": "string", "pattern": "^[0-9]{1,9}[smhd]$", "examples": ["4h", "7d"]}
_WORDS = {"type": ["string", "integer"]}


def schema(classes: list[str], replies: list[str]) -> dict[str, Any]:
    """JSON Schema 2020-12; `classes` and `replies` are the phrase classes and the answers that there are."""
    header = next(fact for fact in FACTS if fact.name.startswith(HEADER))
    named = [fact for fact in FACTS if fact is not header]
    pattern = f"^{HEADER.replace('.', '[.]')}.+$"
    when = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {
            "any": {"type": "array", "items": {"$ref": "#/$defs/when"}, "minItems": 1, "description": "One must hold"},
            "all": {"type": "array", "items": {"$ref": "#/$defs/when"}, "minItems": 1, "description": "All must hold"},
            "not": {"$ref": "#/$defs/when", "description": "Must not hold"},
            **{fact.name: _described(fact, _test(fact, classes)) for fact in named},
        },
        "patternProperties": {pattern: _described(header, _test(header, classes))},
    }
    settable = {fact.name: _described(fact, _value(fact)) for fact in named if fact.name not in FOLLOWS}
    trial = {
        "type": "object",
        "required": ["expect"],
        "additionalProperties": False,
        "properties": {
            "message": {"type": "string", "description": "What the customer newly wrote"},
            "expect": {"enum": list(EXPECTED), "description": "Whether this rule's `when` holds"},
            **settable,
        },
        "patternProperties": {pattern: _value(header)},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rules of Toiawase",
        "type": "object",
        "additionalProperties": False,
        "required": ["rules"],
        "properties": {"rules": {"type": "array", "items": {"$ref": "#/$defs/rule"}}},
        "$defs": {"rule": _rule(), "when": when, "then": _then(replies), "test": trial},
    }


def _rule() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["name", "when", "then"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "description": "Unique in all files"},
            "description": {"type": "string", "description": "For its readers"},
            "when": {"$ref": "#/$defs/when", "description": "The conditions, all of which must hold"},
            "then": {"$ref": "#/$defs/then", "description": "What is done"},
            "tests": {"type": "array", "items": {"$ref": "#/$defs/test"}, "description": "Run by `rules check`"},
        },
    }


def _then(replies: list[str]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, action in ACTIONS.items():
        extra = action.json_schema_extra
        assert isinstance(extra, dict), "every action names its schema"
        properties[name] = {"description": action.description, **extra}
    properties["auto_respond"]["examples"] = replies
    return {"type": "object", "minProperties": 1, "additionalProperties": False, "properties": properties}


def _described(fact: Fact, test: dict[str, Any]) -> dict[str, Any]:
    return {"description": f"{fact.doc}. Example: {fact.example}", **test}


def _value(fact: Fact) -> dict[str, Any]:
    """One value of the fact."""
    match fact.kind:
        case Kind.CHOICE:
            return {"enum": list(fact.choices)}
        case Kind.NUMBER:
            return {"type": "integer", "minimum": 0, **({} if fact.largest is None else {"maximum": fact.largest})}
        case Kind.YES_NO:
            return {"type": "boolean"}
        case Kind.DURATION:
            return _DURATION
        case _:
            return _WORDS


def _test(fact: Fact, classes: list[str]) -> dict[str, Any]:
    """A value, a list (any of) or a mapping (all of), as far as the kind has them."""
    match fact.kind:
        case Kind.CLASSES:
            value: dict[str, Any] = {"enum": classes}
            return {"anyOf": [value, {"type": "array", "items": value, "minItems": 1}]}
        case Kind.DURATION:
            return _tests(dict.fromkeys(("within", "min", "max"), _DURATION))
        case Kind.NUMBER:
            forms = [_value(fact), _tests(dict.fromkeys(("min", "max"), _value(fact)))]
        case Kind.TEXT:
            words = {"type": ["string", "integer"], "maxLength": LONGEST_WORDS}
            several = {"anyOf": [words, {"type": "array", "items": words, "minItems": 1}]}
            forms = [_WORDS, _tests({"contains": several, "matches": several})]
        case _:
            forms = [_value(fact)]
    return {"anyOf": [*forms, {"type": "array", "items": {"anyOf": forms}, "minItems": 1}]}


def _tests(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "minProperties": 1, "additionalProperties": False, "properties": properties}
