"""What waits, what is asked and what is taken back, over real sockets, on both databases."""

import asyncio
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import select
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.store import outbox
from gateway.store.states import OutboxState
from gateway.store.tables import Draft, Inquiry, Outbox
from tests.integration.house import DOMAIN, HANAKO, SUZUKI, Arrived, House

SHOP = f"pair@{DOMAIN}"
SATO = "sato@shop.example"
DAY = timedelta(days=1)


async def asks(house: House, text: str = "いつ発送されますか。昨日注文した山田です。", **store: object) -> Arrived:
    """Hanako writes to a shop with two sellers; what Suzuki gets."""
    await house.add_store("pair", SUZUKI, SATO, **store)
    await house.writes(HANAKO, SHOP, text)
    await house.gets(SATO)
    return await house.gets(SUZUKI)


async def command(house: House, *words: str) -> None:
    line = ["--config", str(house.folder / "toiawase.toml"), *words]
    result = await asyncio.to_thread(CliRunner().invoke, app, line)
    assert result.exit_code == 0, result.output


async def changes(house: House, table: type, **values: object) -> None:
    async with house.database.write() as session:
        await session.exec(update(table).values(**values))


async def answer_row(house: House) -> Outbox:
    async with house.database.read() as session:
        return next(row for row in await outbox.listing(session) if row.kind == "answer")


def to_hanako(house: House) -> list[Arrived]:
    return [mail for mail in house.arrived if mail.rcpt_to == HANAKO]


async def test_a_reply_waits_and_its_button_takes_it_back_though_the_gateway_was_restarted(house: House) -> None:
    told = await asks(house, hold_seconds=3600)
    await house.writes(SUZUKI, told.from_address, "明日発送します。")
    note = await house.gets(SUZUKI, "【まもなく送信します】")
    assert "明日発送します。" in note.text
    assert note.mail["Auto-Submitted"] == "auto-replied"
    assert note.mail["In-Reply-To"] == told.mail["Message-ID"]
    assert (await house.inquiry())["status"] == "done"
    before = (await answer_row(house)).next_at
    await house.running.stop()
    await house.start()
    assert (await answer_row(house)).next_at == before
    await house.writes(SUZUKI, note.button, "")
    back = await house.gets(SUZUKI, "【取り消しました】")
    assert "明日発送します。" in back.text
    view = await house.inquiry()
    assert (view["status"], view["messages"]) == ("unanswered", 1)
    assert view["thread"][1]["delivery"]["state"] == "cancelled"
    assert [entry["event"] for entry in view["history"][-2:]] == ["cancelled", "unanswered"]
    # It may be written anew, and #取消 in a reply does the same.
    await house.writes(SUZUKI, told.from_address, "あさって発送します。")
    await house.gets(SUZUKI, "【まもなく送信します】")
    await house.writes(SUZUKI, told.from_address, "＃取消")
    await house.gets(SUZUKI, "【取り消しました】")
    assert not to_hanako(house)
    assert not [mail for mail in house.arrived if "送信しました" in str(mail.mail["Subject"])]
    await command(house, "ledger", "check")


async def test_a_reply_leaves_after_the_window_then_the_receipt_comes_and_it_is_too_late(house: House) -> None:
    told = await asks(house, hold_seconds=1)
    await house.writes(SUZUKI, told.from_address, "#処理中\n確認します。")
    note = await house.gets(SUZUKI, "【まもなく送信します】")
    assert (await house.gets(HANAKO)).text.startswith("確認します。")
    await house.gets(SUZUKI, "送信しました")
    copy = await house.gets(SATO)
    assert "担当さんがお客様に送った回答です（Q-1、処理中）" in copy.text
    kinds = [str(mail.mail["Subject"])[:6] for mail in house.arrived if mail.rcpt_to in (SUZUKI, HANAKO)]
    assert kinds == ["テスト2 [", "【まもなく送", "Re: テス", "送信しました"]
    await house.writes(SUZUKI, note.from_address, "#取消")
    late = await house.gets(SUZUKI, "【取り消せませんでした】")
    assert "に送信済みのため、取り消せません" in late.text
    assert (await house.inquiry())["status"] == "in_progress"


async def test_without_a_window_a_reply_is_taken_back_while_the_smarthost_is_away(house: House) -> None:
    told = await asks(house)
    house.smarthost.answer = "451 4.3.2 later"
    await house.settled(await house.writes(SUZUKI, told.from_address, "明日発送します。"))
    await house.settled(await house.writes(SUZUKI, told.from_address, "#取消"))
    house.smarthost.answer = "250 2.0.0 Ok"
    outcome = await house.gets(SUZUKI, "【取り消")
    if str(outcome.mail["Subject"]).startswith("【取り消しました】"):
        assert not to_hanako(house)
    else:  # it was in the smarthost's hands at that very moment, and nobody claims that it was stopped
        assert "ちょうど送信している" in outcome.text


async def test_two_sellers_answer_and_the_second_is_asked_first(house: House) -> None:
    told = await asks(house)
    await house.settled(await house.writes(SATO, told.from_address, "明日発送します。"))
    await house.settled(
        await house.writes(SUZUKI, told.from_address, "あさって発送します。", In_Reply_To=str(told.mail["Message-ID"]))
    )
    asked = await house.gets(SUZUKI, "【確認してください】")
    assert "ほかの担当者がこのお客様に回答しています" in asked.text
    assert "明日発送します。" in asked.text
    assert SATO.encode() not in asked.raw
    assert (await house.gets(HANAKO)).text.startswith("明日発送します。")
    await house.writes(SUZUKI, asked.button, "")
    assert (await house.gets(HANAKO)).text.startswith("あさって発送します。")
    await house.gets(SUZUKI, "送信しました")


async def test_a_telephones_reply_to_an_older_notification_is_asked_about_the_newer_mail(house: House) -> None:
    told = await asks(house)
    await house.writes(SUZUKI, told.from_address, "#処理中\n確認します。")
    answer = await house.gets(HANAKO)
    await house.writes(HANAKO, answer.from_address, "すみません、届け先を変更できますか。")
    newer = await house.gets(SUZUKI, "テスト2 [Q-1]")
    quoted = "\n".join(f"> {line}" for line in told.text.splitlines())
    await house.writes(SUZUKI, told.from_address, f"明日発送します。\n\n{quoted}", Subject="Re: テスト2 [Q-1]")
    asked = await house.gets(SUZUKI, "【確認してください】")
    assert "届け先を変更できますか。" in asked.text
    assert (await house.inquiry())["status"] == "unanswered"
    # What answers the newer mail is no question, and #送信 sends what was held.
    await house.writes(SUZUKI, newer.from_address, "変更いたしました。", In_Reply_To=str(newer.mail["Message-ID"]))
    assert (await house.gets(HANAKO)).text.startswith("変更いたしました。")
    await house.writes(SUZUKI, newer.from_address, "#送信")
    assert (await house.gets(HANAKO)).text.startswith("明日発送します。")


async def test_a_held_draft_is_announced_before_it_goes_and_then_its_address_says_so(house: House) -> None:
    told = await asks(house)
    await house.writes(SUZUKI, told.from_address, "明日発送します。", authenticated=False)
    asked = await house.gets(SUZUKI, "【確認してください】")
    async with house.database.write() as session:
        draft = (await session.exec(select(Draft))).one()
        draft.created_at, draft.expires_at = draft.created_at - 13 * DAY, draft.expires_at - 13 * DAY
    going = await house.gets(SUZUKI, "【まもなく期限です】")
    assert "明日発送します。" in going.text
    assert going.button == asked.button
    async with house.database.write() as session:
        await session.exec(update(Draft).values(expires_at=draft.created_at))
    await _until_expired(house)
    await house.writes(SUZUKI, going.button, "")
    over = await house.gets(SUZUKI, "【送信していません】")
    assert "お預かりする期間が過ぎたため" in over.text
    assert not to_hanako(house)


async def _until_expired(house: House) -> None:
    async with asyncio.timeout(30):
        while (await house.inquiry())["history"][-1]["event"] != "draft_expired":
            await asyncio.sleep(0.1)


async def test_a_refused_answer_comes_back_and_its_receipt_follows_when_the_operator_sends_it_again(
    house: House,
) -> None:
    told = await asks(house)
    house.smarthost.refuses.add(HANAKO)
    await house.writes(SUZUKI, told.from_address, "明日発送します。")
    failed = await house.gets(SUZUKI, "【お届けできませんでした】")
    assert "明日発送します。" in failed.text
    assert (await house.inquiry())["status"] == "unanswered"
    house.smarthost.refuses.clear()
    row = await answer_row(house)
    assert row.state is OutboxState.FAILED
    await command(house, "outbox", "retry", row.id)
    assert (await house.gets(HANAKO)).text.startswith("明日発送します。")
    assert "明日発送します。" in (await house.gets(SUZUKI, "送信しました")).text
    assert (await house.inquiry())["status"] == "done"


async def test_the_operator_cancels_a_reply_and_its_writer_has_the_text_and_the_state_back(house: House) -> None:
    told = await asks(house, hold_seconds=3600)
    await changes(house, Inquiry, status="in_progress")
    await house.writes(SUZUKI, told.from_address, "明日発送します。")
    await house.gets(SUZUKI, "【まもなく送信します】")
    await command(house, "outbox", "cancel", (await answer_row(house)).id)
    back = await house.gets(SUZUKI, "【取り消しました】")
    assert "システムの管理者が返信を取り消しました" in back.text
    assert "明日発送します。" in back.text
    assert (await house.inquiry())["status"] == "in_progress"
    assert not to_hanako(house)
