"""T15 over SMTP: whatever answers our mail by itself, it ends by itself, after two automatic mails at most."""

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.store.tables import Seller, Store
from tests.integration.house import DOMAIN, HANAKO, TANAKA, Arrived, House, open_house
from tests.integration.past import answered
from tests.integration.relay import at_rest, relay
from tests.integration.responders import (
    Careless,
    Carrier,
    Machine,
    Responder,
    Vacation,
    automatic,
    machine,
    mail,
    silence,
)

SHOP, NEIGHBOUR = f"testshop@{DOMAIN}", "r.example.jp"
THANKS, QUESTION = "ありがとうございました。", "色は何色ですか。"
SOLVED = "解決しました。ありがとうございました。"
MANY = 10_000 if os.environ.get("TOIAWASE_TORTURE") else 60  # reports
RECEIVED = "Thank you, we have received your request."
_numbers = count(1)


@dataclass(frozen=True)
class Shop:
    """A store of one gateway, with a seller and a customer of its own."""

    house: House
    name: str

    @property
    def address(self) -> str:
        return f"{self.name}@{DOMAIN}"

    @property
    def seller(self) -> str:
        return f"suzuki@{self.name}.example"

    @property
    def customer(self) -> str:
        return f"hanako@{self.name}.customer.example"

    def to(self, address: str) -> list[Arrived]:
        """What it got so far."""
        return [one for one in self.house.arrived if one.rcpt_to == address]

    @property
    def answers(self) -> int:
        """How many mails of rules the customer got."""
        return automatic(self.house)[self.customer]


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> AsyncIterator[House]:
    """One for all shops: what they say to each other is theirs alone."""
    folder = tmp_path_factory.mktemp("loops")
    shutil.copy(sqlite_template, folder / "toiawase.db")
    async with open_house(folder, f"sqlite:///{folder}/toiawase.db") as house:
        yield house


@pytest.fixture
async def shop(gateway: House) -> Shop:
    opened = Shop(gateway, f"shop{next(_numbers)}")
    await gateway.add_store(opened.name, opened.seller, digest_at="off")  # or one may come at any moment
    return opened


async def _talk(shop: Shop, responder: Responder) -> list[str]:
    """A customer's question, a seller's answer, a thank-you; the responder answers whatever it answers. Its answers'
    recipients."""
    house, customer, seller = shop.house, shop.customer, shop.seller
    async with machine(house, responder) as at_work, relay(house) as hands_in:
        await hands_in(mail(customer, shop.address, QUESTION), customer, shop.address)
        told = await house.gets(seller)
        await hands_in(mail(seller, told.from_address, "紺です。"), seller, told.from_address)
        answer = await house.gets(customer)
        await silence([house], [at_work])
        await hands_in(mail(customer, answer.from_address, THANKS), customer, answer.from_address)
        await silence([house], [at_work])
        return [answer.to for answer in at_work.answers]


async def test_T15_a_vacation_responder_answers_our_envelope_and_nothing_comes_of_it(shop: Shop) -> None:
    before = await shop.house.inquiries()
    answers = await _talk(shop, Vacation(shop.customer))
    assert [to[0] for to in answers] == ["b"]
    assert shop.answers == 1  # the thank-you's
    assert await shop.house.inquiries() == before + 1
    assert (await shop.house.inquiry(before + 1))["status"] == "done"


@pytest.mark.parametrize("threads", [False, True])
@pytest.mark.parametrize("to_store", [False, True])
@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (THANKS, "{subject}"),
        ("解決しました。ありがとうございました。", "{subject}"),
        (RECEIVED, "[#{number}] {subject}"),
    ],
)
async def test_T15_what_answers_every_mail_unmarked_gets_two_automatic_mails_at_most(
    shop: Shop, text: str, subject: str, to_store: bool, threads: bool
) -> None:
    responder = Careless(shop.customer, text, subject, shop.address if to_store else "", threads)
    answers = await _talk(shop, responder)
    assert shop.answers <= 2
    assert shop.answers >= 1 or text == RECEIVED  # whose words a rule may or may not take for a thank-you
    assert len(answers) == len(shop.to(shop.customer)) <= 3


@pytest.mark.parametrize("threads", [False, True])
async def test_T15_a_seller_whose_address_answers_every_mail(shop: Shop, threads: bool) -> None:
    async with machine(shop.house, Careless(shop.seller, RECEIVED, threads=threads)) as at_work:
        await _asks(shop, at_work)
    # It takes the notification for one to a person, and what it writes to us for an answer: nobody could tell.
    subjects = [str(one.mail["Subject"])[:6] for one in shop.to(shop.seller)]
    assert subjects == ["テスト2 [", "送信しました", "お問い合わせ"]
    assert len(shop.to(shop.customer)) == 1


async def test_T15_a_seller_whose_ticket_system_tells_the_store_of_each_new_ticket(shop: Shop) -> None:
    before, marks = await shop.house.inquiries(), {"Auto_Submitted": "auto-generated"}
    tells = Careless(shop.seller, "New ticket", "[#{number}] {subject}", shop.address, marks=marks)
    async with machine(shop.house, tells) as at_work:
        await _asks(shop, at_work)
    assert len(at_work.answers) == 1
    assert await shop.house.inquiries() == before + 2


@pytest.mark.parametrize(("text", "most"), [(RECEIVED, 2), ("受付番号 {number} で受け付けました。", 5)])
async def test_T15_a_seller_and_a_customer_who_both_answer_every_mail(shop: Shop, text: str, most: int) -> None:
    """Two such machines can only be told by their going on: with the same words at the third answer, else at the
    sixth. The seller is asked then."""
    async with (
        machine(shop.house, Careless(shop.seller, text)) as sellers,
        machine(shop.house, Careless(shop.customer, RECEIVED)) as customers,
    ):
        await _asks(shop, sellers, customers)
    assert len([one for one in shop.to(shop.customer) if not one.mail["Auto-Submitted"]]) == most
    assert shop.answers <= 2
    assert "【確認してください】" in " ".join(str(one.mail["Subject"]) for one in shop.to(shop.seller))


async def test_T15_two_sellers_who_both_answer_every_mail(shop: Shop) -> None:
    colleague = f"tanaka@{shop.name}.example"
    async with shop.house.database.read() as session:
        store = (await session.exec(select(Store).where(Store.name == shop.name))).one()
    await shop.house.add(Seller(store_id=store.id or 0, address=colleague, created_at=datetime.now(UTC)))
    async with (
        machine(shop.house, Careless(shop.seller, RECEIVED)) as one,
        machine(shop.house, Careless(colleague, "ただいま外出しております。")) as two,
    ):
        await _asks(shop, one, two)
    assert 1 <= len(shop.to(shop.customer)) <= 4  # each twice


async def _asks(shop: Shop, *machines: Machine) -> None:
    async with relay(shop.house) as hands_in:
        await hands_in(mail(shop.customer, shop.address, QUESTION), shop.customer, shop.address)
        await silence([shop.house], machines)


async def test_T15_reports_about_our_mail_are_never_answered(shop: Shop) -> None:
    before = await shop.house.inquiries()
    async with shop.house.database.read() as session:
        store = (await session.exec(select(Store).where(Store.name == shop.name))).one()
    [past] = await answered(shop.house, [shop.customer], store.id or 0)
    to = (past.bounces, past.address, shop.address)
    async with relay(shop.house) as hands_in:
        for number in range(MANY):
            original = past.message_id if number % 3 < 2 else f"<{number}@elsewhere.example>"
            await hands_in(_report(number, shop.customer, to[number % 3], original), "", to[number % 3])
        await at_rest(shop.house)
    assert not shop.to(shop.customer)
    # Of the mail that did not arrive they are told once; what was sent to the store alone answers nothing of ours.
    assert len(shop.to(shop.seller)) == 1 + await shop.house.inquiries() - (before + 1)
    assert len({str(one.mail["Message-ID"]) for one in shop.to(shop.seller)}) > 1


def _report(number: int, failed: str, to: str, original: str) -> bytes:
    """A bounce (RFC 3464)."""
    return (
        f"From: Mail Delivery System <MAILER-DAEMON@customer.example>\r\nTo: {to}\r\nSubject: Undelivered Mail\r\n"
        f"Message-ID: <dsn-{number}@customer.example>\r\nIn-Reply-To: {original}\r\nAuto-Submitted: auto-replied\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{THANKS}\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.customer.example\r\n\r\n"
        f"Final-Recipient: rfc822; {failed}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {original}\r\n--b--\r\n"
    ).encode()


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
async def test_T15_two_gateways_at_each_other(neighbours: tuple[House, House], strips: bool) -> None:
    ours, theirs = neighbours
    our_store, their_store = f"othershop@{DOMAIN}", f"othershop@{NEIGHBOUR}"
    async with (
        machine(ours, Carrier(NEIGHBOUR, strips), into=theirs) as there,
        machine(theirs, Carrier(DOMAIN, strips), into=ours) as back,
        relay(ours) as hands_in,
    ):
        await hands_in(mail(HANAKO, SHOP, QUESTION), HANAKO, SHOP)
        await silence([ours, theirs], [there, back])
        assert (len(there.answers), len(back.answers)) == (1, 0)
        assert [one.rcpt_to for one in theirs.arrived] == ["ops@example.jp"]  # who can mend it
        await hands_in(mail(their_store, our_store, THANKS), their_store, our_store)  # by whoever can
        await silence([ours, theirs], [there, back])
    assert automatic(ours) == {their_store: 1}
    assert sum(automatic(theirs).values()) == len(back.answers) <= 1


@pytest.mark.parametrize(
    ("local", "subject"), [("postmaster", "苦情です"), ("abuse", "Undelivered Mail Returned to Sender")]
)
async def test_T15_two_gateways_whose_operators_are_each_others_postmaster(
    tmp_path: Path, sqlite_url: str, local: str, subject: str
) -> None:
    folders = [tmp_path / "ours", tmp_path / "theirs"]
    for folder in folders:
        folder.mkdir()
        shutil.copy(sqlite_url.removeprefix("sqlite:///"), folder / "toiawase.db")
    first, second = (f"sqlite:///{folder}/toiawase.db" for folder in folders)
    async with (
        open_house(folders[0], first, operator=f"postmaster@{NEIGHBOUR}") as ours,
        open_house(folders[1], second, domain=NEIGHBOUR, operator=f"postmaster@{DOMAIN}") as theirs,
        machine(ours, Carrier(NEIGHBOUR), into=theirs) as there,
        machine(theirs, Carrier(DOMAIN), into=ours) as back,
        relay(ours) as hands_in,
    ):
        for text in (QUESTION, THANKS):
            await hands_in(mail(HANAKO, f"{local}@{DOMAIN}", text, Subject=subject), HANAKO, f"{local}@{DOMAIN}")
        await silence([ours, theirs], [there, back])
        assert (len(there.answers), len(back.answers)) == (2, 0)  # each person's mail once, and nothing more
