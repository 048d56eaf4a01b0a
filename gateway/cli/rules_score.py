"""`rules score`: labelled messages against the rules, told right, wrong or missed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.cli.context import USAGE, CommandError
from gateway.cli.output import print_json, print_table, print_text
from gateway.rules.ruleset import RuleSet
from gateway.rules.score import Judged, Labelled, Report, Tally, decided, judge, labelled

SHOWN = 80  # characters of a message that was judged wrongly


def judged_by(rules: RuleSet, file: Path) -> Report:
    """Every message of a JSON Lines file, decided as if it had just come in. Raises CommandError."""
    return judge(_messages(file), lambda message: decided(rules, message))


def print_report(report: Report, *, json: bool) -> None:
    """What was right, wrong and missed, by language and kind; each wrong one with the words that decided."""
    if json:
        print_json(
            {
                "auto": report.autos,
                "found": report.found,
                "by_language": _tallies(report.by_language),
                "by_kind": _tallies(report.by_kind),
                "wrong": [_told(one) for one in report.wrong],
                "missed": [_told(one) for one in report.missed],
            }
        )
        return
    for title, tallies in (("language", report.by_language), ("kind", report.by_kind)):
        rows = [(name, tally.right, tally.wrong, tally.missed) for name, tally in sorted(tallies.items())]
        print_table((title, "right", "wrong", "missed"), rows)
    for title, messages in (("WRONG", report.wrong), ("missed", report.missed)):
        for one in messages:
            words = " / ".join(one.decision.words)
            body = " ".join(one.message.body.split())[:SHOWN]
            print_text(f"{title} {one.message.id} {one.decision.outcome} ({words}): {body}")
    share = report.found / report.autos if report.autos else 1.0
    print_text(f"{len(report.wrong)} wrong; {report.found} of {report.autos} that need no human found ({share:.0%})")


def _messages(file: Path) -> Iterator[Labelled]:
    try:
        lines = file.read_text("utf-8").splitlines()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", USAGE) from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not UTF-8", USAGE) from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield labelled(line)
            except ValueError as error:
                raise CommandError(f"{file}:{number}: {error}", USAGE) from None


def _tallies(tallies: dict[str, Tally]) -> dict[str, Any]:
    return {name: {"right": t.right, "wrong": t.wrong, "missed": t.missed} for name, t in sorted(tallies.items())}


def _told(one: Judged) -> dict[str, Any]:
    return {
        "id": one.message.id,
        "kind": one.message.kind,
        "outcome": one.decision.outcome,
        "words": list(one.decision.words),
        "body": one.message.body,
    }
