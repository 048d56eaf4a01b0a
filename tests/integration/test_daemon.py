"""What `toiawase serve` promises whoever operates it: each test is one promise, kept by the real process."""

import asyncio
import os
import re
import signal
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import aiosmtplib
import psutil
import pytest
import trustme

from gateway.keys import create
from tests.few_rules import write_few_rules
from tests.integration.daemon import Daemon, Dialog, daemon, free_port
from tests.integration.house import DOMAIN, HANAKO, SUZUKI, TANAKA

SHOP = f"testshop@{DOMAIN}"
MAIL = f"From: {HANAKO}\r\nMessage-ID: <half@customer.example>\r\nSubject: secret subject\r\n\r\nsecret body\r\n"


@pytest.fixture
async def stopped(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Daemon]:
    async with daemon(tmp_path, sqlite_url) as house:
        write_few_rules(tmp_path)
        yield house


@pytest.fixture
async def house(stopped: Daemon) -> Daemon:
    await stopped.start()
    return stopped


async def test_A23_a_day_with_every_kind_of_mail_leaves_nobody_in_the_log(house: Daemon) -> None:
    """The log is looked through at the end of each test here."""
    await house.writes(HANAKO, SHOP, "secret body", Subject="secret subject", From=f"secret subject <{HANAKO}>")
    told = await house.gets(SUZUKI)
    await house.writes(SUZUKI, told.from_address, "secret body", Subject="secret subject")
    answer = await house.gets(HANAKO)
    await house.writes(HANAKO, answer.from_address, "secret body", Subject="secret subject")
    await house.gets(SUZUKI, "secret subject")
    await house.writes(SUZUKI, told.from_address, "secret body", Subject="secret subject", authenticated=False)
    await house.gets(SUZUKI, "【確認してください】")
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await house.writes(HANAKO, f"nosuchshop@{DOMAIN}", "secret body")
    house.smarthost.answer = f"550 5.1.1 <{HANAKO}> unknown: secret subject"
    await house.writes(SUZUKI, told.from_address, "secret body again", Subject="secret subject")
    await house.until(lambda: house.smarthost.refused >= 2, "the refusals")  # the answer, and what tells of it
    async with await house.session() as dialog:
        await dialog.ask("EHLO x", f"MAIL FROM:<{HANAKO}> BODY=secret-subject", f"VRFY {SUZUKI}", f"RCPT TO {HANAKO}")
    assert await house.stop() == 0


@pytest.mark.parametrize("workers", [0, 1])
async def test_T18_an_end_loses_nothing_and_leaves_no_client_in_doubt(stopped: Daemon, workers: int) -> None:
    stopped.configure(workers=workers)
    await stopped.start()
    subjects = [f"question {number} " for number in range(20)]
    for subject in subjects:
        await stopped.writes(HANAKO, SHOP, f"{subject}です。", Subject=subject)
    idle, sending = await stopped.session(), await stopped.session()
    assert (await idle.ask("EHLO x")).startswith("250")
    begun = await sending.ask("EHLO x", f"MAIL FROM:<{HANAKO}>", f"RCPT TO:<{SHOP}>", "DATA")
    assert begun.startswith("354")
    sending.send(MAIL)
    stopped.signal(signal.SIGTERM)
    assert (await idle.reply())[:3] == "421"
    assert await idle.reply() == ""
    sending.send(".\r\n")
    assert (await sending.reply())[:3] == "250"
    assert (await sending.reply())[:3] == "421"
    assert await stopped.ended() == 0
    for dialog in (idle, sending):
        await dialog.__aexit__()

    await stopped.start()
    for subject in (*subjects, "secret subject"):
        await stopped.gets(SUZUKI, subject)
    await stopped.until(lambda: len(stopped.arrived) >= len(subjects) + 1, "all notifications")
    assert len({mail.mail["Message-ID"] for mail in stopped.arrived}) == len(stopped.arrived)
    await stopped.command("ledger", "check", "--strict")
    assert await stopped.stop() == 0


async def test_a_reload_takes_over_without_refusing_anybody_and_a_broken_file_changes_nothing(house: Daemon) -> None:
    sizes: list[int] = []
    enough = asyncio.Event()

    async def connects_all_the_time() -> None:
        while not enough.is_set():
            async with await house.session() as dialog:
                sizes.append(await offered_size(dialog))

    async def offered_size(dialog: Dialog) -> int:
        match = re.search(r"SIZE (\d+)", await dialog.ask("EHLO x"))
        assert match
        return int(match[1])

    connecting = asyncio.create_task(connects_all_the_time())
    under_way = await house.session()
    begun = await under_way.ask("EHLO x", f"MAIL FROM:<{HANAKO}>", f"RCPT TO:<{SHOP}>", "DATA")
    assert begun.startswith("354")
    house.configure("limits", message_size=100_000)
    house.signal(signal.SIGHUP)
    await house.logged("reload.done")
    await house.until(lambda: sizes[-1:] == [100_000], "the new size")
    under_way.send(MAIL + ".\r\n")
    assert (await under_way.reply())[:3] == "250"

    good = house.config.read_text()
    for bad in (good + "\n[nonsense]\n", "not TOML", good.replace(DOMAIN, "q")):
        house.config.write_text(bad)
        refusals = len(house.events("reload.refused"))
        house.signal(signal.SIGHUP)
        await house.logged("reload.refused", refusals + 1)
    async with await house.session() as dialog:
        assert await offered_size(dialog) == 100_000
    assert "toiawase.toml:1: " in house.events("reload.refused")[1]["error"]
    await house.gets(SUZUKI, "secret subject")

    # Whom it believes, too: nobody any more, so that the seller's word is asked back.
    done = len(house.events("reload.done"))
    house.configure("trust", relays=[])
    house.signal(signal.SIGHUP)
    await house.logged("reload.done", done + 1)
    await house.writes(HANAKO, SHOP, "質問です。", Subject="another")
    told = await house.gets(SUZUKI, "another")
    await house.writes(SUZUKI, told.from_address, "回答です。")
    await house.gets(SUZUKI, "【確認してください】")
    enough.set()
    await connecting  # raises for the first that was not greeted
    await under_way.__aexit__()
    assert await house.stop() == 0


async def test_an_end_in_the_middle_of_a_reload_is_an_end(house: Daemon) -> None:
    await house.writes(HANAKO, SHOP, "質問です。", Subject="question")
    for number in (signal.SIGHUP, signal.SIGHUP, signal.SIGTERM, signal.SIGHUP):
        house.signal(number)
    assert await house.ended() == 0
    await house.start()
    await house.gets(SUZUKI, "question")
    await house.command("ledger", "check", "--strict")


async def test_an_end_asked_for_while_it_loads_is_no_failure(stopped: Daemon) -> None:
    """From when it has set up what it does on SIGTERM: before anything of the gateway is loaded."""
    stopped.process = stopped.launch()
    await stopped.until(lambda: _hears(stopped.process, signal.SIGTERM), "its handler")
    stopped.signal(signal.SIGTERM)
    assert await stopped.ended() == 0
    assert stopped.events("started") == []


async def test_an_end_of_the_whole_process_group_while_it_starts_kills_no_part(stopped: Daemon) -> None:
    """What a terminal, or a supervisor without control groups, sends: also to those who start and are the workers."""
    stopped.process = process = stopped.launch()
    await stopped.until(lambda: psutil.Process(process.pid).children(), "the server that workers are forked from")
    os.killpg(process.pid, signal.SIGTERM)
    assert await stopped.ended() == 0
    assert [stopped.events(name) for name in ("part.died", "worker.died")] == [[], []]


def _hears(process: "subprocess.Popen[bytes] | None", number: signal.Signals) -> bool:
    assert process is not None
    caught = re.search(r"^SigCgt:\s*([0-9a-f]+)", Path(f"/proc/{process.pid}/status").read_text(), re.MULTILINE)
    return bool(caught and int(caught[1], 16) >> (number - 1) & 1)


async def test_without_its_keys_it_never_says_550_to_an_address_it_signed(house: Daemon) -> None:
    await house.writes(HANAKO, SHOP, "質問です。")
    told = await house.gets(SUZUKI)
    signed, keys = told.from_address, house.folder / "keys.toml"
    assert await house.code(signed) == 250
    keys.rename(house.folder / "away.toml")
    await house.accepts(signed, 451)
    assert await house.code(SHOP) == 250
    # Not even where a worker has to start anew, or a reload is asked for, or somebody puts other keys there.
    (await house.worker()).kill()
    await house.writes(HANAKO, SHOP, "質問です。", Subject="without keys")
    await house.gets(SUZUKI, "without keys")
    create(keys, told.mail["Date"].datetime)
    house.signal(signal.SIGHUP)
    await house.logged("reload.refused")
    assert await house.code(signed) == 451
    await house.logged("keys.unusable", 2)
    assert await house.code(signed) == 451
    (house.folder / "away.toml").replace(keys)
    await house.accepts(signed, 250)
    await house.writes(SUZUKI, signed, "回答です。")
    await house.gets(HANAKO)
    assert await house.stop() == 0


async def test_a_change_by_command_takes_effect_while_it_runs(house: Daemon) -> None:
    new = f"newshop@{DOMAIN}"
    assert await house.code(new) == 550
    await house.command("store", "add", "newshop", "--title", "新しい店", "--seller", TANAKA)
    await house.accepts(new, 250)
    await house.writes(HANAKO, new, "質問です。", Subject="first")
    await house.gets(TANAKA, "first")
    await house.command("seller", "add", "newshop", "sato@shop.example")
    await house.gets("sato@shop.example", "ようこそ")
    await house.writes(HANAKO, new, "質問です。", Subject="second")
    await house.gets("sato@shop.example", "second")
    house.smarthost.answer = "451 4.3.0 later"
    house.configure("delivery", retry=["1h"])
    house.signal(signal.SIGHUP)
    await house.logged("reload.done")
    await house.writes(HANAKO, SHOP, "質問です。", Subject="third")
    await house.until(lambda: house.smarthost.refused, "the refusal")
    await house.until(lambda: "deferred" in [event["outcome"] for event in house.events("attempt")], "its record")
    house.smarthost.answer = "250 2.0.0 Ok"
    await house.command("outbox", "retry", "--all")
    await house.gets(SUZUKI, "third")
    await house.command("store", "remove", "newshop")
    await house.accepts(new, 550)
    await house.command("ledger", "check")


async def test_mail_comes_in_over_tls(stopped: Daemon) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert(DOMAIN)
    files = {"certificate": stopped.folder / "cert.pem", "key": stopped.folder / "key.pem"}
    certificate.cert_chain_pems[0].write_to_path(files["certificate"])
    certificate.private_key_pem.write_to_path(files["key"])
    stopped.configure("tls", **{name: str(file) for name, file in files.items()})
    await stopped.start()
    context = ssl.create_default_context()
    authority.configure_trust(context)
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=stopped.port, use_tls=False, start_tls=False)
    async with client:
        await client.ehlo()
        assert client.supports_extension("starttls")
        await client.starttls(server_hostname=DOMAIN, tls_context=context)
        _, answer = await client.sendmail(HANAKO, [SHOP], MAIL.encode())
    await stopped.gets(SUZUKI, "secret subject")
    assert (await stopped.json("mail", "show", answer.split()[-1]))["client"]["tls"]


async def _refuses_to_start(house: Daemon, code: int, *words: str) -> None:
    """It ends by itself with this exit code and one line with these words."""
    before = house.log.stat().st_size if house.log.exists() else 0
    process = house.launch()
    try:
        assert await asyncio.to_thread(process.wait, 60) == code
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    (line,) = house.log.read_text()[before:].splitlines()
    assert line.startswith("toiawase: ")
    assert [word for word in words if word not in line] == [], line


async def test_a_start_with_foreign_keys_is_refused(house: Daemon) -> None:
    await house.writes(HANAKO, SHOP, "質問です。")
    told = await house.gets(SUZUKI)
    assert await house.stop() == 0
    keys = house.folder / "keys.toml"
    keys.rename(house.folder / "away.toml")
    await _refuses_to_start(house, 2, "keys.toml", "missing")
    create(keys, told.mail["Date"].datetime)
    await _refuses_to_start(house, 2, "key", "restore")


async def test_a_second_gateway_on_the_same_address_does_not_disturb_the_first(stopped: Daemon) -> None:
    stopped.configure("listen", smtp=f"127.0.0.1:{free_port()}")
    await stopped.start()
    await _refuses_to_start(stopped, 75, stopped.settings["listen"]["smtp"], "in use")
    await stopped.writes(HANAKO, SHOP, "質問です。")
    await stopped.gets(SUZUKI)
    assert await stopped.stop() == 0


async def test_a_start_that_cannot_be_says_what_is_missing(stopped: Daemon) -> None:
    stopped.configure("listen", smtp="systemd")
    await _refuses_to_start(stopped, 2, "listen.smtp", "toiawase.socket")
    stopped.configure("listen", smtp="127.0.0.1:0")
    stopped.configure("tls", certificate="nothing.pem", key="nothing.pem")
    await _refuses_to_start(stopped, 2, "nothing.pem")
    stopped.configure(state="nowhere")
    await _refuses_to_start(stopped, 2, "state", "nowhere")
    stopped.configure(database="sqlite:///nowhere/toiawase.db")
    await _refuses_to_start(stopped, 2, "database", "nowhere/toiawase.db")
