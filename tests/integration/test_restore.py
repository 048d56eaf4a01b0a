"""The machine burns: yesterday's backup, a new machine, and the mail goes on where it can."""

import shutil
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.integration.daemon import Daemon, daemon
from tests.integration.house import DOMAIN, HANAKO, SUZUKI

SHOP = f"testshop@{DOMAIN}"


async def test_a_conversation_goes_on_after_a_restore_and_nothing_leaves_twice(tmp_path: Path, sqlite_url: str) -> None:
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
    file = tmp_path / "backup"
    async with daemon(tmp_path / "before", sqlite_url) as house:
        await house.start()
        await house.writes(HANAKO, SHOP, "送料はいくらですか。", Subject="送料")
        told = await house.gets(SUZUKI, "送料")
        await house.writes(SUZUKI, told.from_address, "500円です。")
        answer = await house.gets(HANAKO)
        await house.gets(SUZUKI)  # the receipt
        house.smarthost.answer = "451 4.3.2 later"
        await house.writes(HANAKO, SHOP, "在庫はありますか。", Subject="在庫")
        await house.until(lambda: house.smarthost.refused, "an attempt")
        await house.command("db", "backup", str(file))
        house.smarthost.answer = "250 2.0.0 Ok"
        await house.gets(SUZUKI, "在庫")  # after the backup it left all the same
        await house.writes(HANAKO, SHOP, "もう一つ質問です。", Subject="後の質問")
        await house.gets(SUZUKI, "後の質問")

    async with _new_machine(tmp_path / "after") as house:
        shutil.copy(tmp_path / "before" / "keys.toml", house.folder)
        said = await house.command("db", "restore", str(file))
        assert "1 outgoing mails are held" in said
        await house.start()
        await house.writes(HANAKO, answer.from_address, "ではお願いします。", Subject="Re: 送料")
        await house.gets(SUZUKI, "送料")
        await house.writes(HANAKO, SHOP, "新しい質問です。", Subject="新しい質問")
        await house.gets(SUZUKI, "新しい質問")
        numbers = [row["number"] for row in await house.json("inquiry", "list")]
        assert numbers == [10_003, 2, 1]  # Q-3 was given after the backup
        assert (await house.json("inquiry", "show", "Q-1"))["thread"][-1]["matched_by"] == "address"
        [held] = await house.json("outbox", "list", "--state", "held", "--inquiry", "Q-2")
        assert [mail for mail in house.arrived if str(mail.mail["Subject"]).startswith("在庫")] == []
        await house.command("outbox", "retry", held["id"])
        again = await house.gets(SUZUKI, "在庫")
        assert again.mail["Message-ID"] == held["message_id"]
        assert (await house.json("ledger", "check"))["problems"] == []


def _new_machine(folder: Path) -> AbstractAsyncContextManager[Daemon]:
    return daemon(folder, f"sqlite:///{folder / 'toiawase.db'}", store=False)
