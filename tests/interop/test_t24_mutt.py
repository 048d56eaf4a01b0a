"""The seller's work with real programs: mutt reads the shop's mailbox in Dovecot, and replies through Postfix."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.integration.house import HANAKO, SUZUKI, House
from tests.interop import mutt, servers, shop
from tests.interop.postfix import Postfix
from tests.interop.shop import SHOP, Maildir


@pytest.mark.parametrize("program", ["mutt", "neomutt"])
async def test_t24_the_seller_presses_reply_in_mutt_and_the_customer_has_the_answer(
    real_postfix: Postfix, imap: int, house: House, suzuki: Maildir, tmp_path: Path, program: str
) -> None:
    path = servers.find(program)
    await shop.hand_in(real_postfix.smtp, HANAKO, SHOP, "いつ発送されますか。")
    await suzuki.gets("テスト2 [Q-1]")
    await asyncio.to_thread(
        mutt.replies,
        path,
        tmp_path,
        "明日発送します。",
        imap=imap,
        submission=real_postfix.submission,
        password=shop.PASSWORDS["suzuki"],
        authority=Path(os.environ["SSL_CERT_FILE"]),
    )
    answer = await house.gets(HANAKO)
    assert answer.mail["Subject"] == "Re: テスト2"
    assert answer.text.startswith("明日発送します。\n")
    assert SUZUKI.encode() not in answer.raw
    receipt = await suzuki.gets("送信しました")
    assert "明日発送します。" in receipt.text
    assert (await house.inquiry())["status"] == "done"
