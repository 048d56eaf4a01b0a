"""What the gateway does by the clock, a faked one, on both databases: reminders and the digest of what rules did."""

import asyncio
import functools
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text, update
from sqlmodel import col, select

from gateway.desk.post import Office
from gateway.desk.reminders import remind_at
from gateway.mail.keyring import Keyring
from gateway.rules.ready import ready
from gateway.rules.ruleset import RuleSet
from gateway.rules.shipped import shipped_folder
from gateway.store.states import InquiryStatus
from gateway.store.tables import History, Inquiry, Store
from gateway.worker import periodic
from tests.worker.days import ASKED, HOUR, IN, OFFICE, OUT, Shop, another_node, shop
from tests.worker.hands import COLLEAGUE, CUSTOMER, DOMAIN, SELLER, Desk

__all__ = ["shop"]


async def test_a_question_that_waits_is_remembered_once(shop: Shop) -> None:
    await shop.set(digest_at="off")
    due = remind_at(Store(name="s", title="S"), ASKED, 8 * HOUR)
    assert due == ASKED + 23 * HOUR
    number = await shop.inquiry((IN, "いつ発送されますか。"), remind_at=due)
    assert await shop.comes_to(due - timedelta(seconds=1)) == 0
    assert await shop.comes_to(due) == 1
    assert await shop.comes_to(due + HOUR) == 0
    (ours,), (theirs,) = await shop.sent("reminder", SELLER), await shop.sent("reminder", COLLEAGUE)
    assert ours.subject == f"発送について [Q-{number}]"
    assert ours.text.startswith("【まだ回答していません】2026/11/26 14:03 に届いた")
    assert "いつ発送されますか。" in ours.text
    assert "状態: 未回答" in ours.text
    for purpose in ("done", "progress", "auto"):
        assert f"q{number}-{purpose}-" in ours.text
    assert ours.from_address.startswith(f"q{number}-s-")
    assert ours.auto_submitted == "auto-generated"
    assert theirs.text.startswith("[Not answered yet]")
    async with shop.database.read() as session:
        history = (await session.exec(select(History).where(History.event == "reminded"))).one()
    assert (history.at, history.by) == (due, "gateway")


async def test_each_time_that_is_set_has_its_own_reminder(shop: Shop) -> None:
    number = await shop.inquiry((IN, "質問です。"), remind_at=ASKED + HOUR)
    await shop.comes_to(ASKED + HOUR)
    async with shop.database.write() as session:
        await session.exec(update(Inquiry).where(col(Inquiry.number) == number).values(remind_at=ASKED + 2 * HOUR))
    await shop.comes_to(ASKED + 2 * HOUR)
    first, second = await shop.sent("reminder", SELLER)
    assert second.references == [first.message_id]


async def test_a_reminder_tells_since_when_the_customer_waits(shop: Shop) -> None:
    due = ASKED + 9 * HOUR
    again = [(IN, "一つ目。"), (OUT, "答え。"), (IN, "二つ目。"), (IN, "三つ目。")]
    waits = await shop.inquiry(*again, remind_at=due)
    promised = await shop.inquiry(
        (IN, "質問。"), (OUT, "確認します。"), status=InquiryStatus.IN_PROGRESS, remind_at=due
    )
    assert await shop.comes_to(due) == 2
    told = {row.inquiry_number: row.text for row in await shop.sent("reminder", SELLER)}
    assert told[waits].startswith("【まだ回答していません】2026/11/26 16:03 に")
    assert "\n三つ目。\n" in told[waits]
    assert told[waits].count("三つ目。") == 1
    assert told[promised].startswith("【処理中のままです】お客様は 2026/11/26 15:03 から")
    assert "状態: 処理中" in told[promised]
    assert "> 確認します。" in told[promised]


async def test_nobody_is_reminded_of_what_is_done(shop: Shop) -> None:
    done = await shop.inquiry((IN, "質問。"), status=InquiryStatus.DONE, remind_at=ASKED)
    silent = await shop.inquiry(remind_at=ASKED)
    assert await shop.comes_to(ASKED + HOUR) == 0
    await shop.set(active=False)
    closed = await shop.inquiry((IN, "質問。"), remind_at=ASKED)
    assert await shop.comes_to(ASKED + HOUR) == 0
    assert [(await shop.found(number)).remind_at for number in (done, silent, closed)] == [None] * 3
    assert await shop.sent("reminder") == []


async def test_an_answer_or_a_state_takes_the_reminder_away_and_a_reply_to_it_is_an_answer(shop: Shop) -> None:
    await shop.set(digest_at="off")
    desk = Desk(shop.database)
    for number, words in enumerate(("明日です。", "#処理中", "#処理中\n確認します。"), start=1):
        await desk.gets("いつですか。", sender=f"c{number}@customer.example", to=f"testshop@{DOMAIN}")
        async with shop.database.write() as session:
            await session.exec(update(Inquiry).where(col(Inquiry.number) == number).values(remind_at=ASKED))
        told = next(row for row in await desk.sent("notification", SELLER) if row.inquiry_number == number)
        await desk.gets(words, sender=SELLER, to=told.from_address)
        assert (await shop.found(number)).remind_at is None, words
    async with shop.database.write() as session:
        await session.exec(update(Inquiry).where(col(Inquiry.number) == 2).values(remind_at=ASKED))
    assert await shop.comes_to(ASKED) == 1
    (reminder,) = await shop.sent("reminder", SELLER)
    quoted = "\n".join(f"> {line}" for line in reminder.text.splitlines())
    await desk.gets(f"明日です。\n\n2026/11/26 15:03 テスト:\n{quoted}", sender=SELLER, to=reminder.from_address)
    answer = (await desk.sent("answer"))[-1]
    assert answer.inquiry_number == 2
    assert "まだ回答していません" not in answer.text
    assert "明日です。" in answer.text


async def test_a_customer_who_writes_again_waits_as_before(shop: Shop) -> None:
    desk = Desk(shop.database)
    await desk.gets("いつですか。", sender=CUSTOMER, to=f"testshop@{DOMAIN}", Message_ID="<m1@customer.example>")
    async with shop.database.write() as session:
        await session.exec(update(Inquiry).values(remind_at=ASKED))
    await desk.gets("まだですか。", sender=CUSTOMER, to=f"testshop@{DOMAIN}", References="<m1@customer.example>")
    assert (await shop.found(1)).remind_at == ASKED


async def test_two_nodes_remind_and_tell_once(shop: Shop) -> None:
    await shop.set(auto_notice="digest")
    for number in range(6):
        await shop.inquiry((IN, f"質問{number}"), remind_at=ASKED)
        await shop.decides(await shop.inquiry((IN, "ありがとうございました。"), status=InquiryStatus.DONE))
    now = ASKED + 24 * HOUR
    async with another_node(shop.database) as second, another_node(shop.database) as third:
        nodes = (shop.database, second, third)
        done = await asyncio.gather(*(periodic.do_due(node, OFFICE, now) for node in nodes))
    assert sum(done) == 7
    assert len(await shop.sent("reminder", SELLER)) == 6
    (told,) = await shop.sent("digest", SELLER)
    assert told.text.count("-reopen") == 6
    assert told.subject.startswith("お問い合わせのまとめ：未回答6件・処理中0件")


async def test_one_piece_that_fails_hinders_no_other(shop: Shop) -> None:
    await shop.inquiry((IN, "一"), remind_at=ASKED, title="a")
    await shop.inquiry((IN, "二"), remind_at=ASKED + HOUR, title="b")
    office = Office(DOMAIN, "ops@example.jp", _FailsOnce(OFFICE.keyring), timedelta(days=5))
    assert await periodic.do_due(shop.database, office, ASKED + HOUR) == 1
    assert [row.inquiry_number for row in await shop.sent("reminder", SELLER)] == [2]
    assert await shop.comes_to(ASKED + HOUR) == 1


class _FailsOnce(Keyring):
    def __init__(self, keyring: Keyring) -> None:
        super().__init__(keyring.keys)
        self.failed = False

    def inquiry_address(self, number: int, nonce: str, purpose: str) -> str:
        if not self.failed:
            self.failed = True
            raise RuntimeError("once")
        return super().inquiry_address(number, nonce, purpose)


async def test_the_loop_outlives_a_database_that_is_away(shop: Shop) -> None:
    await shop.inquiry((IN, "質問です。"), remind_at=ASKED)
    posted = asyncio.Event()
    looks = 0

    def now() -> datetime:
        nonlocal looks
        looks += 1
        return ASKED

    async with shop.database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE inquiry RENAME TO away"))
    loop = asyncio.create_task(periodic.run(shop.database, lambda: OFFICE, posted.set, now=now, every=0.01))
    while looks < 3:
        await asyncio.sleep(0.01)
    async with shop.database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE away RENAME TO inquiry"))
    await posted.wait()
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert len(await shop.sent("reminder", SELLER)) == 1


@functools.cache
def shipped_rules() -> RuleSet:
    return ready(shipped_folder())


async def test_the_shipped_rules_remember_who_asks_and_not_who_thanks(shop: Shop) -> None:
    desk = Desk(shop.database, shipped_rules(), ASKED)
    to = f"testshop@{DOMAIN}"
    await desk.gets("いつ届きますか。", sender=CUSTOMER, to=to, Subject="発送", Message_ID="<m1@customer.example>")
    due = (await shop.found(1)).remind_at
    assert due == ASKED + 23 * HOUR
    desk.now = ASKED + HOUR
    await desk.gets("まだでしょうか。", sender=CUSTOMER, to=to, References="<m1@customer.example>")
    assert (await shop.found(1)).remind_at == due
    (told, _) = await shop.sent("notification", SELLER)
    await desk.gets("明日届きます。", sender=SELLER, to=told.from_address)
    assert (await shop.found(1)).remind_at is None
    (answer,) = await shop.sent("answer")
    await desk.gets("ありがとうございます。", sender=CUSTOMER, to=answer.from_address)
    assert (await shop.found(1)).status is InquiryStatus.DONE
    assert (await shop.found(1)).remind_at is None
    assert await shop.comes_to(ASKED + 48 * HOUR) == 0


async def test_a_digest_is_undone_by_its_button(shop: Shop) -> None:
    await shop.set(auto_notice="digest")
    desk = Desk(shop.database, shipped_rules(), ASKED)
    await desk.gets("先日の件、ありがとうございました。", sender=CUSTOMER, to=f"testshop@{DOMAIN}", Subject="お礼")
    assert await shop.sent("rule_notice") == []
    assert len(await shop.sent("auto_response", CUSTOMER)) == 1
    desk.now = ASKED + 24 * HOUR
    assert await shop.comes_to(desk.now) == 1
    (digest,) = await shop.sent("digest", SELLER)
    assert "ルール：thank-you as a first mail（バージョン " in digest.text
    button = next(line for line in digest.text.splitlines() if "mailto:" in line).partition("mailto:")[2]
    await desk.gets("#要対応", sender=SELLER, to=button)
    assert (await shop.found(1)).status is InquiryStatus.UNANSWERED
    assert len(await shop.sent("notification", SELLER)) == 1


async def test_a_rule_that_sets_a_state_may_remind_too(shop: Shop, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(shipped_folder(), rules)
    (rules / "15-own.yaml").write_text(
        "rules:\n  - name: own\n    when: {message.text: {contains: 予約}}\n"
        "    then: {status: in_progress, remind: 1h, stop: true}\n"
    )
    (rules / "15-own.yaml").chmod(0o600)
    desk = Desk(shop.database, ready(rules), ASKED)
    await desk.gets("予約の件です。", sender=CUSTOMER, to=f"testshop@{DOMAIN}")
    inquiry = await shop.found(1)
    assert (inquiry.status, inquiry.remind_at) == (InquiryStatus.IN_PROGRESS, ASKED + HOUR)
