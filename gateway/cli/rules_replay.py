"""`rules replay`: what edited rules would have made of the last days' mail, before they meet the next."""

import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import CommandError, configuration, reading
from gateway.cli.output import Json, print_json, print_table, print_text
from gateway.cli.rules_folder import Folder, count, folder, rules_in
from gateway.desk.rehearsal import Rehearsed, Result, aftermath, rehearse
from gateway.rules.ruleset import RuleSet
from gateway.store import past_mail, stores

SHOWN = 60  # characters of a message
AFTERMATH = {
    "seller": "a seller answered",
    "auto_response": "a seller sent the auto-response",
    "rule": "a rule answered",
    "closed": "closed without an answer",
    "open": "no answer followed",
}
LEFT_OUT = "Not rehearsed: limits of number (one answer in 7 days and the like), and merge fields that have no value."


@dataclass
class Rehearsal:
    """What came out: every difference, and how many mails there were of each kind."""

    version: str
    mails: int = 0
    by_text: int = 0  # whose mail is not kept any more
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)  # of then and now
    differences: list[dict[str, Any]] = field(default_factory=list)


def replay(
    context: typer.Context,
    given: Folder = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Of how many days.")] = 30,
    store: Annotated[str | None, typer.Option(help="Of one store.")] = None,
    json: Json = False,
) -> None:
    """The customers' mail of the last days, as it was decided then, against these rules. Nothing is changed or sent."""
    rules = rules_in(folder(context, given))
    since = datetime.now(UTC) - timedelta(days=days)
    authserv_id = configuration(context).trust.authserv_id or None
    found = reading(context, lambda session: _rehearsed(session, rules, since, store, authserv_id))
    print_json(_as_json(found, days)) if json else _print(found, days)


async def _rehearsed(
    session: AsyncSession, rules: RuleSet, since: datetime, store: str | None, authserv_id: str | None
) -> Rehearsal:
    store_id = await _store_id(session, store) if store else None
    zones = {one.name: ZoneInfo(one.timezone) for one in await stores.all_stores(session)}
    found = Rehearsal(rules.version)
    with _bar() as progress:
        task = progress.add_task("rehearsing", total=await past_mail.number_of(session, since, store_id))
        async for mail in rehearse(session, rules, since, store_id, authserv_id):
            found.mails += 1
            found.by_text += not mail.from_mail
            found.outcomes[_outcome(mail.then), _outcome(mail.now)] += 1
            if mail.differs:
                view = _difference(mail, zones[mail.store])
                found.differences.append({**view, "aftermath": await aftermath(session, mail.entry, mail.inquiry)})
            progress.advance(task)
    return found


async def _store_id(session: AsyncSession, name: str) -> int:
    store = await stores.named(session, name)
    if store is None or store.id is None:
        raise CommandError(f"there is no store {name}")
    return store.id


def _bar() -> Progress:
    """On a terminal, and never on standard output."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(
        *columns, console=console, transient=True, disable=not (console.is_terminal and sys.stderr.isatty())
    )


def _outcome(result: Result | None) -> str:
    return str(result.outcome) if result else "no rules"


def _difference(mail: Rehearsed, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "inquiry": mail.inquiry,
        "message": mail.entry,
        "store": mail.store,
        "at": mail.at.astimezone(zone).isoformat(timespec="seconds"),
        "text": " ".join(mail.text.split())[:SHOWN],
        "then": _result(mail.then) if mail.then else None,
        "now": _result(mail.now),
        "undone": mail.undone,
        "from_mail": mail.from_mail,
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "outcome": str(result.outcome),
        "rule": result.rule,
        "words": list(result.words),
        "held": result.held,
        "acted": list(result.acted),
        "shadowed": list(result.shadowed),
    }


def _as_json(found: Rehearsal, days: int) -> dict[str, Any]:
    return {
        "version": found.version,
        "days": days,
        "mails": found.mails,
        "judged_by_text": found.by_text,
        "outcomes": [{"then": then, "now": now, "mails": n} for (then, now), n in sorted(found.outcomes.items())],
        "differences": found.differences,
    }


def _print(found: Rehearsal, days: int) -> None:
    columns = ("inquiry", "when", "message", "then", "now", "rule", "words")
    print_table(columns, [_row(view) for view in found.differences])
    print_table(("then", "now", "mails"), [(*pair, n) for pair, n in sorted(found.outcomes.items())])
    changed = count(len(found.differences), "difference")
    print_text(f"{changed} in {count(found.mails, 'mail')} of {count(days, 'day')}; rules version {found.version}")
    if found.by_text:
        print_text(f"{count(found.by_text, 'mail')} of these judged by the text alone: the mail is not kept any more.")
    print_text(LEFT_OUT)


def _row(view: dict[str, Any]) -> list[object]:
    then, now = view["then"], view["now"]
    before = then["outcome"] if then else "no rules"
    before += ", undone" if view["undone"] else ""
    when = view["at"][:16].replace("T", " ")
    return [
        f"Q-{view['inquiry']}",
        when,
        view["text"],
        f"{before}; {AFTERMATH[view['aftermath']]}",
        now["outcome"] + (f" ({now['held']})" if now["held"] else ""),
        " / ".join(_rules(then, now)),
        " / ".join(now["words"]),
    ]


def _rules(then: dict[str, Any] | None, now: dict[str, Any]) -> list[str]:
    """The rule that decides now, else the rules that do what they did not, or no longer do."""
    if now["rule"] and (then is None or then["rule"] != now["rule"]):
        return [now["rule"]]
    was, names = (then or {"acted": [], "shadowed": []}), []
    for key, mark in (("acted", ""), ("shadowed", " (shadow)")):
        names += [f"+{name}{mark}" for name in now[key] if name not in was[key]]
        names += [f"-{name}{mark}" for name in was[key] if name not in now[key]]
    return names or ([now["rule"]] if now["rule"] else [])
