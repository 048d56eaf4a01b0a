"""Postfix in front of the gateway and as its smarthost, configured as docs/postfix.md tells operators to."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import aiosmtplib
import pytest

from gateway.store import outbox
from tests.integration.house import DOMAIN, HANAKO, PATIENCE, SUZUKI, House
from tests.interop import milter, shop
from tests.interop.postfix import Postfix
from tests.interop.shop import SHOP, Maildir

FORGED = "mx.example.jp; dmarc=pass header.from=shop.example"


async def test_t24_question_answer_and_thanks_pass_through_postfix(
    real_postfix: Postfix, house: House, suzuki: Maildir
) -> None:
    await shop.hand_in(real_postfix.smtp, HANAKO, SHOP, "いつ発送されますか。")
    told = await suzuki.gets("テスト2 [Q-1]")
    assert "いつ発送されますか。" in told.text
    await shop.submit(real_postfix.submission, "suzuki", SUZUKI, told.from_address, "明日発送します。")
    answer = await house.gets(HANAKO)
    assert answer.text.startswith("明日発送します。")
    await suzuki.gets("送信しました")  # at once: what Postfix says of its own user is believed
    assert (await house.inquiry())["status"] == "done"
    await shop.hand_in(real_postfix.smtp, HANAKO, answer.from_address, "色違いもありますか。")
    assert "色違いもありますか。" in (await suzuki.gets("テスト2 [Q-1]")).text
    assert await house.inquiries() == 1


@pytest.mark.parametrize("results", [{}, {"Authentication_Results": FORGED}], ids=["plain", "with forged results"])
async def test_t24_a_stranger_as_the_seller_is_held_whatever_his_mail_says_of_itself(
    real_postfix: Postfix, house: House, suzuki: Maildir, results: dict[str, str]
) -> None:
    await shop.hand_in(real_postfix.smtp, HANAKO, SHOP, "質問です。")
    told = await suzuki.gets("テスト2 [Q-1]")
    await shop.hand_in(real_postfix.smtp, SUZUKI, told.from_address, "返金は別の口座へ。", **results)
    await suzuki.gets("【確認してください】")
    assert [mail.rcpt_to for mail in house.arrived] == []


async def test_t24_a_milters_word_is_believed_and_nobody_elses_beside_it(
    real_postfix: Postfix, house: House, suzuki: Maildir
) -> None:
    await shop.hand_in(real_postfix.smtp, HANAKO, SHOP, "質問です。")
    told = await suzuki.gets("テスト2 [Q-1]")
    async with milter.listening(real_postfix.milter):
        forged = {"Authentication_Results": FORGED}
        await shop.hand_in(real_postfix.verifying, SUZUKI, told.from_address, "返金は別の口座へ。", **forged)
        await suzuki.gets("【確認してください】")
    async with milter.listening(real_postfix.milter, FORGED):
        await shop.hand_in(real_postfix.verifying, SUZUKI, told.from_address, "明日発送します。")
        assert (await house.gets(HANAKO)).text.startswith("明日発送します。")


@pytest.mark.usefixtures("imap")
async def test_t24_a_seller_cannot_submit_as_somebody_else(real_postfix: Postfix) -> None:
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await shop.submit(real_postfix.submission, "suzuki", "tanaka@shop.example", SHOP, "私です。")


async def test_t24_postfix_refuses_what_the_gateway_refuses_and_sends_no_bounce(
    real_postfix: Postfix, house: House
) -> None:
    for unknown in (f"nosuchshop@{DOMAIN}", f"q-s-aaaaaaaaaaaaaaaa@{DOMAIN}"):
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
            await shop.hand_in(real_postfix.smtp, HANAKO, unknown, "質問です。")
        assert [answer.code for answer in refused.value.recipients] == [550]
    assert house.arrived == []


async def test_t24_a_far_bounce_comes_back_through_postfix_and_the_seller_learns_it_once(
    real_postfix: Postfix, house: House, suzuki: Maildir
) -> None:
    await shop.hand_in(real_postfix.smtp, HANAKO, SHOP, "質問です。")
    told = await suzuki.gets("テスト2 [Q-1]")
    house.smarthost.refuses.add(HANAKO)
    await shop.submit(real_postfix.submission, "suzuki", SUZUKI, told.from_address, "回答です。")
    bounced = await suzuki.gets("【お届けできませんでした】")
    assert "回答です。" in bounced.text
    assert (await house.inquiry())["status"] == "unanswered"
    assert sum(subject.startswith("【お届け") for subject in suzuki.subjects()) == 1


async def test_t24_a_wrong_password_holds_everything_and_the_right_one_lets_it_go(
    real_postfix: Postfix, tmp_path: Path, sqlite_url: str, suzuki: Maildir
) -> None:
    at_465 = f"smtps://toiawase@localhost:{real_postfix.submissions}"
    async with shop.town(real_postfix, tmp_path, sqlite_url, smarthost=at_465, password="wrong") as house:
        await shop.hand_in(real_postfix.smtp, HANAKO, SHOP, "質問です。")
        async with asyncio.timeout(PATIENCE):
            while "authentication failed" not in real_postfix.log:
                await asyncio.sleep(0.05)
        await house.running.stop()
        (tmp_path / "password").write_text(shop.PASSWORDS["toiawase"])
        await house.start()
        async with house.database.write() as session:
            assert await outbox.retry_all(session, datetime.now(UTC)) == 1
        await suzuki.gets("テスト2 [Q-1]")


async def test_t24_mail_for_a_gateway_that_is_down_waits_in_postfix(
    real_postfix: Postfix, house: House, suzuki: Maildir
) -> None:
    await shop.hand_in(real_postfix.smtp, HANAKO, SHOP, "一つ目です。", Subject="一つ目")
    await suzuki.gets("一つ目")
    await house.running.stop()
    await shop.hand_in(real_postfix.smtp, HANAKO, SHOP, "二つ目です。", Subject="二つ目")
    await house.start()
    await suzuki.gets("二つ目")


async def test_t24_an_address_in_japanese_is_asked_and_answered_through_postfix(
    real_postfix: Postfix, house: House, suzuki: Maildir
) -> None:
    await shop.hand_in(real_postfix.smtp, "花子@顧客.example", SHOP, "質問です。")
    told = await suzuki.gets("テスト2 [Q-1]")
    await shop.submit(real_postfix.submission, "suzuki", SUZUKI, told.from_address, "回答です。")
    answer = await house.gets("花子@xn--ubt172l.example")  # the same domain (RFC 5890 2.3.2.1)
    assert answer.text.startswith("回答です。")
