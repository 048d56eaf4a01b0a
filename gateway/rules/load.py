"""From the files of a folder to a RuleSet, or to every error that is in it.

Files load in name order and names are unique; all is checked before anything is used, so that a broken folder never
replaces a set that works. Phrases are read by phrasebook.py.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictStr, ValidationError
from pydantic_core import ErrorDetails

from gateway.rules.actions import ACTIONS, Then, contradictions
from gateway.rules.document import Document, Steps, read_document
from gateway.rules.files import Files, version_of
from gateway.rules.patterns import Patterns
from gateway.rules.problems import Problem, RulesError, nearest, one_of, shown
from gateway.rules.reading import Phrasebook
from gateway.rules.replies import Replies, load_replies
from gateway.rules.ruleset import Rule, RuleSet
from gateway.rules.trials import trials
from gateway.rules.when import When

LONGEST_NAME = 100  # characters of a rule's name


class WrittenRule(BaseModel):
    """A rule as YAML has it."""

    model_config = ConfigDict(extra="forbid")

    name: StrictStr
    description: StrictStr = ""
    when: dict[str, Any]
    then: Then
    tests: list[dict[str, Any]] = []


@dataclass
class _Loading:
    """What the files of one folder share while they are read."""

    phrases: Phrasebook
    replies: Replies
    patterns: Patterns = field(default_factory=Patterns)
    rules: list[Rule] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # of rules, with the place of each
    classes: set[str] = field(default_factory=set)  # of phrases, that rules name
    problems: list[Problem] = field(default_factory=list)


def load(files: Files, phrases: Phrasebook) -> RuleSet:
    """The rules of a folder; its `tests` are not run yet (trials.py). Raises RulesError with every problem."""
    replies, problems = load_replies(files)
    loading = _Loading(phrases, replies, problems=problems)
    for file in (PurePosixPath(name) for name in sorted(files) if "/" not in name):
        if file.suffix == ".yml":
            loading.problems.append(Problem(file.name, 1, 1, f"is not loaded: call it {file.stem}.yaml"))
        else:
            document = read_document(file.name, files[file.name])
            _read_rules(document, loading)
            loading.problems += document.problems
    if loading.problems:
        raise RulesError(loading.problems)
    loading.patterns.compile()
    guarded, unguarded = _guards(loading.rules)
    rules = tuple(loading.rules)
    named = frozenset(loading.classes)
    return RuleSet(version_of(files), rules, loading.patterns, phrases, replies, guarded, unguarded, named)


def _read_rules(document: Document, loading: _Loading) -> None:
    data = document.data
    if data is None:
        return
    if not isinstance(data, dict):
        return document.report((), f"must be a mapping that begins with `rules:`, not {shown(data)}")
    for key in data:
        if key != "rules":
            document.report((key,), f"{key} is no key of this file{nearest(key, ['rules'])}", key=True)
    written = data.get("rules")
    if not isinstance(written, list):
        if "rules" in data:
            document.report(("rules",), f"rules must be a list, each begun with a dash, not {shown(written)}")
        return None
    when = When(document, loading.patterns, loading.phrases.classes, loading.classes)
    for number, rule in enumerate(written):
        _read_rule(rule, ("rules", number), document, when, loading)
    return None


def _read_rule(written: Any, steps: Steps, document: Document, when: When, loading: _Loading) -> None:
    if not isinstance(written, dict):
        return document.report(steps, f"a rule is a mapping with name, when and then, not {shown(written)}")
    before = len(document.problems)
    condition = when.mapping(written["when"], (*steps, "when")) if isinstance(written.get("when"), dict) else None
    rule = _validated(written, steps, document)
    then = written.get("then")
    if isinstance(then, dict):
        for action, problem in contradictions(then):
            document.report((*steps, "then", action), problem, key=True)
    if rule is None:
        return None
    _check_name(rule.name, steps, document, loading.names)
    answer, texts = rule.then.auto_respond, loading.replies.texts
    if answer is not None and answer not in texts:
        hint = nearest(answer, texts) or (f"; there are {one_of(texts)}" if texts else "")
        document.report((*steps, "then", "auto_respond"), f"there is no text replies/{answer}.*.txt{hint}")
    tests = tuple(trials(rule.tests, (*steps, "tests"), document, when, loading.phrases))
    if condition is not None and len(document.problems) == before:
        line = document.keys[(*steps, "name")][0]
        loading.rules.append(Rule(rule.name, document.name, line, condition, rule.then, tests))
    return None


def _validated(written: dict[str, Any], steps: Steps, document: Document) -> WrittenRule | None:
    try:
        return WrittenRule.model_validate(written)
    except ValidationError as error:
        for detail in error.errors():
            _report(detail, steps, document)
        return None


def _report(detail: ErrorDetails, steps: Steps, document: Document) -> None:
    inner = tuple(part for part in detail["loc"] if isinstance(part, str | int))
    name = str(inner[-1])
    at, given = (*steps, *inner), shown(detail["input"])
    match detail["type"]:
        case "missing":
            document.report(steps, f"the rule has no {name}")
        case "extra_forbidden" if inner[0] == "then":
            document.report(at, f"{name} is no action{nearest(name, ACTIONS)}", key=True)
        case "extra_forbidden":
            document.report(at, f"{name} is no part of a rule{nearest(name, WrittenRule.model_fields)}", key=True)
        case "value_error":
            document.report(at, f"{inner[1]} {detail['ctx']['error']}")
        case "string_type":
            document.report(at, f"{name} must be a text, not {given}: put it in quotes")
        case "list_type":
            document.report(at, f"{name} must be a list, each begun with a dash, not {given}")
        case _:
            document.report(at, f"{'a test' if inner[0] == 'tests' else name} must be a mapping, not {given}")


def _check_name(name: str, steps: Steps, document: Document, names: dict[str, str]) -> None:
    at = (*steps, "name")
    line = document.keys[at][0]
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        document.report(at, f"name must be one line of 1 to {LONGEST_NAME} characters")
    elif name in names:
        document.report(at, f"there is a rule of this name already: {names[name]}")
    names.setdefault(name, f"{document.name}:{line}")


def _guards(rules: list[Rule]) -> tuple[Mapping[str, Mapping[int, tuple[int, ...]]], frozenset[int]]:
    guarded: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    unguarded = set()
    for position, rule in enumerate(rules):
        if rule.condition.guard is None:
            unguarded.add(position)
        for key, number in rule.condition.guard or ():
            guarded[key][number].append(position)
    frozen = {key: {n: tuple(at) for n, at in numbers.items()} for key, numbers in guarded.items()}
    return frozen, frozenset(unguarded)
