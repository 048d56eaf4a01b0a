"""A15: what a mail may cost, by the process that it costs."""

import subprocess
import sys
from signal import SIGPROF

BEGIN = """
import time
from gateway.worker import limits
def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
limits.CPU_SECONDS = 1
"""
OLD_IN_TICKS = """
burn(2.1)
own = time.process_time
time.process_time = lambda: own() - 2  # the kernel's ticks run ahead of a process's own clock
for _ in range(3):
    with limits.bounded(1000):
        burn(0.2)
"""
COSTLY = """
with limits.bounded(1000):
    burn(5)
"""
AFTERWARDS = """
with limits.bounded(1000):
    pass
burn(1.5)
"""


def ends(code: str) -> int:
    return subprocess.run([sys.executable, "-c", BEGIN + code], timeout=60).returncode


def test_a_worker_that_is_old_in_ticks_is_not_ended_by_a_small_mail() -> None:
    assert ends(OLD_IN_TICKS) == 0


def test_a15_a_costly_mail_ends_its_process() -> None:
    assert ends(COSTLY) == -SIGPROF


def test_between_mails_time_is_not_bounded() -> None:
    assert ends(AFTERWARDS) == 0
