"""What monitoring reads: every number that is offered is described, and every panel has its number."""

import json
import re
from collections import Counter
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from gateway.http.metrics import ENDED, exposition
from gateway.http.vitals import RulesNow, Vitals
from gateway.intake import replies
from gateway.store.database import Database

DOCS = Path(__file__).parents[2] / "docs"
DASHBOARD = DOCS / "grafana" / "toiawase.json"
NAME = re.compile(r"\b(?:toiawase|process)_\w+")


def _vitals() -> Vitals:
    return Vitals(
        delivers=lambda: True,
        has_keys=lambda: True,
        has_room=lambda: True,
        connections=lambda: 1,
        load=lambda: 1,
        rules=lambda: RulesNow("abc", False, 0),
        refused=Counter({"no such store": 1}),
    )


async def _offered(database: Database) -> dict[str, set[str]]:
    """Each sample's name with its labels' names."""
    text = (await exposition(database, _vitals(), 5.0)).decode()
    families = text_string_to_metric_families(text)
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


async def test_every_metric_of_the_dashboard_exists(database: Database) -> None:
    offered = await _offered(database)
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    asked = {target["expr"]: panel["title"] for panel in panels for target in panel["targets"]}
    assert len(asked) > 15
    for expression, title in asked.items():
        names = NAME.findall(expression)
        assert names, title
        assert set(names) <= offered.keys(), title
        grouped = re.search(r"by \((\w+)\)", expression)
        if grouped and grouped[1] != "instance":
            assert grouped[1] in offered[names[0]], title


async def test_every_metric_is_in_the_dashboard_and_in_the_manual(database: Database) -> None:
    ours = {name for name in await _offered(database) if name.startswith("toiawase_")}
    manual = set(re.findall(r"`(\w+)(?:\{\w+\})?`", (DOCS / "operating.md").read_text("utf-8")))
    assert {name.removeprefix("toiawase_") for name in ours} - manual == set()
    assert ours - set(NAME.findall(DASHBOARD.read_text("utf-8"))) == set()


def test_every_reason_for_which_a_session_is_ended_is_there_from_the_beginning() -> None:
    assert set(ENDED) == {*replies.ENDS.values(), replies.ANOTHER_END}


async def test_a24_no_label_names_anybody(database: Database) -> None:
    labels = set().union(*(await _offered(database)).values())
    assert labels <= {"outcome", "reason", "state", "what", "version"}


async def test_our_own_numbers_come_without_the_database(sqlite_database: Database) -> None:
    text = (await exposition(sqlite_database, _vitals(), 0.0)).decode()
    assert "toiawase_database_up 0.0\n" in text
    assert "process_resident_memory_bytes " in text
    assert "toiawase_queue_mails" not in text
