"""`make ledger`: a run of full size, and what came of it. Exit code 0 only if every promise was kept."""

import argparse
import asyncio
import sys
from math import inf
from pathlib import Path
from tempfile import mkdtemp

from tests.ledger.run import Plan, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.ledger", description=__doc__)
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--kill", choices=("worker", "daemon", "points", "nothing"), default="worker")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--kills", type=float, default=inf, help="no further mail after so many")
    parser.add_argument("--power", action="store_true", help="cut it with each death of the daemon (SQLite)")
    parser.add_argument("--nodes", type=int, default=1, help="more than one: on PostgreSQL")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds between two mails of a session")
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between kills")
    parser.add_argument("--fire", type=float, default=300.0, help="seconds of killing at most after the last 250")
    parser.add_argument("--seed", type=int, default=1)
    plan = Plan(**vars(parser.parse_args()))

    folder = Path(mkdtemp(prefix="toiawase-ledger-"))
    print(f"{plan.mails} mails, {plan.sessions} sessions, {plan.database}, killing: {plan.kill}; files in {folder}")
    report = asyncio.run(run(plan, folder))
    verdict = report.verdict
    print(
        f"acknowledged        {verdict.acknowledged} in {report.seconds_in:.0f} s, {report.repeats} repeated attempts"
    )
    print(f"killed              {report.kills} times")
    print(f"power cut           {report.cuts} times, {report.dropped} sectors dropped")
    for point, times in report.points.items():
        print(f"                    {times} {point}")
    print(f"drained             after {report.seconds:.0f} s; SIGTERM then ended with {report.exit_code}")
    print(f"notifications       {verdict.notifications}, and {verdict.copies} further copies")
    print(f"automatic answers   {verdict.answers}")
    print(f"named as uncertain  {verdict.uncertain}")
    for failure in verdict.failures:
        print(f"FAILED: {failure}")
    if not verdict.failures:
        print("every promise was kept")
    return 1 if verdict.failures or report.exit_code else 0


if __name__ == "__main__":
    sys.exit(main())
