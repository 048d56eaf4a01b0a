"""N29 end to end: whoever must never be answered automatically is not, and is still seen; whoever may be answered is.

One gateway takes the whole table: every customer asks and is answered by a person, then all their thank-you mails come.
"""

import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.mail.addresses import normalise_address
from gateway.rules.shipped import shipped_folder
from gateway.store.tables import Inquiry, Received
from tests.conftest import KINDS
from tests.integration.house import SUZUKI, TANAKA, House, open_house
from tests.integration.never_answered import ANSWERED, NEVER, SHOP, STAFF
from tests.integration.past import answered
from tests.integration.relay import at_rest, relay
from tests.integration.thanks import Fate, mail_of

QUARANTINE = """\
rules:
  - name: lottery
    when: {message.subject: {contains: 宝くじ}}
    then: {quarantine: true, stop: true}
"""
ROWS = (*NEVER, *ANSWERED)
# Mails to the customer, whether the sellers are told, the state; and what the rules came to.
_BECOMES: dict[Fate, tuple[tuple[int, bool, str], tuple[str | None, ...]]] = {
    Fate.SEEN: ((0, True, "unanswered"), ("barred", "human")),
    Fate.RECORDED: ((0, False, "done"), (None,)),
    Fate.KEPT: ((0, False, "done"), ("quarantined",)),
    Fate.ANSWERED: ((1, True, "done"), ("answered",)),
}


@pytest.fixture(params=KINDS if os.environ.get("TOIAWASE_TORTURE") else ["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """Nothing in it depends on the database."""
    return str(request.param)


@pytest.fixture
async def shop(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """Two shops under the shipped rules, and one that quarantines."""
    shutil.copytree(shipped_folder(), tmp_path / "rules")
    (tmp_path / "rules" / "05-quarantine.yaml").write_text(QUARANTINE, "utf-8")
    async with open_house(tmp_path, database_url) as house:
        await house.add_store("testshop", SUZUKI)
        await house.add_store("othershop", TANAKA)
        for address in STAFF:
            await house.add_staff(address)
        yield house


async def test_N29_who_must_never_be_answered_is_not_and_is_seen_all_the_same(shop: House) -> None:
    values = await _values(shop)
    async with relay(shop) as hands_in:
        ids = [
            await hands_in(mail_of(row, known), row.mail_from.format(**known), row.to.format(**known))
            for row, known in zip(ROWS, values, strict=True)
        ]
    await at_rest(shop)
    async with shop.database.read() as session:
        accounts = {row.queue_id: row.outcome[0] for row in (await session.exec(select(Received))).all()}
        inquiries = {row.number: row for row in (await session.exec(select(Inquiry))).all()}
    told = {str(mail.mail["Subject"]).rpartition("[")[2] for mail in shop.arrived if mail.rcpt_to == SUZUKI}
    outside = Counter(mail.rcpt_to for mail in shop.arrived if mail.rcpt_to != SUZUKI)
    wrong = []
    for row, known, queue_id in zip(ROWS, values, ids, strict=True):
        inquiry = inquiries[accounts[queue_id]["inquiry"]]
        answers = outside.pop(normalise_address(known["customer"]), 0)
        fate, outcomes = _BECOMES[row.fate]
        became, ruled = (answers, f"Q-{inquiry.number}]" in told, str(inquiry.status)), accounts[queue_id].get("ruled")
        if became != fate or ruled not in outcomes:
            wrong.append((row.name, became, accounts[queue_id]))
    assert not wrong, "\n".join(map(str, wrong))
    assert not outside
    assert len(NEVER) >= 60


async def _values(shop: House) -> list[dict[str, str]]:
    """What the mails of each row may name: the customer, and the answer to that customer's question."""
    names = {
        number: row.customer.format(number=number) for number, row in enumerate(ROWS) if "{own" not in row.customer
    }
    threads = [number for number, row in enumerate(ROWS) if not row.first]
    past = dict(zip(threads, await answered(shop, [names[number] for number in threads]), strict=True))
    one, two = past[threads[0]], past[threads[1]]
    values = []
    for number, row in enumerate(ROWS):
        customer = names.get(number) or row.customer.format(own_bounces=one.bounces, own_other=two.address)
        values.append({
            "number": str(number), "customer": customer, "domain": customer.rpartition("@")[2],
            "inquiry": past[number].address if number in past else SHOP,
            "answer": past[number].message_id if number in past else "",
            "own_bounces": one.bounces, "own_other": two.address,
        })  # fmt: skip
    return values
