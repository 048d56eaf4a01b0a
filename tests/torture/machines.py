"""Mail into a gateway under a real systemd while deeds are done to it, one after the other, and the report of it."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from tests.systemd.deeds import serving
from tests.systemd.load import broken_promises, under_load
from tests.systemd.machine import Machine, lacking
from tests.torture.report import Report

MOST = 6_000  # mails: of 20,000 that were taken in eleven minutes, two cores have understood 6,200 after sixteen


def played(folder: Path, size: str, rate: float, deeds: Iterable[Callable[[Machine], None]], most: int) -> Report:
    """`rate`: connections a second that are asked for; the first `most` bring a mail."""
    if reason := lacking():
        return Report("nothing", failures=(reason,))
    with serving(folder) as machine:
        load = machine.inside(under_load(rate, [partial(deed, machine) for deed in deeds], most=most))
        broken = broken_promises(machine, load.acknowledged)
    if load.refused:
        broken.append(f"{load.refused} connections refused")
    figures = {
        "acknowledged": len(load.acknowledged),
        "connections served a second": round(load.rate, 1),
        "attempts without a 250": load.repeats,
        "refused connections": load.refused,
    }
    asked = f"{rate:.0f} connections a second asked for, {most} mails at most"
    return Report(f"{size}; {asked}", figures, tuple(broken))
