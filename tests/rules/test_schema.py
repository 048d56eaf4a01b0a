"""The lists of facts and actions, and what is made of them: the JSON Schema and the documentation."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from gateway.rules.actions import ACTIONS
from gateway.rules.facts import FACTS, ORIGINS, STATUSES, Facts, fact_named
from gateway.rules.files import read
from gateway.rules.load import load
from gateway.rules.merge_fields import FIELDS, MissingFieldError, fill
from gateway.rules.phrasebook import load_phrasebook
from gateway.rules.reference import renewed
from gateway.rules.ruleset import Effects
from gateway.rules.schema import schema
from gateway.rules.shipped import shipped_folder
from gateway.rules.trials import failures
from gateway.store.states import InquiryStatus, Origin
from tests.rules.phrasebook import Phrasebook, written

ROOT = Path(__file__).parents[2]
README = (ROOT / "rules" / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"### (\d+\. .+?)\n.*?```yaml\n(.+?)```", README, re.DOTALL)


def test_every_value_that_the_engine_has_is_a_fact() -> None:
    names = {f"{group.name}.{value.name}" for group in fields(Facts) for value in fields(getattr(Facts(), group.name))}
    listed = {fact.name.replace(".header.NAME", ".header") for fact in FACTS}
    assert names - listed == {"message.reading"}
    assert listed - names == {"message.only", "message.says", "message.asks", "message.length", "inquiry.is_new"}


def test_states_and_origins_are_those_of_the_desk() -> None:
    assert set(STATUSES) == set(InquiryStatus)
    assert set(ORIGINS) == set(Origin)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_the_example_of_a_fact_is_a_test_of_it(fact: object, tmp_path: Path) -> None:
    name = getattr(fact, "name", "")
    rule = f"rules:\n- {{ name: a, when: {{ {name}: {getattr(fact, 'example', '')} }}, then: {{ stop: true }} }}\n"
    assert len(written(tmp_path, rule).rules) == 1


@pytest.mark.parametrize("name", ACTIONS)
def test_the_example_of_an_action_is_one(name: str, tmp_path: Path) -> None:
    example = (ACTIONS[name].examples or [""])[0]
    actions = f"{name}: {example}" if name != "shadow" else "shadow: true, status: done"
    rules = written(tmp_path, f"rules:\n- {{ name: a, when: {{ message.asks: true }}, then: {{ {actions} }} }}\n")
    assert getattr(rules.rules[0].then, name) is not None


def test_every_action_has_an_effect() -> None:
    effects = {field.name for field in fields(Effects)}
    assert set(ACTIONS) - effects == {"stop", "shadow"}
    assert effects - set(ACTIONS) == {"silent"}


def test_the_schema_beside_the_shipped_rules_is_the_present_one() -> None:
    folder = shipped_folder()
    replies = {file.name.split(".")[0] for file in (folder / "replies").glob("*.txt")}
    present = schema(sorted(load_phrasebook(read(folder))[0].classes), sorted(replies))
    assert json.loads((folder / "rules.schema.json").read_text("utf-8")) == present


def test_every_shipped_file_names_the_schema_for_editors() -> None:
    for file in shipped_folder().glob("*.yaml"):
        assert file.read_text("utf-8").startswith("# yaml-language-server: $schema=rules.schema.json\n"), file.name


def test_the_schema_knows_every_fact_and_action() -> None:
    parts = schema(["thanks"], ["handled"])["$defs"]
    assert set(parts["then"]["properties"]) == set(ACTIONS)
    named = {fact.name for fact in FACTS if not fact.name.endswith("NAME")}
    assert set(parts["when"]["properties"]) == named | {"any", "all", "not"}
    header = next(iter(parts["when"]["patternProperties"]))
    assert re.search(header, "message.header.X-Mailer")
    assert not any(re.search(header, name) for name in named)


def test_the_reference_is_made_from_the_lists() -> None:
    text = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert renewed(text) == text
    assert all(f"`{fact.name}`" in text for fact in FACTS)


def test_a_header_needs_a_name() -> None:
    assert fact_named("message.header.") is None
    assert fact_named("message.header.List-Id") is not None


def with_examples(folder: Path, examples: list[str]) -> Path:
    folder.mkdir()
    (folder / "replies").mkdir()
    for number, example in enumerate(examples):
        (folder / f"{number:02}.yaml").write_text(example, "utf-8")
    for name in ("handled", "shipping", "restock"):
        (folder / "replies" / f"{name}.ja.txt").write_text("ご対応させていただきました。", "utf-8")
    return folder


@pytest.mark.parametrize(("title", "example"), EXAMPLES, ids=[title for title, _ in EXAMPLES])
def test_an_example_of_the_readme_passes_the_check(title: str, example: str, tmp_path: Path) -> None:
    phrases, _ = load_phrasebook(read(shipped_folder()))
    rules = load(read(with_examples(tmp_path / "rules", [example])), phrases)
    assert list(map(str, failures(rules))) == []
    assert {trial.expected for rule in rules.rules for trial in rule.trials} == {True, False}, "both kinds of test"


def test_the_readme_has_ten_examples_that_stand_beside_each_other(tmp_path: Path) -> None:
    assert len(EXAMPLES) == 10
    assert len(load(read(with_examples(tmp_path / "rules", [text for _, text in EXAMPLES])), Phrasebook()).rules) == 10


def test_the_readme_names_every_merge_field() -> None:
    assert set(re.findall(r"\{\{ (\w+) \}\}", README)) == set(FIELDS)


def test_merge_fields_are_filled_and_nothing_is_evaluated() -> None:
    values = {"store_title": "{{ inquiry_number }}", "inquiry_number": "Q-1"}
    assert fill("{{store_title}}: {{ inquiry_number }} {x}", values) == "{{ inquiry_number }}: Q-1 {x}"


@pytest.mark.parametrize("values", [{}, {"order_number": None}, {"order_number": ""}])
def test_a_field_without_a_value_stops_the_sending(values: dict[str, str | None]) -> None:
    with pytest.raises(MissingFieldError, match="order_number"):
        fill("ご注文 {{ order_number }} の件", values)
