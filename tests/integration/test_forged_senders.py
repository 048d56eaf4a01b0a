"""T16 over SMTP: a thank-you in somebody else's name is answered to nobody, and nobody can be flooded by our answers.

TOIAWASE_TORTURE=1 sends the full numbers.
"""

import os
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import count, cycle, islice
from pathlib import Path

import pytest

from gateway.desk.answer_limits import AnswerLimits
from tests.dns_server import dns_server
from tests.integration.house import AUTHSERV_ID, DOMAIN, HANAKO, SUZUKI, House, open_house
from tests.integration.past import answered
from tests.integration.relay import at_rest, relay
from tests.integration.responders import automatic, mail
from tests.signed_mail import SELECTOR, record, signed

TORTURE = bool(os.environ.get("TOIAWASE_TORTURE"))
FORGED, BOMBS = (10_000, 1_000) if TORTURE else (120, 30)
THANKS = (
    "ありがとうございました。",
    "商品が届きました。ありがとうございます！",
    "承知いたしました。",
    "Thank you very much!",
)
SOLVED = "解決しました。ありがとうございました。"
VERDICTS = (  # what our own relay found, or somebody wrote in its name
    f"{AUTHSERV_ID}; dmarc=fail header.from={{domain}}",
    f"{AUTHSERV_ID}; spf=fail smtp.mailfrom={{domain}}; dkim=none",
    f"{AUTHSERV_ID}; none",
    f"{AUTHSERV_ID}; spf=pass smtp.mailfrom=attacker.example; dkim=pass header.d=attacker.example",
    f"{AUTHSERV_ID}; dmarc=none\r\nAuthentication-Results: {AUTHSERV_ID}; dmarc=pass header.from={{domain}}",
    "mx.attacker.example; dmarc=pass header.from={domain}",
    f"{AUTHSERV_ID}.attacker.example; dmarc=pass header.from={{domain}}",
    f"x; dmarc=pass ({AUTHSERV_ID}; dmarc=pass header.from={{domain}})",
)
STORES = 5


@pytest.fixture
async def shops(tmp_path: Path, sqlite_url: str) -> AsyncIterator[House]:
    """Five, each with the same seller, where DNS has the keys of the victims and of the attacker."""
    async with dns_server() as dns, open_house(tmp_path, sqlite_url, more=dns.configuration) as house:
        for domain in ("attacker.example", *(f"victims{number}.example" for number in range(50))):
            dns.publish(record(), SELECTOR, domain)
        for number in range(STORES):
            await house.add_store(f"shop{number}", SUZUKI)
        yield house


def _store(number: int) -> str:
    return f"shop{number % STORES}@{DOMAIN}"


async def test_T16_forged_senders_get_no_answer(shops: House) -> None:
    async with relay(shops) as hands_in:
        for number, verdict in enumerate(islice(cycle(VERDICTS), FORGED)):
            victim = f"victim{number}@victims{number % 50}.example"
            forged = verdict.format(domain=victim.rpartition("@")[2])
            sender = victim if number % 2 else f"x{number}@attacker.example"
            raw = mail(victim, _store(number), THANKS[number % len(THANKS)], Authentication_Results=forged)
            if number % 3 == 1:  # a true signature, of somebody else
                raw = signed(raw, "attacker.example")
            elif number % 3 == 2:  # the victim's own, of other words
                raw = signed(raw, victim.rpartition("@")[2]).removesuffix(b"\r\n") + "。\r\n".encode()
            await hands_in(raw, sender, _store(number))
        await at_rest(shops)
    assert Counter(one.rcpt_to for one in shops.arrived) == {SUZUKI: FORGED}  # a person sees each
    assert await shops.inquiries() == FORGED


async def test_T16_a_victim_gets_at_most_one_answer_of_a_rule_and_three_a_day(shops: House) -> None:
    """Whoever can send in the victim's name, with every proof, in new mails and in those of a thread."""
    [past] = await answered(shops, [HANAKO])
    async with relay(shops) as hands_in:
        for number in range(BOMBS):
            to = past.address if number % 7 == 0 else f"shop0@{DOMAIN}"
            await hands_in(mail(HANAKO, to, (*THANKS, SOLVED)[number % 5]), HANAKO, to)
        await at_rest(shops)
        of_one_store = automatic(shops)[HANAKO]
        for number in range(BOMBS):
            await hands_in(mail(HANAKO, _store(number), (*THANKS, SOLVED)[number % 5]), HANAKO, _store(number))
        await at_rest(shops)
    assert 1 <= of_one_store <= 3
    assert automatic(shops) == {HANAKO: 3}
    assert {one.rcpt_to for one in shops.arrived} == {SUZUKI, HANAKO}


async def test_A12_the_gateway_answers_no_more_than_its_number_in_an_hour(shops: House) -> None:
    limits = AnswerLimits() if TORTURE else AnswerLimits(per_hour=9, per_store_per_hour=3)
    worker = shops.running.crew.worker
    assert worker is not None
    worker.office, real = replace(worker.office, limits=limits), worker.now
    worker.now = lambda: real() - timedelta(minutes=61)
    numbers = count()

    async def thanks(mails: int, store: int | None = None) -> int:
        """How many of so many people's mails are answered."""
        before = sum(automatic(shops).values())
        async with relay(shops) as hands_in:
            for number in islice(numbers, mails):
                to = _store(number if store is None else store)
                await hands_in(mail(f"c{number}@customer.example", to, THANKS[0]), f"c{number}@customer.example", to)
            await at_rest(shops)
        return sum(automatic(shops).values()) - before

    assert await thanks(limits.per_store_per_hour + 2, store=0) == limits.per_store_per_hour
    assert await thanks(limits.per_hour * STORES // (STORES - 1)) == limits.per_hour - limits.per_store_per_hour
    assert await thanks(STORES) == 0
    worker.now = real  # an hour later
    assert await thanks(1) == 1
