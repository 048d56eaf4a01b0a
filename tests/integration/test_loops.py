"""T15 over SMTP: whatever answers our mail by itself, it ends by itself, after two automatic mails at most."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.house import DOMAIN, HANAKO, SUZUKI, TANAKA, House, open_house
from tests.integration.past import answered
from tests.integration.relay import at_rest, relay
from tests.integration.responders import Careless, Carrier, Responder, Vacation, automatic, machine, mail, silence

SHOP, NEIGHBOUR = f"testshop@{DOMAIN}", "r.example.jp"
THANKS, QUESTION = "ありがとうございました。", "色は何色ですか。"
MANY = 10_000 if os.environ.get("TOIAWASE_TORTURE") else 90  # reports
RECEIVED = "Thank you, we have received your request."


@pytest.fixture
async def shop(tmp_path: Path, sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(tmp_path, sqlite_url) as house:
        await house.add_store("testshop", SUZUKI)
        yield house


async def _talk(shop: House, responder: Responder) -> list[str]:
    """A customer's question, a seller's answer, a thank-you; the responder answers whatever it answers. Its answers'
    recipients."""
    async with machine(shop, responder) as at_work, relay(shop) as hands_in:
        await hands_in(mail(HANAKO, SHOP, QUESTION), HANAKO, SHOP)
        told = await shop.gets(SUZUKI)
        await hands_in(mail(SUZUKI, told.from_address, "紺です。"), SUZUKI, told.from_address)
        answer = await shop.gets(HANAKO)
        await silence([shop], [at_work])
        await hands_in(mail(HANAKO, answer.from_address, THANKS), HANAKO, answer.from_address)
        await silence([shop], [at_work])
        return [answer.to for answer in at_work.answers]


async def test_T15_a_vacation_responder_answers_our_envelope_and_nothing_comes_of_it(shop: House) -> None:
    answers = await _talk(shop, Vacation(HANAKO))
    assert [to[0] for to in answers] == ["b"]
    assert automatic(shop) == {HANAKO: 1}  # the thank-you's
    assert (await shop.inquiry())["status"] == "done"
    assert await shop.inquiries() == 1


@pytest.mark.parametrize(
    "responder",
    [
        Careless(HANAKO, THANKS),
        Careless(HANAKO, THANKS, threads=True),
        Careless(HANAKO, THANKS, to=SHOP),
        Careless(HANAKO, RECEIVED, subject="[#{number}] {subject}"),
        Careless(HANAKO, RECEIVED, subject="[#{number}] {subject}", to=SHOP),
        Careless(HANAKO, "解決しました。ありがとうございました。", to=SHOP),
    ],
    ids=lambda one: f"{one.subject} to {one.to or 'From'}: {one.text}",
)
async def test_T15_what_answers_every_mail_unmarked_gets_two_automatic_mails_at_most(
    shop: House, responder: Careless
) -> None:
    answers = await _talk(shop, responder)
    assert 1 <= automatic(shop)[HANAKO] <= 2
    assert len(answers) == len([one for one in shop.arrived if one.rcpt_to == HANAKO]) <= 3


@pytest.mark.parametrize("threads", [False, True])
async def test_T15_a_seller_whose_address_answers_every_mail(shop: House, threads: bool) -> None:
    async with machine(shop, Careless(SUZUKI, RECEIVED, threads=threads)) as at_work, relay(shop) as hands_in:
        await hands_in(mail(HANAKO, SHOP, QUESTION), HANAKO, SHOP)
        await silence([shop], [at_work])
        subjects = [str(one.mail["Subject"]) for one in shop.arrived if one.rcpt_to == SUZUKI]
    # It takes the notification for one to a person, and what it writes to us for an answer: nobody could tell.
    assert [subject[:6] for subject in subjects] == ["テスト2 [", "送信しました", "お問い合わせ"]
    assert [one.rcpt_to for one in shop.arrived].count(HANAKO) == 1


async def test_T15_a_seller_whose_ticket_system_tells_the_store_of_each_new_ticket(shop: House) -> None:
    tells = Careless(
        SUZUKI, "New ticket", subject="[#{number}] {subject}", to=SHOP, marks={"Auto_Submitted": "auto-generated"}
    )
    async with machine(shop, tells) as at_work, relay(shop) as hands_in:
        await hands_in(mail(HANAKO, SHOP, QUESTION), HANAKO, SHOP)
        await silence([shop], [at_work])
    assert len(at_work.answers) == 1
    assert await shop.inquiries() == 2


@pytest.fixture
async def neighbours(tmp_path: Path, sqlite_url: str) -> AsyncIterator[tuple[House, House]]:
    """Two gateways. Each has a store whose seller is the other's store, and one with a seller of its own; what rules
    answer there is a thank-you, too."""
    folders = [tmp_path / "ours", tmp_path / "theirs"]
    for folder in folders:
        folder.mkdir()
        shutil.copy(sqlite_url.removeprefix("sqlite:///"), folder / "toiawase.db")
    first, second = (f"sqlite:///{folder}/toiawase.db" for folder in folders)
    async with open_house(folders[0], first) as ours, open_house(folders[1], second, domain=NEIGHBOUR) as theirs:
        await ours.add_store("testshop", f"testshop@{NEIGHBOUR}", auto_response=THANKS)
        await theirs.add_store("testshop", SHOP, auto_response=THANKS)
        for house in (ours, theirs):
            await house.add_store("othershop", TANAKA, auto_response=THANKS)
        yield ours, theirs


@pytest.mark.parametrize("strips", [False, True])
async def test_T15_two_gateways_with_each_others_stores_as_sellers(
    neighbours: tuple[House, House], strips: bool
) -> None:
    ours, theirs = neighbours
    async with (
        machine(ours, Carrier(NEIGHBOUR, strips), into=theirs) as there,
        machine(theirs, Carrier(DOMAIN, strips), into=ours) as back,
        relay(ours) as hands_in,
    ):
        await hands_in(mail(HANAKO, SHOP, QUESTION), HANAKO, SHOP)
        await silence([ours, theirs], [there, back])
    assert (len(there.answers), len(back.answers)) == (1, 0)
    assert [one.rcpt_to for one in theirs.arrived] == ["ops@example.jp"]  # who can mend it


@pytest.mark.parametrize("strips", [False, True])
async def test_T15_two_gateways_that_thank_each_other(neighbours: tuple[House, House], strips: bool) -> None:
    ours, theirs = neighbours
    our_store, their_store = f"othershop@{DOMAIN}", f"othershop@{NEIGHBOUR}"
    async with (
        machine(ours, Carrier(NEIGHBOUR, strips), into=theirs) as there,
        machine(theirs, Carrier(DOMAIN, strips), into=ours) as back,
        relay(ours) as hands_in,
    ):
        await hands_in(mail(their_store, our_store, THANKS), their_store, our_store)  # by whoever can
        await silence([ours, theirs], [there, back])
    assert automatic(ours) == {their_store: 1}
    assert sum(automatic(theirs).values()) == len(back.answers) <= 1


async def test_T15_reports_about_our_mail_are_never_answered(shop: House) -> None:
    [past] = await answered(shop, [HANAKO])
    to = (past.bounces, past.address, SHOP)
    async with relay(shop) as hands_in:
        for number in range(MANY):
            await hands_in(_report(number, to[number % 3], past.message_id), "", to[number % 3])
        await at_rest(shop)
    assert {one.rcpt_to for one in shop.arrived} == {SUZUKI}
    # Of the mail that did not arrive they are told once; what was sent to the store alone answers nothing of ours.
    assert len(shop.arrived) == 1 + await shop.inquiries() - 1


def _report(number: int, to: str, original: str) -> bytes:
    """A bounce of HANAKO's server (RFC 3464); to the store, of a mail that was not ours."""
    named = original if to != SHOP else f"<{number}@elsewhere.example>"
    return (
        f"From: Mail Delivery System <MAILER-DAEMON@customer.example>\r\nTo: {to}\r\nSubject: Undelivered Mail\r\n"
        f"Message-ID: <dsn-{number}@customer.example>\r\nIn-Reply-To: {named}\r\nAuto-Submitted: auto-replied\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{THANKS}\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.customer.example\r\n\r\n"
        f"Final-Recipient: rfc822; {HANAKO}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {named}\r\n--b--\r\n"
    ).encode()
