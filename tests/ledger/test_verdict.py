"""The judge of the ledger test notices each broken promise; and its sink reads what it is given."""

import asyncio
from collections import Counter
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.mails import CustomerMail
from tests.ledger.sender import RefusedForGoodError, Sender
from tests.ledger.sink import Arrival, Sink, arrival
from tests.ledger.verdict import judge

MAILS = [CustomerMail(0), CustomerMail(1), CustomerMail(3)]
THANKS = MAILS[2]
STORED = Counter({mail.message_id: 1 for mail in MAILS})
ARRIVALS = [
    *(
        Arrival(f"<n{mail.number}.{seller}>", seller, frozenset([mail.mark]))
        for mail in MAILS
        for seller in mail.sellers
    ),
    Arrival("<answer>", THANKS.mail_from, frozenset([THANKS.mark])),
]


def uncertain(mail: Arrival, *, to: str = "", state: str = "uncertain", attempts: int = 1) -> dict[str, Any]:
    kind = "auto_response" if mail == ARRIVALS[-1] else "notification"
    named = {"message_id": mail.message_id, "to": to or mail.recipient}
    return named | {"kind": kind, "state": state, "uncertain_attempts": attempts}


def test_kept_promises_pass() -> None:
    verdict = judge(MAILS, STORED, ARRIVALS, [])
    assert (verdict.failures, verdict.acknowledged, verdict.notifications, verdict.copies) == ([], 3, 5, 0)
    assert verdict.answers == 1


def test_T21_a_digest_whose_hour_comes_in_between_is_no_notification() -> None:
    mail = EmailMessage()
    mail["Subject"] = "お問い合わせのまとめ：未回答2件・処理中0件（11/27）[L-1]"
    mail.set_content(f"{MAILS[0].mark}\n{MAILS[1].mark}\n")
    digest = arrival(mail, MAILS[0].sellers[0])
    assert digest.marks == {MAILS[0].mark, MAILS[1].mark}
    assert judge(MAILS, STORED, [*ARRIVALS, digest], []).failures == []


def test_an_automatic_answer_may_be_lost_where_a_dead_process_explains_it() -> None:
    told = [Arrival(f"<told.{seller}>", seller, frozenset([THANKS.mark])) for seller in THANKS.sellers]
    arrivals = [*ARRIVALS[:-1], *told]
    assert judge(MAILS, STORED, arrivals, [uncertain(ARRIVALS[-1])]).failures == []
    for row in (uncertain(ARRIVALS[-1], state="sent"), uncertain(ARRIVALS[-1], to="c0@customer.example")):
        assert "automatic answers missing" in judge(MAILS, STORED, arrivals, [row]).failures[0]


def test_a_missing_notification_is_a_fault_whatever_died() -> None:
    (failure,) = judge(MAILS, STORED, ARRIVALS[1:], [uncertain(ARRIVALS[0])]).failures
    assert "without a notification" in failure


def test_as_many_copies_pass_as_dead_processes_explain() -> None:
    twice, thrice = [*ARRIVALS, ARRIVALS[0]], [*ARRIVALS, ARRIVALS[0], ARRIVALS[0]]
    verdict = judge(MAILS, STORED, twice, [uncertain(ARRIVALS[0], state="sent")])
    assert (verdict.failures, verdict.copies) == ([], 1)
    assert judge(MAILS, STORED, thrice, [uncertain(ARRIVALS[0], state="sent")]).failures
    assert not judge(MAILS, STORED, thrice, [uncertain(ARRIVALS[0], state="sent", attempts=2)]).failures


@pytest.mark.parametrize(
    ("stored", "arrivals", "failure"),
    [
        (STORED - Counter([MAILS[0].message_id]), ARRIVALS, "acknowledged and lost"),
        (STORED + Counter([MAILS[0].message_id]), ARRIVALS, "stored more than once"),
        (STORED + Counter(["<stranger@customer.example>"]), ARRIVALS, "stored but never sent"),
        (STORED, ARRIVALS[1:], "without a notification"),
        (STORED, [*ARRIVALS, ARRIVALS[0]], "copies that no dead process explains"),
        (STORED, [*ARRIVALS, Arrival("<other>", ARRIVALS[0].recipient, ARRIVALS[0].marks)], "several Message-IDs"),
        (STORED, [*ARRIVALS, Arrival("<other>", "c0@customer.example", ARRIVALS[0].marks)], "no seller of that store"),
        (STORED, [*ARRIVALS, Arrival("<other>", ARRIVALS[0].recipient, frozenset())], "show not exactly one mail"),
        (STORED, ARRIVALS[:-1], "automatic answers missing"),
        (STORED, [*ARRIVALS, ARRIVALS[-1]], "automatic answers doubled"),
        (STORED, [*ARRIVALS, Arrival("<more>", THANKS.mail_from, ARRIVALS[-1].marks)], "automatic answers doubled"),
    ],
)
def test_a_broken_promise_is_named(stored: Counter[str], arrivals: list[Arrival], failure: str) -> None:
    assert any(failure in named for named in judge(MAILS, stored, arrivals, []).failures)


async def test_the_sender_and_the_sink_understand_each_other(tmp_path: Path) -> None:
    sink = Sink(tmp_path / "sink.mails")
    mails = [CustomerMail(number) for number in range(40)]
    async with sink.listening() as port:
        sender = Sender([port], tmp_path / "acknowledged")
        await sender.send(iter(mails), sessions=4)
        arrived = list(sink.arrivals())
    assert {(a.message_id, a.recipient, a.marks) for a in arrived} == {
        (mail.message_id, mail.rcpt_to, frozenset([mail.mark])) for mail in mails
    }
    assert (tmp_path / "acknowledged").read_text().split() == [mail.message_id for mail in sender.acknowledged]


async def test_the_sender_repeats_a_mail_until_it_is_acknowledged(tmp_path: Path) -> None:
    ends = iter(
        [
            b"",
            b"421 4.3.2 busy\r\n",
            b"220 a\r\n250 b\r\n250 c\r\n451 4.3.0 later\r\n",
            b"220 a\r\n" + b"250 ok\r\n" * 3,
        ]
    )
    last = b"354 go\r\n250 kept\r\n"

    async def fail_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = next(ends)
        writer.write(said + last if said.count(b"250 ok") else said)
        await reader.read() if said.count(b"250 ok") else None
        writer.close()

    server = await asyncio.start_server(fail_first, "127.0.0.1", 0)
    async with server:
        sender = Sender([server.sockets[0].getsockname()[1]], tmp_path / "acknowledged")
        await sender.send(iter([CustomerMail(7)]), sessions=1)
    assert (len(sender.acknowledged), sender.repeats) == (1, 3)


async def test_the_sender_reports_a_refusal_for_good(tmp_path: Path) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 5.3.0 no\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        sender = Sender([server.sockets[0].getsockname()[1]], tmp_path / "acknowledged")
        with pytest.raises(ExceptionGroup) as caught:
            await sender.send(iter([CustomerMail(7)]), sessions=1)
    assert caught.group_contains(RefusedForGoodError)
