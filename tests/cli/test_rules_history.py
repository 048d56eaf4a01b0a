"""`rules history`, and what `status` says of the rules."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store import rule_uses
from tests.cli.conftest import Cli

AT = datetime(2026, 11, 20, 5, 3, tzinfo=UTC)
OLD = {"10-shipping.yaml": "rules:\n- 送料\n".encode(), "replies/handled.ja.txt": "済み\n".encode()}
NEW = OLD | {"10-shipping.yaml": "rules:\n- 配送\n".encode(), "20-more.yaml": b"rules: []\n"}


@pytest.fixture
def edited(cli: Cli) -> Cli:
    """Started, changed, and then changed wrongly."""

    async def work(session: AsyncSession) -> None:
        await rule_uses.take(session, "host:1", "start", "aa11", OLD, 1, AT)
        await rule_uses.take(session, "host:1", "change", "ab22", NEW, 2, AT + timedelta(hours=1))
        first = "/etc/toiawase/rules/10-shipping.yaml:4:13: categry is no action"
        await rule_uses.refuse(session, "host:1", "signal", "ab22", first, 3, AT + timedelta(hours=2))

    cli.write(work)
    return cli


def test_the_history_tells_what_came_when_and_what_was_refused(edited: Cli) -> None:
    refused, changed, started = edited.json("rules", "history")
    assert started == {
        "at": "2026-11-20T05:03:00+00:00",
        "node": "host:1",
        "cause": "start",
        "version": "aa11",
        "rules": 1,
        "refused": None,
    }
    assert (changed["cause"], changed["version"], changed["rules"]) == ("change", "ab22", 2)
    assert (refused["cause"], refused["version"]) == ("signal", "ab22")
    assert refused["refused"]["problem"].startswith("/etc/toiawase/rules/10-shipping.yaml:4:13: ")
    shown = edited("rules", "history", "--limit", "1").stdout
    assert "categry is no action (and 2 more)" in shown
    assert "aa11" not in shown


def test_a_version_shows_its_files(edited: Cli) -> None:
    assert edited("rules", "history", "aa").stdout == (
        "==> 10-shipping.yaml <==\nrules:\n- 送料\n\n==> replies/handled.ja.txt <==\n済み\n\n"
    )
    view = edited.json("rules", "history", "ab22")
    assert view == {"version": "ab22", "files": {name: content.decode() for name, content in NEW.items()}}


def test_two_versions_show_what_was_changed(edited: Cli) -> None:
    diff = edited("rules", "history", "aa11", "ab22").stdout
    assert diff.splitlines() == [
        "--- aa11/10-shipping.yaml",
        "+++ ab22/10-shipping.yaml",
        "@@ -1,2 +1,2 @@",
        " rules:",
        "-- 送料",
        "+- 配送",
        "--- aa11/20-more.yaml",
        "+++ ab22/20-more.yaml",
        "@@ -0,0 +1 @@",
        "+rules: []",
    ]
    view = edited.json("rules", "history", "aa11", "ab22")
    assert (view["from"], view["to"], list(view["diffs"])) == ("aa11", "ab22", ["10-shipping.yaml", "20-more.yaml"])
    assert "the same" in edited("rules", "history", "aa11", "aa").stdout


def test_a_version_that_is_not_clear_is_asked_for_again(edited: Cli) -> None:
    assert "is the beginning of several versions" in edited("rules", "history", "a", code=1).stderr
    assert "is no version that was in use" in edited("rules", "history", "aa11", "ff", code=1).stderr


def test_before_the_first_start_there_is_no_history(cli: Cli) -> None:
    assert cli.json("rules", "history") == []
    cli.make_keys()
    assert cli.json("status")["rules"] is None


def test_the_status_says_what_is_refused_and_what_goes_on(edited: Cli) -> None:
    view = edited.json("status", code=1)
    assert view["rules"] == {
        "node": "host:1",
        "version": "ab22",
        "rules": 2,
        "since": "2026-11-20T06:03:00+00:00",
        "refused": {
            "problem": "/etc/toiawase/rules/10-shipping.yaml:4:13: categry is no action",
            "problems": 3,
            "since": "2026-11-20T07:03:00+00:00",
        },
    }
    shown = edited("status", code=1).stdout
    assert "ab22 since 2026-11-20 06:03Z" in shown
    assert (
        "rules refused since 2026-11-20 07:03Z: /etc/toiawase/rules/10-shipping.yaml:4:13: categry is no action "
        "(and 2 more: `toiawase rules check`); version ab22 goes on"
    ) in " ".join(shown.split())


def test_the_status_says_that_nothing_is_answered_where_there_are_no_rules(cli: Cli) -> None:
    async def work(session: AsyncSession) -> None:
        await rule_uses.take(session, "host:1", "start", "aa11", {}, 0, AT)

    cli.write(work)
    cli.make_keys()
    assert cli.json("status", code=1)["rules"]["rules"] == 0
    assert "2026-11-20 05:03Z, 0 rules: nothing is answered or sorted" in cli("status", code=1).stdout
