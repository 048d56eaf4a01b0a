"""Secrets and people's data on every path of a running gateway: none comes out where strangers may look (T22)."""

import asyncio
import base64
import re
import signal
import stat
import tomllib
from contextlib import suppress
from pathlib import Path

import aiosmtplib
import pytest

from tests.integration.daemon import Daemon, Dialog, daemon, free_port
from tests.integration.house import DOMAIN, SUZUKI
from tests.integration.web import get

SHOP = f"testshop@{DOMAIN}"
PERSON = "canary-person@customer.example"
CANARIES = {
    "customer's address": PERSON,
    "customer's name": "金糸雀花子",
    "subject": "canarysubject",
    "question": "canaryquestion",
    "answer": "canaryanswer",
    "telephone": "090-0182-7734",
    "address of a house": "金糸雀町九丁目",
    "file's name": "canaryfile",
    "file's content": "canarycontent",
    "Message-ID": "canarymessageid",
    "order number": "20261199871",
    "field of the header": "canaryfield",
    "client's name": "canaryhelo.example",
    "argument of VRFY": "canaryvrfy",
    "login": "canarylogin",
    "seller's address": SUZUKI,
    "seller's note": "canarynote",
    "far server's words": "canaryfarserver",
    "smarthost's password": "canarypassword",
    "secret in a wrong configuration": "canaryconfig",
    "template": "canarytemplate",
}
QUESTION = f"""\
From: {CANARIES["customer's name"]} <{PERSON}>\r
To: {SHOP}\r
Subject: canarysubject\r
Message-ID: <canarymessageid@customer.example>\r
X-Note: canaryfield\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: text/plain; charset=utf-8\r
\r
canaryquestion 090-0182-7734 金糸雀町九丁目 注文番号 20261199871\r
--b\r
Content-Type: text/plain\r
Content-Disposition: attachment; filename="canaryfile.txt"\r
\r
canarycontent\r
--b--\r
""".encode()
HOSTILE = (  # each trips a parser somewhere
    b"From: canary-person@[\r\nSubject: =?canarysubject?q?x?=\r\n\r\ncanaryquestion\r\n",
    b"From: " + b"(" * 500 + b"canary-person@customer.example\r\nMessage-ID: <[canarymessageid]>\r\n\r\ncanaryquestion",
    b'Content-Type: text/plain; charset="canaryfield"\r\nSubject: canarysubject\r\n\r\ncanaryquestion\xff\r\n',
)


@pytest.mark.timeout(300)
async def test_t22_no_canary_in_the_log_the_numbers_the_replies_or_an_open_file(
    tmp_path: Path, sqlite_url: str
) -> None:
    http = free_port()
    async with daemon(tmp_path, sqlite_url) as house:
        house.configure("listen", http=f"127.0.0.1:{http}")
        await house.start()
        replies = [*await _a_day(house), *await _hostile_sessions(house)]
        await _faults(house)
        pages = [await get(http, f"/{path}") for path in ("metrics", "healthz", "readyz", "canaryquestion?canarylogin")]
        assert await house.stop() == 0
        secrets = {f"key {n}": key["secret"] for n, key in enumerate(_keys(tmp_path))}
        signed = {f"signed address {n}": part for n, part in enumerate(_signatures(house))}
        assert len(signed) > 3
        seen = {
            "log": house.log.read_text("utf-8"),
            "numbers": "\n".join(page.text for page in pages),
            "replies": "\n".join(replies),
        }
        assert all(len(text) > 200 for text in seen.values())
        found = {
            (place, what)
            for place, text in seen.items()
            for what, canary in (CANARIES | secrets | signed).items()
            if canary.casefold() in text.casefold()
        }
        assert found == set()
        assert {path.name for path in _kept(tmp_path) if path.stat().st_mode & 0o077} == set()


async def _a_day(house: Daemon) -> list[str]:
    """A question, an answer, a held answer, a note, a template, a search: and the replies to all."""
    replies = [await house.hands_in(QUESTION, PERSON, SHOP)]
    told = await house.gets(SUZUKI)
    side = told.from_address
    words = ("canaryanswer", "#メモ\ncanarynote", "#定型 登録 canarytemplate", "#ヘルプ", "#canarynote")
    replies += [await house.writes(SUZUKI, side, text, Subject="canarysubject") for text in words]
    replies.append(await house.writes(SUZUKI, side, "canaryanswer", authenticated=False))
    replies.append(await house.writes(SUZUKI, f"desk@{DOMAIN}", "定型 登録 canarytemplate\ncanarytemplate"))
    replies.append(await house.writes(SUZUKI, f"desk@{DOMAIN}", "検索 canaryquestion"))
    answer = await house.gets(PERSON)
    replies.append(await house.writes(PERSON, answer.from_address, "ありがとうございました。canaryquestion"))
    replies += [await house.hands_in(raw, PERSON, SHOP) for raw in HOSTILE]
    house.smarthost.answer = f"550 5.1.1 <{PERSON}> canaryfarserver unknown"
    replies.append(await house.writes(SUZUKI, side, "canaryanswer again"))
    await house.until(lambda: house.smarthost.refused >= 1, "the refusal")
    house.smarthost.answer = f"451 4.3.0 {PERSON} canaryfarserver later"
    replies.append(await house.writes(PERSON, SHOP, "canaryquestion 2"))
    await house.until(lambda: house.smarthost.refused >= 3, "the delay")
    with suppress(aiosmtplib.SMTPRecipientsRefused):
        await house.writes(PERSON, f"q1-s-{'a' * 20}@{DOMAIN}", "canaryquestion")
    return replies


async def _hostile_sessions(house: Daemon) -> list[str]:
    login = base64.b64encode(b"\0canarylogin\0canarylogin").decode()
    lines = (
        "EHLO canaryhelo.example",
        f"AUTH PLAIN {login}",
        "VRFY canaryvrfy",
        "EXPN canaryvrfy",
        "canarylogin canarylogin",
        f"MAIL FROM:<{PERSON}> AUTH=canarylogin",
        f"MAIL FROM:<{PERSON}\rcanarylogin>",
        f"MAIL FROM:<{PERSON}> SIZE=canarylogin",
        f"MAIL FROM:<{PERSON}>",
        "RCPT TO:<canaryvrfy@elsewhere.example>",
        f"RCPT TO:<{PERSON}>",
        f"RCPT TO:<testshop+o20261199871@{DOMAIN}>",
        "DATA",
    )
    said = []
    dialog: Dialog = await house.session()
    for line in lines:
        said.append(await dialog.ask(line))
        if not said[-1] or said[-1].startswith("421"):
            await dialog.__aexit__()
            dialog = await house.session()
            said.append(await dialog.ask("EHLO canaryhelo.example"))
    dialog.send("Subject: canarysubject\r\n\r\ncanaryquestion\nbare\r\n.\r\n")
    said.append(await dialog.reply())
    await dialog.__aexit__()
    return said


async def _faults(house: Daemon) -> None:
    """A password for a server that speaks no TLS, a wrong configuration, a killed worker, a database that is locked."""
    password = house.folder / "password"
    password.write_text("canarypassword")
    password.chmod(0o600)
    url = f"smtp+starttls://canarylogin@127.0.0.1:{house.smarthost_port}"
    house.configure("smarthost", url=url, password_file=str(password))
    await _reloaded(house, "reload.done")
    await house.writes(PERSON, SHOP, "canaryquestion 3")
    good = house.config.read_text("utf-8")
    for wrong in ('password = "canaryconfig"\n', '[smarthost]\nurl = "smtp://u:canaryconfig@127.0.0.1:25"\n'):
        house.config.write_text(good.replace(f'[smarthost]\nurl = "{url}"', "[smarthost]") + wrong, "utf-8")
        await _reloaded(house, "reload.refused")
    house.config.write_text(good, "utf-8")
    (await house.worker()).kill()
    await house.logged("worker.died")
    await house.writes(PERSON, SHOP, "canaryquestion 4")
    await asyncio.sleep(1)


async def _reloaded(house: Daemon, event: str) -> None:
    before = len(house.events(event))
    house.signal(signal.SIGHUP)
    await house.logged(event, before + 1)


def _keys(folder: Path) -> list[dict[str, str]]:
    keys: list[dict[str, str]] = tomllib.loads((folder / "keys.toml").read_text())["key"]
    return keys


def _signatures(house: Daemon) -> set[str]:
    """Of every address that we signed and sent."""
    mails = "\n".join(mail.raw.decode("utf-8", "replace") + mail.mail_from for mail in house.arrived)
    return set(re.findall(r"(?:q\d+-[a-z0-9]+-|b[0-9a-z]{18}-)([a-z2-7]{16,})@", mails))


def _kept(folder: Path) -> list[Path]:
    """What the gateway made: not the configuration and the log, which are the operator's."""
    made = [path for path in folder.rglob("*") if path.is_file() and not stat.S_ISSOCK(path.stat().st_mode)]
    return [path for path in made if path.name not in ("toiawase.toml", "serve.log")]
