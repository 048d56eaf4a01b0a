"""Where is my mail: what came in, what became of it, what went out because of it; and sending again."""

import json
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.store import outbox
from gateway.store.states import OutboxState, ReceivedState
from gateway.store.tables import Outbox, OutboxAttempt, ReceivedChunk
from tests.cli import rows
from tests.cli.conftest import Cli

MAIL = (
    b"From: =?utf-8?b?5bGx55Sw?= <yamada@customer.example>\r\nTo: testshop@q.example.jp\r\n"
    b"Subject: =?iso-2022-jp?b?GyRCQXdOQRsoQg==?=\r\nMessage-ID: <q1@customer.example>\r\n"
    b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$BAwNA\x1b(B\r\n"
)


@pytest.fixture
def played(shop: Cli) -> tuple[Cli, str]:
    """A shop after one conversation, and the id of the customer's mail."""

    async def work(session: AsyncSession) -> str:
        mail, _ = await rows.conversation(session)
        return mail.queue_id

    return shop, shop.write(work)


def test_a_mail_is_found_by_sender_message_id_and_state(played: tuple[Cli, str]) -> None:
    cli, queue_id = played
    filters = [
        ("--from", "yamada@Customer.example"),
        ("--message-id", "<q1@customer.example>"),
        ("--message-id", "q1@customer.example"),
        ("--queue-id", queue_id),
        ("--state", "done"),
        ("--since", "2026-11-20"),
    ]
    for words in filters:
        [row] = cli.json("mail", "list", *words)
        assert row["id"] == queue_id, words
    assert cli.json("mail", "list", "--state", "set_aside") == []
    assert cli.json("mail", "list", "--since", "2026-11-21") == []
    assert queue_id in cli("mail", "list").stdout


def test_show_tells_a_mails_whole_way(played: tuple[Cli, str]) -> None:
    cli, queue_id = played
    view = cli.json("mail", "show", queue_id)
    assert view["received_at"] == "2026-11-20T14:03:00+09:00"
    assert view["client"] == {"address": "127.0.0.1", "helo": "mx.example.jp", "tls": True, "trusted_relay": True}
    [account] = view["outcome"]
    assert (account["inquiry"], account["matched_by"], account["why"]) == (1, "new", "a new question")
    assert (view["kept"], view["rules"]) == (True, [])
    [notification] = view["outbox"]
    assert (notification["kind"], notification["state"], notification["reply"]) == (
        "notification",
        "sent",
        "250 2.0.0 Ok",
    )
    shown = cli("mail", "show", queue_id).stdout
    assert "a new question" in shown
    assert "250 2.0.0 Ok" in shown


def test_mails_and_the_outbox_show_every_time_in_utc_with_a_mark(played: tuple[Cli, str]) -> None:
    cli, queue_id = played
    other = cli.write(rows.of_no_store)
    listed = cli("mail", "list").stdout
    assert (listed.count("2026-11-20 05:03Z"), "14:03" in listed) == (2, False)
    for queue in (queue_id, other):
        assert "2026-11-20 05:03Z" in cli("mail", "show", queue).stdout
    [queued] = letters(cli, OutboxState.QUEUED)
    assert "2026-11-20 05:03Z" in cli("outbox", "list").stdout
    assert "2026-11-20 05:03Z" in cli("outbox", "show", queued).stdout
    [letter] = cli.json("mail", "show", queue_id)["outbox"]
    shown = cli("outbox", "show", letter["id"]).stdout
    assert (shown.count("2026-11-20 05:03Z"), "14:03" in shown) == (2, False)  # sent_at, and its one attempt
    assert cli.json("mail", "list", "--state", "done")[0]["received_at"] == "2026-11-20T14:03:00+09:00"


def test_an_unknown_mail_is_a_no(shop: Cli) -> None:
    shop("mail", "show", "nothing", code=1)
    shop("mail", "replay", "nothing", code=1)


def test_a_mail_is_given_as_it_came_octet_by_octet(cli: Cli) -> None:
    raw = MAIL + b"\x1b[31m\xff\r\n"

    async def work(session: AsyncSession) -> str:
        return (await rows.received(session, raw=raw)).queue_id

    shown = cli("mail", "show", cli.write(work), "--original")
    assert shown.stdout_bytes == raw
    assert "there is no mail" in cli("mail", "show", "nothing", "--original", code=1).stderr


def test_a_mail_that_was_set_aside_is_tried_again(shop: Cli) -> None:
    async def work(session: AsyncSession) -> str:
        mail = await rows.received(session)
        mail.prior_state, mail.state, mail.attempts = ReceivedState.RECEIVED, ReceivedState.SET_ASIDE, 3
        return mail.queue_id

    queue_id = shop.write(work)
    shop("mail", "replay", queue_id)
    [row] = shop.json("mail", "list", "--state", "received")
    assert (row["id"], row["attempts"]) == (queue_id, 0)
    assert "not set aside" in shop("mail", "replay", queue_id, code=1).stderr


def test_a_mail_that_is_not_kept_any_more_cannot_be_tried_again(shop: Cli) -> None:
    async def work(session: AsyncSession) -> str:
        mail = await rows.received(session)
        mail.prior_state, mail.state = ReceivedState.RECEIVED, ReceivedState.SET_ASIDE
        await session.exec(delete(ReceivedChunk))
        return mail.queue_id

    queue_id = shop.write(work)
    assert "not kept any more" in shop("mail", "replay", queue_id, code=1).stderr
    assert "is not kept any more" in shop("mail", "show", queue_id).stdout


def letters(cli: Cli, *states: OutboxState) -> list[str]:
    """One outgoing mail in each of these states."""

    async def work(session: AsyncSession) -> list[str]:
        made = [rows.letter("answer", f"message:{n}", "b@customer.example", state=s) for n, s in enumerate(states)]
        session.add_all(made)
        return [letter.id for letter in made]

    return cli.write(work)


def test_the_outbox_lists_what_the_contract_names(shop: Cli) -> None:
    queued, failed = letters(shop, OutboxState.QUEUED, OutboxState.FAILED)
    by_id = {row["id"]: row for row in shop.json("outbox", "list")}
    assert by_id[queued]["next_at"] == "2026-11-20T14:03:00+09:00"
    assert by_id[failed]["next_at"] is None
    assert {"id", "state", "to", "attempts", "next_at", "inquiry", "kind"} <= by_id[queued].keys()
    assert [row["id"] for row in shop.json("outbox", "list", "--state", "failed")] == [failed]
    assert shop.json("outbox", "list", "--inquiry", "Q-7") == []


def test_show_tells_every_attempt(played: tuple[Cli, str]) -> None:
    cli, queue_id = played
    [letter] = cli.json("mail", "show", queue_id)["outbox"]
    view = cli.json("outbox", "show", letter["id"])
    assert view["text"] == "本文"
    [attempt] = view["history"]
    assert (attempt["outcome"], attempt["code"], attempt["reply"]) == ("sent", 250, "250 2.0.0 Ok")
    assert "250 2.0.0 Ok" in cli("outbox", "show", letter["id"]).stdout
    cli("outbox", "show", "nothing", code=1)


def test_the_words_of_a_report_are_told_from_those_of_a_session(played: tuple[Cli, str]) -> None:
    cli, queue_id = played

    async def came_back(session: AsyncSession) -> str:
        letter = (await session.exec(select(Outbox).where(Outbox.kind == "notification"))).one()
        assert await outbox.bounced(session, letter.id, "550 5.1.1 No such user")
        return letter.id

    async def refused(session: AsyncSession) -> None:
        letter = rows.letter("answer", "message:9", "b@customer.example", attempts=1, reply="550 5.1.1 Who?")
        letter.state = OutboxState.FAILED
        session.add(letter)
        await session.flush()
        attempt = OutboxAttempt(outbox_id=letter.id, started_at=rows.AT, outcome="failed", reply="550 5.1.1 Who?")
        session.add(attempt)

    outbox_id = cli.write(came_back)
    cli.write(refused)
    listed = cli("outbox", "list", "--state", "failed").stdout
    assert (listed.count("report: "), "report: 550 5.1.1 No such user" in listed) == (1, True)
    assert "report: 550 5.1.1 No such user" in cli("mail", "show", queue_id).stdout
    shown = cli("outbox", "show", outbox_id).stdout
    assert "report: 550 5.1.1 No such user" in shown
    assert "250 2.0.0 Ok" in shown
    view = cli.json("outbox", "show", outbox_id)
    assert (view["reply"], view["reported"], view["report"]) == ("550 5.1.1 No such user", True, None)


def test_retry_sends_named_mails_at_once(shop: Cli) -> None:
    queued, failed, sent = letters(shop, OutboxState.QUEUED, OutboxState.FAILED, OutboxState.SENT)
    assert shop("outbox", "retry", queued, failed).stdout == "2 due now\n"
    assert {row["id"] for row in shop.json("outbox", "list", "--state", "queued")} == {queued, failed}
    assert "is sent and cannot be sent again" in shop("outbox", "retry", sent, code=1).stderr
    shop("outbox", "retry", "nothing", code=1)


def test_retry_all_hurries_what_waits(shop: Cli) -> None:
    async def later(session: AsyncSession) -> None:
        for letter in (await session.exec(select(Outbox))).all():
            letter.next_at, letter.attempts = letter.next_at.replace(year=2100), 1

    letters(shop, OutboxState.QUEUED, OutboxState.QUEUED)
    shop.write(later)
    assert shop("outbox", "retry", "--all").stdout == "2 due now\n"
    assert not any(row["next_at"].startswith("2100") for row in shop.json("outbox", "list"))


def test_retry_wants_names_or_all(shop: Cli) -> None:
    shop("outbox", "retry", code=2)
    shop("outbox", "retry", "x", "--all", code=2)


def test_cancel_stops_all_that_are_named_or_none(shop: Cli) -> None:
    queued, held, sent = letters(shop, OutboxState.QUEUED, OutboxState.HELD, OutboxState.SENT)
    assert "is sent and cannot be cancelled" in shop("outbox", "cancel", queued, sent, code=1).stderr
    assert [row["id"] for row in shop.json("outbox", "list", "--state", "queued")] == [queued]
    shop("outbox", "cancel", queued, held)
    assert len(shop.json("outbox", "list", "--state", "cancelled")) == 2


def explained(*words: str) -> str:
    """`mail explain`, without any configuration."""
    result = CliRunner().invoke(app, ["mail", "explain", *words], env={"TOIAWASE_CONFIG": ""})
    assert result.exit_code == 0, result.output
    return result.stdout


def test_explain_needs_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL)
    view = json.loads(explained(str(tmp_path / "a.eml"), "--json"))
    assert view["subject"] == "送料"
    assert view["reply"] == "送料"
    assert view["from"] == {"name": "山田", "address": "yamada@customer.example"}
    assert "送料" in explained(str(tmp_path / "a.eml"))


def test_explaining_a_folder_makes_json_lines(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "b.eml").write_bytes(b"\xff\x00" * 100)
    lines = [json.loads(line) for line in explained(str(tmp_path), "--json").splitlines()]
    assert [Path(line["file"]).name for line in lines] == ["a.eml", "b.eml"]
    assert explained(str(tmp_path))


def test_explain_takes_the_mail_that_is_answered(tmp_path: Path) -> None:
    sent, reply = tmp_path / "sent.eml", tmp_path / "reply.eml"
    sent.write_bytes(b"Subject: x\r\n\r\nThis sentence was ours, and long enough to be known again.\r\n")
    reply.write_bytes(
        b"From: a@shop.example\r\nSubject: Re: x\r\n\r\nMy answer.\r\n\r\n"
        b"This sentence was ours, and long enough to be known again.\r\n"
    )
    assert json.loads(explained(str(reply), "--answering", str(sent), "--json"))["reply"] == "My answer."


def test_a_file_that_cannot_be_read_is_usage(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["mail", "explain", str(tmp_path / "nothing.eml")])
    assert (result.exit_code, "cannot be read" in result.stderr) == (2, True)


def test_explain_reads_standard_input() -> None:
    result = CliRunner().invoke(
        app, ["mail", "explain", "-", "--json"], input=b"Subject: a\n\n\xe9\x80\x81\xe6\x96\x99\n"
    )
    assert json.loads(result.stdout)["text"] == "送料"


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    for name in ("a", "c"):
        (tmp_path / f"{name}.eml").write_bytes(b"Subject: " + name.encode() + b"\n\ntext\n")
    files = [str(tmp_path / f"{name}.eml") for name in "abc"]
    result = CliRunner().invoke(app, ["mail", "explain", *files, "--json"])
    assert result.exit_code == 2
    assert [json.loads(line)["subject"] for line in result.stdout.splitlines()] == ["a", "c"]
    assert "b.eml cannot be read" in result.stderr


def test_explain_shows_what_stops_a_sellers_mail_and_what_was_left_out(tmp_path: Path) -> None:
    mail = tmp_path / "a.eml"
    mail.write_text(
        "Subject: a\n\n#処理中\n#foo\n本文\n\nOn Fri, 20 Nov 2026 at 14:03, a@b.example wrote:\n> 質問\n", "utf-8"
    )
    assert json.loads(explained(str(mail), "--json"))["refused"] == ["#foo"]
    shown = explained(str(mail))
    assert "no command" in shown
    assert "│ > 質問" in shown


def test_explain_shows_the_recipients_of_a_bounce(tmp_path: Path) -> None:
    mail = tmp_path / "a.eml"
    mail.write_text(
        "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\nReturn-Path: <>\n\n"
        "<hanako@customer.example>: host mx said: 550 5.1.1 User unknown\n"
    )
    assert "hanako@customer.example: failed 5.1.1, permanent, dead" in explained(str(mail))
