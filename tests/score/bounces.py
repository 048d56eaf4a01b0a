"""Judges what is read in bounces: Sisimai's set and flufl.bounce's own.

The expected permanence of Sisimai's cases is the first digit of the status that it found; where it calls a 5yz
delayed, either reading is right.
"""

from collections.abc import Iterator
from typing import Any

from gateway.mail import bounces
from gateway.mail.parse import parse
from gateway.mail.values import Machine
from tests import corpora
from tests.score.check import Check

RECIPIENTS = "bounces: recipients"
NO_WRONG = "bounces: no address that did not fail"
PERMANENT = "bounces: permanent or not"
DEAD = "bounces: dead address or not"
KIND = "bounces: a bounce or not"

JAPANESE_GROUPS = ("activehunter", "biglobe", "ezweb", "fml", "kddi", "rhost-kddi", "x4")
"""Software and providers of Japan among the groups of the corpora."""


def checks() -> Iterator[Check]:
    """Every case of the corpora."""
    for corpus, case, raw in corpora.cases("bounces"):
        yield from one_case(corpus, case, raw)


def one_case(corpus: str, case: dict[str, Any], raw: bytes) -> Iterator[Check]:
    """What is said of one mail, against what its project's tests say."""
    where = (corpus, group(case), case["id"])
    reports = parse(raw).machine in (Machine.BOUNCE, Machine.DELIVERY_REPORT)
    yield Check(KIND, *where, reports == (case["kind"] == "bounce"), str(parse(raw).machine), case["kind"])
    if case["kind"] != "bounce":
        return
    failures = {failure.address.lower(): failure for failure in bounces.read(raw).recipients}
    wanted = [address.lower() for address in case["recipients_main"]]
    allowed = {*wanted, *(address.lower() for address in case["recipients"])}
    yield Check(RECIPIENTS, *where, set(wanted) <= set(failures), str(list(failures)), str(wanted))
    wrong = set(failures) - allowed
    yield Check(NO_WRONG, *where, not wrong, str(sorted(wrong)))
    for address, result in _expected(case, wanted):
        failure = failures.get(address)
        if failure is None:
            continue  # counted above
        if result["permanent"] is not None:
            right = failure.permanent == result["permanent"]
            yield Check(PERMANENT, *where, right, f"{failure.action} {failure.status}", str(result))
        if result["dead"] is not None:
            right = failure.dead == result["dead"]
            yield Check(DEAD, *where, right, f"{failure.status} {failure.diagnostic}", str(result))


def group(case: dict[str, Any]) -> str:
    """The MTA or provider that wrote the bounce."""
    return str(case["group"]).removeprefix("lhost-")


def _expected(case: dict[str, Any], addresses: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Address by address: permanent and dead, None where nothing is said or either is right."""
    if "permanent" in case:
        for name in ("permanent", "temporary"):
            for address in case[name]:
                yield address.lower(), {"permanent": name == "permanent", "dead": None}
        return
    results = case["results"]
    for index, address in enumerate(addresses):
        result = results[min(index, len(results) - 1)]
        status = result["status"]
        permanent: bool | None = status.startswith("5") if status else None
        if permanent and "delayed" in (case.get("actions") or []):
            permanent = None
        yield address, {"permanent": permanent, "dead": result["hard"], "reason": result["reason"]}
