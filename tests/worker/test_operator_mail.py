"""What goes on to the operator from outside: no more than a person reads, and nothing that could go round (A13)."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from gateway.delivery.letter import attached_files, outgoing
from gateway.desk import operator_mail
from gateway.ids import new_id
from gateway.mail.compose import compose
from gateway.mail.keyring import Key, Keyring
from gateway.store import received as received_rows
from gateway.store.database import Database
from gateway.store.tables import Outbox, Received
from tests.worker.hands import CUSTOMER, DOMAIN, HOUR, NOW, SELLER, Desk, open_shop, shop

OPERATOR, STRANGER = "ops@example.jp", "x@other.example"
POSTMASTER, ABUSE = f"postmaster@{DOMAIN}", f"abuse@{DOMAIN}"
MOST = 3  # here; the true number is larger
BOUNCE = (
    "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\nMessage-ID: <{id}@mx.example>\r\n"
    "Auto-Submitted: auto-replied\r\nContent-Type: multipart/report; report-type={form}; boundary=x\r\n\r\n"
    "--x\r\n\r\nsorry {id}\r\n--x\r\nContent-Type: message/{form}\r\n\r\n{status}\r\n--x--\r\n"
)
STATUS = "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1"
FEEDBACK = "Feedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1"


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator_mail, "MOST", MOST)


@pytest.fixture
async def desk(database: Database) -> Desk:
    await open_shop(database)
    return Desk(database)


async def writes(desk: Desk, count: int) -> list[Received]:
    """People's mails to both addresses."""
    to = (POSTMASTER, ABUSE)
    return [await desk.gets(f"苦情 {n}", sender=STRANGER, to=to[n % 2]) for n in range(count)]


def report(form: str = "delivery-status", status: str = STATUS, more: str = "") -> bytes:
    return BOUNCE.format(id=new_id() + more, form=form, status=status).encode()


async def as_sent(desk: Desk) -> bytes:
    """The newest mail to the operator, as it leaves."""
    row = (await desk.sent("operator"))[-1]
    async with desk.database.read() as session:
        return compose(outgoing(row, await attached_files(session, row)))


async def test_the_operator_gets_so_many_mails_an_hour_and_one_that_says_that_there_are_more(desk: Desk) -> None:
    mails = await writes(desk, MOST + 4)
    assert [row.raw_of for row in await desk.sent("operator", OPERATOR)] == [row.queue_id for row in mails[:MOST]]
    (more,) = await desk.sent("operator_more", OPERATOR)
    assert "toiawase mail list" in more.text
    assert (more.mail_from, more.auto_submitted) == ("", "auto-generated")
    desk.now += HOUR + timedelta(seconds=1)
    await writes(desk, MOST + 4)
    assert len(await desk.sent("operator")) == 2 * MOST
    assert len(await desk.sent("operator_more")) == 2


async def test_what_comes_beyond_is_kept_as_it_came_and_the_account_says_why(desk: Desk) -> None:
    await writes(desk, MOST)
    with capture_logs() as events:
        row = await desk.gets("大事な苦情", sender=STRANGER, to=ABUSE)
    async with desk.database.read() as session:
        assert "大事な苦情".encode() in await received_rows.load_raw(session, row.queue_id)
    assert row.state == "done"
    assert (row.outcome[0]["result"], row.outcome[0]["why"]) == ("recorded", "for the operator, too many in an hour")
    (event,) = [event for event in events if event["event"] == "operator not told"]
    assert (event["queue_id"], event["log_level"]) == (row.queue_id, "warning")
    assert STRANGER not in str(events)


async def test_the_limit_holds_over_a_restart_and_on_two_nodes(desk: Desk) -> None:
    other = Desk(desk.database, now=desk.now)
    other.worker.name = "w2"
    await asyncio.gather(writes(desk, MOST + 2), writes(other, MOST + 2))
    await writes(Desk(desk.database), 1)
    assert len(await desk.sent("operator")) == MOST
    assert len(await desk.sent("operator_more")) == 1


async def test_a_clock_that_was_set_back_lets_no_more_through(desk: Desk) -> None:
    await writes(desk, MOST)
    desk.now -= timedelta(hours=3)
    await writes(desk, 2)
    assert len(await desk.sent("operator")) == MOST


@pytest.mark.parametrize("to", [POSTMASTER, ABUSE])
@pytest.mark.parametrize(
    ("sender", "fields"),
    [
        ("", {}),
        (STRANGER, {"Auto_Submitted": "auto-generated"}),
        (STRANGER, {"Subject": "自動応答: 苦情", "Auto_Submitted": "auto-replied"}),
        (STRANGER, {"List_Id": "<news.other.example>", "Precedence": "bulk"}),
    ],
)
async def test_an_automatic_mail_makes_no_other_and_is_kept(
    desk: Desk, to: str, sender: str, fields: dict[str, str]
) -> None:
    lines = {"From": STRANGER, "Subject": "お知らせ", "Message-ID": "<a@other.example>"}
    head = lines | {name.replace("_", "-"): value for name, value in fields.items()}
    raw = "".join(f"{name}: {value}\r\n" for name, value in head.items()) + "\r\nおしらせです。\r\n"
    row = await desk.gets_raw(raw.encode(), sender=sender, to=to)
    assert not await desk.sent("operator")
    assert (row.outcome[0]["result"], row.outcome[0]["why"]) == ("recorded", "for the operator, automatic")


async def test_a_person_behind_another_servers_postmaster_reaches_the_operator(desk: Desk) -> None:
    await desk.gets("そちらから迷惑メールが届きます。", sender="postmaster@other.example", to=ABUSE)
    assert len(await desk.sent("operator")) == 1


@pytest.mark.parametrize(("form", "status"), [("delivery-status", STATUS), ("feedback-report", FEEDBACK)])
async def test_bounces_and_providers_complaints_reach_the_operator_within_the_limit(
    desk: Desk, form: str, status: str
) -> None:
    for _ in range(MOST + 2):
        await desk.gets_raw(report(form, status), sender="", to=ABUSE)
    assert len(await desk.sent("operator")) == MOST
    assert len(await desk.sent("operator_more")) == 1


async def test_a_big_report_is_told_of_without_itself(desk: Desk) -> None:
    row = await desk.gets_raw(report(more=" x" * operator_mail.REPORT_SIZE), sender="", to=POSTMASTER)
    (told,) = await desk.sent("operator")
    assert told.raw_of is None
    assert f"toiawase mail show {row.queue_id}" in told.text
    await desk.gets("x" * 2 * operator_mail.REPORT_SIZE, sender=STRANGER, to=POSTMASTER)
    assert (await desk.sent("operator"))[-1].raw_of is not None  # a person's is passed on whole


@pytest.mark.parametrize("subject", ["苦情です", "Undelivered Mail Returned to Sender", "failure notice"])
@pytest.mark.parametrize("mail_from", ["", "postmaster@r.example.jp"])  # a forwarder may take the mark away
async def test_what_another_gateway_wrote_to_its_operator_is_never_passed_on(
    desk: Desk, subject: str, mail_from: str
) -> None:
    """Wherever it comes in; and however much like a bounce what is in it looks."""
    other = Desk(desk.database)
    keyring = Keyring([Key("k", b"t" * 32, NOW)])
    other.worker.office = type(other.worker.office)("r.example.jp", POSTMASTER, keyring, timedelta(days=5))
    await other.gets("Delivery to the following recipient failed.", sender=STRANGER, to=ABUSE, Subject=subject)
    raw = await as_sent(desk)
    assert b"From: Toiawase <postmaster@r.example.jp>" in raw
    async with desk.database.write() as session:  # as if it were in the other's database
        await session.exec(update(Outbox).values(message_id="<forgotten@r.example.jp>"))
    got = await desk.gets_raw(raw, sender=mail_from, to=POSTMASTER)
    assert (got.outcome[0]["result"], got.outcome[0]["why"]) == ("recorded", "for the operator, automatic")
    assert len(await desk.sent("operator")) == 1


async def test_a_store_that_is_another_gateways_seller_is_still_told_of(desk: Desk) -> None:
    await desk.gets("質問です。", sender=CUSTOMER, to=shop())
    (told,) = await desk.sent("notification", SELLER)
    local = told.from_address.partition("@")[0]
    theirs = told.message_id.replace(DOMAIN, "r.example.jp")
    row = await desk.gets(
        "質問です。",
        sender=f"{local}@r.example.jp",
        to=shop(),
        Auto_Submitted="auto-generated",
        Message_ID=theirs,
    )
    assert row.outcome[0]["result"] == "operator"
