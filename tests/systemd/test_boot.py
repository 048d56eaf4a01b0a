"""The units under a real systemd, in a machine of their own: what an operator does to them, and what goes wrong."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ledger.mails import CustomerMail
from tests.systemd.load import Load, add_stores, broken_promises, under_load
from tests.systemd.machine import PROGRAM, Machine, booted, lacking

REASON = lacking()
DYNAMIC = range(61184, 65520)  # systemd.exec(5), DynamicUser=
NOTHING = 0  # capabilities
FILTERED = 2  # seccomp(2), SECCOMP_MODE_FILTER
STATE = "/var/lib/private/toiawase"


@pytest.mark.skipif(REASON is not None, reason=REASON or "")
@pytest.mark.timeout(600)
def test_a28_t18_t23_a_real_systemd_starts_it_shut_in_and_no_restart_refuses_or_loses_a_mail(tmp_path: Path) -> None:
    acknowledged: list[CustomerMail] = []

    def mails_come(*deeds: Callable[[], None], rate: float = 4.0) -> Load:
        load = machine.inside(under_load(rate, deeds, first=len(acknowledged)))
        acknowledged.extend(load.acknowledged)
        return load

    with booted(tmp_path) as machine:
        machine.run("systemctl", "enable", "--now", "toiawase.socket", "toiawase.service")
        add_stores(machine)
        _it_is_shut_in(machine)
        _the_operators_commands_leave_nothing_of_roots(machine)

        load = mails_come(lambda: reloads(machine), lambda: restarts(machine), lambda: refuses_rules(machine, 1))
        assert (load.refused, len(load.acknowledged) > 0) == (0, True)
        load = mails_come(lambda: dies(machine), lambda: hangs(machine))
        assert load.refused == 0
        assert broken_promises(machine, acknowledged) == {}


def restarts(machine: Machine) -> None:
    machine.run("systemctl", "restart", "toiawase")


def reloads(machine: Machine) -> None:
    machine.tells('"event": "reload.done"', lambda: machine.run("systemctl", "reload", "toiawase"))


def refuses_rules(machine: Machine, number: int) -> None:
    """A mistake in a file of rules: the reload says so, and the rules of before stay."""
    before = _rules_in_use(machine)
    file = machine.root / "etc/toiawase/rules/99-mistake.yaml"

    def reload() -> None:
        file.write_text(f"rules:\n  - name: [{number}\n")
        machine.run("systemctl", "reload", "toiawase")

    machine.tells('"event": "rules.refused"', reload)
    assert _rules_in_use(machine) == before
    file.unlink()


def dies(machine: Machine) -> None:
    """By SIGKILL, all its processes at once; systemd starts it again."""
    machine.tells('"event": "started"', lambda: machine.run("systemctl", "kill", "--signal=KILL", "toiawase"))


def hangs(machine: Machine) -> None:
    """The watchdog sees it."""
    machine.tells(
        '"event": "started"',
        lambda: machine.run("systemctl", "kill", "--kill-whom=main", "--signal=STOP", "toiawase"),
    )
    assert "Watchdog timeout" in machine.journal()


def _rules_in_use(machine: Machine) -> str:
    return str(json.loads(machine.attempt(PROGRAM, "status", "--json").stdout)["rules"]["version"])


def _it_is_shut_in(machine: Machine) -> None:
    status = machine.run("cat", f"/proc/{machine.property('MainPID')}/status")
    fields = dict(re.findall(r"^(\w+):\t(.*)$", status, re.MULTILINE))
    assert {int(uid) in DYNAMIC for uid in fields["Uid"].split()} == {True}
    assert [int(fields[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb")] == [NOTHING] * 5
    assert (fields["NoNewPrivs"], int(fields["Seccomp"])) == ("1", FILTERED)
    assert machine.run("stat", "--format=%a %U", STATE).split() == ["700", "toiawase"]


def _the_operators_commands_leave_nothing_of_roots(machine: Machine) -> None:
    foreign = machine.run("find", STATE, "(", "-not", "-user", "toiawase", "-o", "-perm", "/077", "-type", "f", ")")
    assert foreign == ""
