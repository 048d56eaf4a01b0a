"""N35: what the servers of more than thirty makers send back to a mail's own address fails that mail, and its address
is dead only where they say so. The mails are those of corpora.py; what we say otherwise is in limits.md."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.desk.came_back import report_in
from gateway.desk.decide import decide
from gateway.desk.effects import Bounced
from gateway.desk.situation import Situation
from gateway.mail.addresses import BounceAddress
from gateway.mail.parse import parse
from gateway.mail.values import Machine
from tests import corpora
from tests.desk import builders
from tests.score.bounces import group

OURS = BounceAddress("1" * 18, "a" * 24)
NOT_LOST = {"lhost-opensmtpd-04.eml", "lhost-sendmail-14.eml"}  # a notice of delay; forwarded by somebody
CALLED_DEAD = {
    *("lhost-exchange2003-04.eml", "lhost-mailfoundry-01.eml", "lhost-mxlogic-03.eml", "lhost-receivingses-01.eml"),
    *("lhost-surfcontrol-01.eml", "lhost-x2-01.eml", "rfc3464-42.eml"),
}
OF_EACH = 3  # mails of a maker; `make score` reads all
Case = tuple[str, str, bool, bool | None, Bounced | None]  # id, maker, permanent, dead, what we do


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return list(_cases())


def _cases() -> Iterator[Case]:
    """Of bounces about a single recipient, as it is when the mail was ours."""
    taken: Counter[str] = Counter()
    for _, found, raw in corpora.cases("bounces"):
        case: dict[str, Any] = found
        if case["kind"] != "bounce" or len(case["recipients_main"]) != 1 or len(case["results"]) != 1:
            continue
        taken[group(case)] += 1
        if taken[group(case)] > OF_EACH:
            continue
        [to], [result], mail = case["recipients_main"], case["results"], parse(raw)
        report = report_in(raw) if mail.machine in (Machine.BOUNCE, Machine.DELIVERY_REPORT) else None
        incoming = builders.incoming(OURS, bounce=report, machine=mail.machine, auto_submitted=mail.auto_submitted)
        _, row = builders.answer()
        row.to_address = to
        effects = decide(incoming, Situation(now=builders.NOW, bounced=row)).effects
        done = next((effect for effect in effects if isinstance(effect, Bounced)), None)
        permanent = result.get("permanent") or str(result.get("status")).startswith("5")
        is_delayed = "delayed" in (case.get("actions") or [])
        yield case["id"], group(case), permanent and not is_delayed, result["hard"], done


def test_n35_the_loss_of_a_mail_is_read_from_thirty_makers_and_more(cases: list[Case]) -> None:
    lost = [(case, maker, done) for case, maker, permanent, _, done in cases if permanent]
    assert {case for case, _, done in lost if done is None} <= NOT_LOST
    assert len({maker for _, maker, done in lost if done is not None}) >= 30


def test_n35_an_address_is_dead_where_its_server_says_so(cases: list[Case]) -> None:
    assert [case for case, _, permanent, dead, done in cases if dead and permanent and done and not done.dead] == []
    assert sum(dead is True for _, _, _, dead, done in cases if done) >= 20
    assert {case for case, _, _, dead, done in cases if dead is False and done and done.dead} <= CALLED_DEAD
