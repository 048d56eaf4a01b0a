"""Replies with a command that real mail clients sent: each does what it says, on both databases."""

import json
import re
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from gateway.mail.html import to_text
from gateway.mail.parse import parse
from gateway.store.states import InquiryStatus
from gateway.store.tables import Outbox
from tests import corpora
from tests.worker.hands import SELLER, Desk, shop

STATES = {"#処理中": InquiryStatus.IN_PROGRESS, "#保留": InquiryStatus.IN_PROGRESS, "#完了": InquiryStatus.DONE}
CASES = 23  # with a command; fewer would mean that they are not found
AUTHOR = re.compile(rb"(?im)^From:.*(?:\r\n[ \t].*)*\r\n")


def cases() -> list[tuple[Path, dict[str, Any]]]:
    found = []
    for path in sorted((corpora.require() / "client-replies").rglob("*.json")):
        case = json.loads(path.read_bytes())
        if case["expected_directives"]:
            found.append((path.with_suffix(".eml"), case))
    return found


def bare(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


async def test_every_clients_reply_with_a_command_does_what_it_says(desk: Desk) -> None:
    known = cases()
    assert len(known) >= CASES
    told_by = corpora.require() / "client-replies" / "notifications"
    for number, (path, case) in enumerate(known, 1):
        customer = f"c{number}@customer.example"
        await desk.gets("届いた商品について教えてください。", sender=customer, to=shop(), Subject="質問")
        told = (await desk.sent("notification", SELLER))[-1]
        notification = parse((told_by / f"{case['reply_to_mail']}.eml").read_bytes())
        async with desk.database.write() as session:  # what the client had before it
            told_so = update(Outbox).where(col(Outbox.id) == told.id)
            await session.exec(told_so.values(text=notification.text, html=None))
        raw = AUTHOR.sub(f"From: {SELLER}\r\n".encode(), path.read_bytes(), count=1)
        stamped = b"Authentication-Results: mx.example.jp; dmarc=pass header.from=shop.example\r\n" + raw
        await desk.gets_raw(stamped, sender=SELLER, to=told.from_address)
        (answer,) = await desk.sent("answer", customer)
        (command,) = case["expected_directives"]
        assert (await desk.inquiry(number)).status is STATES[command], path.name
        wanted = [case["expected_reply_text"], *(case.get("also_accepted") or [])]
        said = answer.text.partition("にいただいたお問い合わせ：")[0].rpartition("\n")[0]
        assert bare(said) in [bare(text) for text in wanted], path.name
        (receipt,) = [letter for letter in await desk.sent("receipt", SELLER) if letter.inquiry_number == number]
        assert f"{command} … 状態を" in receipt.text, path.name
        for text in (answer.text, to_text(answer.html or "")):
            assert command not in text, path.name
            assert "返信を書いてください" not in text, path.name
