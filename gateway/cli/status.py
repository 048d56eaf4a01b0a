"""`status`: how the gateway is doing, on one screen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import NO, configuration, reading
from gateway.cli.output import Json, day_and_time, print_fields, print_json
from gateway.cli.rules_folder import NO_RULES
from gateway.cli.rules_folder import count as count_of
from gateway.config import Config
from gateway.doctor import machine, network
from gateway.doctor.finding import Result
from gateway.keys import KeysError, in_use, load_keys
from gateway.node import own_name
from gateway.store import key_fingerprints, rule_uses, sellers
from gateway.store.counters import Counters, count
from gateway.store.inquiry_views import NO_STORE, iso
from gateway.store.rule_uses import InUse
from gateway.store.smarthost_trouble import trouble

AWAY = timedelta(minutes=1)  # a smarthost that is only started anew is back by then
STUCK = timedelta(minutes=10)  # a running gateway understands a mail, and begins a due delivery, within seconds


def status(context: typer.Context, json: Json = False) -> None:
    """Count what waits, what went out and what is asked. Exit code 1 where something wants attention: mail stands still
    or is refused, rules are refused."""
    config = configuration(context)
    node = own_name(config.state_folder)

    async def work(session: AsyncSession) -> tuple[Counters, InUse | None, list[str]]:
        now = datetime.now(UTC)
        counters, rules = await count(session, now), await rule_uses.in_use(session, node)
        here = [*await _of_the_gateway(config, rules), *_of_the_disk(config), *await _of_the_keys(config, session)]
        return counters, rules, [*_attention(counters, rules, now), *here, *await _of_delivery(session, now)]

    counters, rules, attention = reading(context, work)
    view = {
        "received": counters.received,
        "oldest_waiting": iso(counters.oldest_waiting, NO_STORE),
        "outbox": counters.outbox,
        "oldest_due": iso(counters.oldest_due, NO_STORE),
        "last_delivery": iso(counters.last_delivery, NO_STORE),
        "drafts": counters.drafts,
        "inquiries": counters.inquiries,
        "marketplace": counters.marketplace,
        "rules": rules and _rules(rules),
        "attention": attention,
    }
    if json:
        print_json(view)
    else:
        _print(counters, rules, attention)
    if attention:
        raise typer.Exit(NO)


def _attention(counters: Counters, rules: InUse | None, now: datetime) -> list[str]:
    found = []
    if counters.oldest_waiting and counters.oldest_waiting < now - STUCK:
        found.append("received mail is not being understood: is `toiawase serve` running?")
    if counters.oldest_due and counters.oldest_due < now - STUCK:
        found.append("outgoing mail is not being tried: is `toiawase serve` running?")
    if rules and rules.refused is not None:
        since = day_and_time(iso(rules.refused_since, NO_STORE))
        more = f" (and {rules.problems - 1} more: `toiawase rules check`)" if rules.problems > 1 else ""
        found.append(f"rules refused since {since}: {rules.refused}{more}; version {rules.version} goes on")
    return found


async def _of_the_gateway(config: Config, rules: InUse | None) -> list[str]:
    """Of this machine, too; one that never began to use rules was never started."""
    silent = await network.silent_at(config) if rules else None
    return [f"nobody answers at {silent}: is `toiawase serve` running?"] if silent else []


def _of_the_disk(config: Config) -> list[str]:
    """Of this machine, which with several nodes may be another than that whose disk is full."""
    return [f"the disk: {finding.text}" for finding in machine.disk(config) if finding.result is Result.WRONG]


async def _of_the_keys(config: Config, session: AsyncSession) -> list[str]:
    try:
        in_use(
            await key_fingerprints.all_rows(session),
            load_keys(config.keys),
            await key_fingerprints.has_inquiries(session),
        )
    except KeysError as error:
        return [f"the reply-address keys: {error}; without them, mail to signed addresses is answered 451"]
    return []


async def _of_delivery(session: AsyncSession, now: datetime) -> list[str]:
    found, met = [], await trouble(session)
    if met is not None and (met.login or met.since < now - AWAY):
        since = day_and_time(iso(met.since, NO_STORE))
        what, so = ("refuses our login", "waits, and does not age") if met.login else ("is no help", "is tried again")
        found.append(f"the smarthost {what} since {since}: {met.reply}; all mail {so}")
    if dead := await sellers.suppressed(session, now):
        whom = "a seller's address" if dead == 1 else f"{dead} sellers' addresses"
        found.append(f"nothing is sent to {whom}, found dead: `toiawase suppressed list`")
    return found


def _rules(rules: InUse) -> dict[str, Any]:
    refused = {
        "problem": rules.refused,
        "problems": rules.problems,
        "since": iso(rules.refused_since, NO_STORE),
    }
    return {
        "node": rules.node,
        "version": rules.version,
        "rules": rules.rules,
        "since": iso(rules.since, NO_STORE),
        "refused": refused if rules.refused is not None else None,
    }


def _print(counters: Counters, rules: InUse | None, attention: list[str]) -> None:
    version = f"{rules.version} since {day_and_time(iso(rules.since, NO_STORE))}" if rules else ""
    if rules and rules.rules is not None:
        version += f", {count_of(rules.rules, 'rule') if rules.rules else NO_RULES}"
    print_fields(
        [
            ("received", _counts(counters.received)),
            ("oldest waiting", day_and_time(iso(counters.oldest_waiting, NO_STORE))),
            ("outbox", _counts(counters.outbox)),
            ("last delivery", day_and_time(iso(counters.last_delivery, NO_STORE))),
            ("held drafts", counters.drafts),
            ("inquiries, 30 days", _counts(counters.inquiries)),
            ("of the marketplace", _counts(counters.marketplace)),
            ("rules", version),
            *(("ATTENTION", text) for text in attention),
        ]
    )


def _counts(numbers: dict[str, int]) -> str:
    return "   ".join(f"{number} {name}" for name, number in numbers.items())
