"""Mails as files: readable by any mail client, one folder for each recipient, none outside the root."""

from mailbox import Maildir
from pathlib import Path

import pytest

from gateway.delivery.envelope import Envelope
from gateway.delivery.maildir import MaildirTransport, folder_name
from gateway.delivery.outcome import Deferred, Delivered
from gateway.delivery.smarthost import Smarthost
from gateway.delivery.transport import transport_for

MESSAGE = b"Subject: x\r\nFrom: a@example.jp\r\n\r\none\r\ntwo\r\n"


async def test_a_mail_lands_in_its_recipients_maildir(tmp_path: Path) -> None:
    transport = transport_for(f"maildir:{tmp_path}/out", local_hostname="q.example.jp")
    assert isinstance(transport, MaildirTransport)
    for outbox_id in ("1", "2"):
        outcome = await transport.send(Envelope(outbox_id, "b1-x@q.example.jp", "yamada@example.jp"), MESSAGE)
        assert isinstance(outcome, Delivered)
    maildir = Maildir(tmp_path / "out" / "yamada@example.jp", create=False)
    assert len(maildir) == 2
    for mail in maildir:
        assert (mail["Subject"], mail["Return-Path"], mail.get_payload()) == ("x", "<b1-x@q.example.jp>", "one\ntwo\n")
    assert list((tmp_path / "out" / "yamada@example.jp" / "tmp").iterdir()) == []


async def test_the_same_mail_again_is_one_file(tmp_path: Path) -> None:
    transport = MaildirTransport(tmp_path)
    for _ in range(2):
        await transport.send(Envelope("1", "", "yamada@example.jp"), MESSAGE)
    assert len(list((tmp_path / "yamada@example.jp" / "new").iterdir())) == 1


async def test_a_folder_that_cannot_be_written_defers(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    assert isinstance(await MaildirTransport(tmp_path / "out").send(Envelope("1", "", "x@example.jp"), b""), Deferred)


@pytest.mark.parametrize(
    "address",
    ["../../etc/x@example.jp", ".@example.jp", "..", "a/b@example.jp", "\0@x", "x" * 300, "山田@example.jp", ""],
)
def test_a22_no_address_leads_out_of_the_root(address: str) -> None:
    name = folder_name(address)
    assert "/" not in name and "\0" not in name and not name.startswith(".") and len(name) <= 100
    assert name != folder_name(address + "_")


def test_a_plain_address_is_its_own_folder() -> None:
    assert folder_name("q1+x.y_z@example.jp") == "q1+x.y_z@example.jp"


def test_other_urls_are_a_smarthosts(tmp_path: Path) -> None:
    assert isinstance(transport_for("smtps://mx.example.jp", local_hostname="q.example.jp"), Smarthost)
