"""The `tests` beside a rule: from what was written to facts, and whether the rule does with them what was expected.

A test looks at its own rule's `when` alone, whatever stands above.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from gateway.mail import language
from gateway.rules.conditions import Look
from gateway.rules.document import Document, Steps
from gateway.rules.facts import FACTS, HEADER, Facts, Kind, fact_named
from gateway.rules.problems import Problem, nearest, one_of, shown
from gateway.rules.reading import Later, Phrasebook
from gateway.rules.ruleset import RuleSet, Trial
from gateway.rules.when import When

EXPECTED = {"match": True, "no match": False}
FOLLOWS = {  # facts that a test cannot set, and what they follow from
    "message.text": "message",
    "message.length": "message",
    "message.only": "message",
    "message.says": "message",
    "message.asks": "message",
    "inquiry.is_new": "inquiry.status",
}
SETTABLE = ("message", "expect", *(fact.name for fact in FACTS if fact.name not in FOLLOWS))
LONGEST = 5000  # characters of a test's message


def trials(written: Any, steps: Steps, document: Document, when: When, phrases: Phrasebook) -> Iterator[Trial]:
    """The tests of one rule; what is wrong in them is reported."""
    for number, item in enumerate(written):
        at = (*steps, number)
        facts = _facts(item, at, document, when, phrases)
        expected = EXPECTED.get(str(item.get("expect")))
        if "expect" not in item:
            document.report(at, "a test needs `expect: match` or `expect: no match`")
        elif expected is None:
            document.report((*at, "expect"), f"expect must be {one_of(EXPECTED)}, not {shown(item['expect'])}")
        elif facts is not None:
            line, column = document.values[at]
            yield Trial(facts, expected, line, column, document.lines[line - 1])


def failures(rules: RuleSet) -> Iterator[Problem]:
    """The tests that the rules do not pass."""
    for rule in rules.rules:
        for trial in rule.trials:
            finding = rule.condition.judge(Look(trial.facts, rules.patterns))
            if finding.holds != trial.expected:
                wanted = "should match but does not" if trial.expected else "should not match but does"
                text = f"the test fails: {rule.name} {wanted}: {finding.why}"
                yield Problem(rule.file, trial.line, trial.column, text, trial.source)


def _facts(item: dict[str, Any], at: Steps, document: Document, when: When, phrases: Phrasebook) -> Facts | None:
    values: dict[str, Any] = {}
    before = len(document.problems)
    for key, written in item.items():
        steps = (*at, key)
        fact = fact_named(key)
        if key == "expect":
            continue
        if key == "message":
            if not isinstance(written, str) or len(written) > LONGEST:
                document.report(steps, f"message must be a text of at most {LONGEST} characters, not {shown(written)}")
            values["message.text"] = written
        elif key in FOLLOWS:
            document.report(steps, f"{key} cannot be set in a test: it follows from {FOLLOWS[key]}", key=True)
        elif fact is None or fact.kind is Kind.CLASSES:
            document.report(steps, f"{key} is no fact{nearest(key, SETTABLE)}", key=True)
        else:
            values[key] = when.value(key, fact, written, steps)
    return _with(values, phrases) if len(document.problems) == before else None


def _with(values: dict[str, Any], phrases: Phrasebook) -> Facts:
    text = values.get("message.text", "")
    values = {
        "message.language": language.of(text),
        "message.reading": Later(phrases, text, values.get("message.subject", "")),
        **values,
    }
    header = {key[len(HEADER) :].lower(): values.pop(key) for key in list(values) if key.startswith(HEADER)}
    groups: dict[str, dict[str, Any]] = {"message": {"header": header}}
    for key, value in values.items():
        group, _, name = key.partition(".")
        groups.setdefault(group, {})[name] = value
    change: Callable[..., Any] = replace
    facts = Facts()
    return replace(facts, **{group: change(getattr(facts, group), **named) for group, named in groups.items()})
