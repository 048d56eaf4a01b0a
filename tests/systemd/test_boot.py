"""The units under a real systemd, in a machine of their own: what an operator does to them, and what goes wrong.

`make torture T="t18 t23"` does it fifty times, under more mail.
"""

import re
from functools import partial
from pathlib import Path

import pytest

from tests.ledger.mails import CustomerMail
from tests.systemd.deeds import dies, hangs, refuses_rules, reloads, restarts, serving
from tests.systemd.load import broken_promises, under_load
from tests.systemd.machine import AS_SERVICE, Machine, NoMachineError, lacking

REASON = lacking()
DYNAMIC = range(61184, 65520)  # systemd.exec(5), DynamicUser=
FILTERED = "2"  # seccomp(2), SECCOMP_MODE_FILTER
STATE = "/var/lib/private/toiawase"
RATE, MAILS = 10.0, 60  # connections a second, and how many of them bring a mail


@pytest.mark.skipif(REASON is not None, reason=REASON or "")
@pytest.mark.timeout(600)
def test_a28_t18_t23_a_real_systemd_starts_it_shut_in_and_no_restart_refuses_or_loses_a_mail(tmp_path: Path) -> None:
    acknowledged: list[CustomerMail] = []
    try:
        with serving(tmp_path) as machine:
            _it_is_shut_in(machine)
            _an_operators_commands_work_and_leave_the_state_to_the_service(machine)
            for deeds in ((reloads, restarts, refuses_rules), (dies, hangs)):
                done = [partial(deed, machine) for deed in deeds]
                load = machine.inside(under_load(RATE, done, first=len(acknowledged), most=MAILS))
                acknowledged += load.acknowledged
                assert (load.refused, len(load.acknowledged)) == (0, MAILS)
            assert broken_promises(machine, acknowledged) == []
    except NoMachineError as error:
        pytest.skip(str(error))


def _it_is_shut_in(machine: Machine) -> None:
    status = machine.run("cat", f"/proc/{machine.property('MainPID')}/status")
    fields = dict(re.findall(r"^(\w+):\t(.*)$", status, re.MULTILINE))
    assert {int(uid) in DYNAMIC for uid in fields["Uid"].split()} == {True}
    assert {int(fields[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb")} == {0}
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", FILTERED)


def _an_operators_commands_work_and_leave_the_state_to_the_service(machine: Machine) -> None:
    """As root, with files of root's, and as the service itself; while it runs and while it does not."""
    (machine.root / "root/products.csv").write_text(
        "product_code,product_name,product_category,product_page\n1,One,,\n"
    )
    for state in ("start", "stop"):
        machine.run("systemctl", state, "toiawase")
        machine.toiawase("product", "import", "/root/products.csv")
        machine.toiawase("db", "backup", f"/root/backup-{state}")
        assert machine.run(AS_SERVICE, "ledger", "check").endswith("every mail is accounted for\n")
        assert machine.attempt(AS_SERVICE, "inquiry", "show", "Q-99").returncode == 1
        _all_is_the_services(machine)
    machine.run("chown", "--recursive", "root:root", STATE)  # as a copy from another machine would be
    machine.run("systemctl", "start", "toiawase")
    _all_is_the_services(machine)


def _all_is_the_services(machine: Machine) -> None:
    uid, mode = machine.run("stat", "--format=%u %a", STATE).split()
    assert (int(uid) in DYNAMIC, mode) == (True, "700")
    assert machine.run("find", STATE, "(", "-not", "-uid", uid, "-o", "-type", "f", "-perm", "/077", ")") == ""
