"""The gateway's numbers as Prometheus reads them. No label names a person, a store or an inquiry (A24)."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from gateway.http.vitals import Vitals
from gateway.store import counters
from gateway.store.database import Database

OUTCOMES = ("sent", "deferred", "failed", "held", "uncertain")  # of an attempt; each is there from the beginning
TURNED_AWAY = ("client", "full", "slow")  # why a connection had no place: see intake/places.py
REQUESTS = ("400", "404", "405", "full", "slow")  # over HTTP: see server.py
ENDED = (  # why a session was ended: see intake/replies.py
    *("bare CR, LF or NUL", "input too early", "too many errors"),
    *("line too long", "message too big", "trouble of ours"),
)

__all__ = ["CONTENT_TYPE", "exposition"]


async def exposition(database: Database, vitals: Vitals, patience: float) -> bytes:
    """Text format 0.0.4. Where the database does not answer in `patience` seconds, what is known without it."""
    now, waiting = datetime.now(UTC), None
    with suppress(SQLAlchemyError, OSError, TimeoutError):
        async with asyncio.timeout(patience), database.read() as session:
            waiting = await counters.waiting(session, now)
    metrics = [*_own(vitals), _gauge("database_up", "1 when the database answered", int(waiting is not None))]
    if waiting is not None:
        metrics += _stored(waiting, now)
    registry = CollectorRegistry()
    registry.register(_Measured(metrics))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Measured(Collector):
    """Numbers of one moment."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        return iter(self._metrics)


def _own(vitals: Vitals) -> list[Metric]:
    rules = vitals.rules()
    reloads = {"configuration": vitals.configurations_refused, "rules": rules.refusals}
    return [
        _counters("mails_received", "Mails that were answered 250, since the start", {"": vitals.received}),
        _counters("recipients_refused", "Refused recipients, by the true reason", vitals.refused, "reason"),
        _counters("delivery_attempts", "Attempts to send a mail, by outcome", _outcomes(vitals), "outcome"),
        _counters("reloads_refused", "Refused reloads, by what was refused", reloads, "what"),
        _gauge("smtp_connections", "SMTP connections now", vitals.connections()),
        _counters("smtp_connections_refused", "Connections turned away, by reason", _turned_away(vitals), "reason"),
        _counters("sessions_refused", "Sessions that we ended, by reason", _ended(vitals), "reason"),
        _counters("http_requests_refused", "Refused HTTP requests, by status or reason", _unanswered(vitals), "reason"),
        _gauge("load_level", "0 normal, 1 stress, 2 strangers are turned away", vitals.load()),
        _gauge("delivering", "1 while delivery makes its rounds", int(vitals.delivers())),
        _gauge("disk_room", "1 while the disk has room for mail", int(vitals.has_room())),
        _gauges("rules_info", "1, with the version of the rules in force", {rules.version: 1}, "version"),
        _gauge("rules_refused", "1 while newer rules are refused", int(rules.is_refused)),
    ]


def _stored(waiting: counters.Waiting, now: datetime) -> list[Metric]:
    return [
        _gauge("queue_mails", "Received mails that wait to be understood", waiting.received),
        _gauge("mails_set_aside", "Received mails that could not be understood", waiting.set_aside),
        _gauge("drafts_held", "Sellers' replies that wait for a word of theirs", waiting.drafts),
        _gauge("queue_oldest_seconds", "Age of the oldest of them", _age(waiting.oldest_received, now)),
        _gauges("outbox_mails", "Mails that have not left, by state", waiting.outbox, "state"),
        _gauge("outbox_oldest_due_seconds", "For how long the oldest is due", _age(waiting.oldest_due, now)),
        _gauges("smarthost_trouble_seconds", "For how long no mail has got through", _trouble(waiting, now), "what"),
    ]


def _outcomes(vitals: Vitals) -> Mapping[str, int]:
    return dict.fromkeys(OUTCOMES, 0) | vitals.attempts


def _turned_away(vitals: Vitals) -> Mapping[str, int]:
    return dict.fromkeys(TURNED_AWAY, 0) | vitals.turned_away


def _ended(vitals: Vitals) -> Mapping[str, int]:
    return dict.fromkeys(ENDED, 0) | vitals.sessions_refused


def _unanswered(vitals: Vitals) -> Mapping[str, int]:
    return dict.fromkeys(REQUESTS, 0) | vitals.requests_refused


def _trouble(waiting: counters.Waiting, now: datetime) -> dict[str, float]:
    """By what an operator has to mend."""
    seconds = {"login": 0.0, "service": 0.0}
    if waiting.trouble is not None:
        seconds["login" if waiting.trouble.login else "service"] = _age(waiting.trouble.since, now)
    return seconds


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since is not None else 0.0


def _counters(name: str, what: str, values: Mapping[str, int], label: str = "") -> Metric:
    family = CounterMetricFamily(f"toiawase_{name}", what, labels=[label] if label else [])
    for value, number in values.items():
        family.add_metric([value] if label else [], number)
    return family


def _gauges(name: str, what: str, values: Mapping[str, float], label: str) -> Metric:
    family = GaugeMetricFamily(f"toiawase_{name}", what, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"toiawase_{name}", what, value=value)
