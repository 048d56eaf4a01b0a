"""What is done to a gateway under systemd, by an operator or by bad luck. Each returns when it serves again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.systemd.load import add_stores
from tests.systemd.machine import PROGRAM, Machine, booted


@contextmanager
def serving(folder: Path) -> Iterator[Machine]:
    """A machine whose gateway runs. Raises NoMachineError."""
    with booted(folder) as machine:
        machine.run("systemctl", "enable", "--now", "toiawase.socket", "toiawase.service")
        add_stores(machine)
        yield machine


def restarts(machine: Machine) -> None:
    machine.run("systemctl", "restart", "toiawase")


def reloads(machine: Machine) -> None:
    machine.tells('"event": "reload.done"', lambda: machine.run("systemctl", "reload", "toiawase"))


def refuses_rules(machine: Machine) -> None:
    """A mistake in a file of rules: the reload says so, and the rules of before stay."""
    before = _rules_in_use(machine)
    file = machine.root / "etc/toiawase/rules/99-mistake.yaml"

    def reload() -> None:
        file.write_text("rules:\n  - name: [\n")
        machine.run("systemctl", "reload", "toiawase")

    machine.tells('"event": "rules.refused"', reload)
    assert _rules_in_use(machine) == before
    file.unlink()


def dies(machine: Machine) -> None:
    """By SIGKILL, all its processes at once; systemd starts it again."""
    machine.tells('"event": "started"', lambda: machine.run("systemctl", "kill", "--signal=KILL", "toiawase"))


def hangs(machine: Machine) -> None:
    """Right after a start, in which a shorter watchdog came into force; the watchdog sees it."""
    machine.drop_in("watchdog", "[Service]\nWatchdogSec=5s\n")
    restarts(machine)
    stop = ("systemctl", "kill", "--kill-whom=main", "--signal=STOP", "toiawase")
    machine.tells('"event": "started"', lambda: machine.tells("Watchdog timeout", lambda: machine.run(*stop)))


def _rules_in_use(machine: Machine) -> str:
    return str(json.loads(machine.attempt(PROGRAM, "status", "--json").stdout)["rules"]["version"])
