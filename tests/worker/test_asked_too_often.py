"""A seller's address in a stranger's hands: what may be forged is asked about so often an hour, and then kept (A10)."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from gateway.desk import doubt, holding
from gateway.store import received as received_rows
from gateway.store.database import Database
from gateway.store.tables import Received
from tests.worker.hands import COLLEAGUE, CUSTOMER, SELLER, Desk, open_shop, shop

EVIL = "evil@other.example"
HOUR = timedelta(hours=1)
MOST_ASKED = 5  # here; a quarter of the true number


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (doubt, holding):
        monkeypatch.setattr(module, "MOST_ASKED", MOST_ASKED)


@pytest.fixture
async def desk(database: Database) -> Desk:
    """A question that nobody has answered yet."""
    await open_shop(database)
    desk = Desk(database)
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    return desk


async def side(desk: Desk, seller: str = SELLER) -> str:
    return (await desk.sent("notification", seller))[-1].from_address


async def forges(desk: Desk, count: int, *, sender: str = SELLER, text: str = "偽の返信です。") -> list[Received]:
    """Mails that bear the seller's address, or a stranger's, and no proof."""
    to = await side(desk)
    return [await desk.gets(f"{text} {n}", sender=sender, to=to, authenticated=False) for n in range(count)]


async def customers_side(desk: Desk) -> str:
    return desk.worker.office.address(await desk.inquiry(), "c")


async def told(desk: Desk, seller: str = SELLER) -> int:
    """Mails to a seller, apart from notifications."""
    kinds = ("confirmation", "returned", "help", "unasked", "draft_going")
    return sum([len(await desk.sent(kind, seller)) for kind in kinds])


async def test_a_sender_with_a_sellers_address_has_only_so_many_confirmations_sent_in_an_hour(desk: Desk) -> None:
    await forges(desk, MOST_ASKED + 3)
    assert len(await desk.sent("confirmation", SELLER)) == MOST_ASKED
    (once,) = await desk.sent("unasked", SELLER)
    assert "お預かりしています" in once.text
    assert once.from_address == "desk@q.example.jp"  # an answer to it goes to no customer
    assert not await desk.sent("answer")
    desk.now += HOUR + timedelta(seconds=1)
    await forges(desk, MOST_ASKED + 3)
    assert len(await desk.sent("confirmation", SELLER)) == 2 * MOST_ASKED
    assert len(await desk.sent("unasked", SELLER)) == 2


async def test_what_comes_beyond_is_kept_as_it_came_and_the_operator_sees_why(desk: Desk) -> None:
    await forges(desk, MOST_ASKED)
    with capture_logs() as events:
        (mail,) = await forges(desk, 1, text="明日発送します。")
    async with desk.database.read() as session:
        assert "明日発送します。 0".encode() in await received_rows.load_raw(session, mail.queue_id)
    assert len(await desk.thread()) == 1 + MOST_ASKED
    assert mail.outcome[0]["result"] == "recorded"
    assert mail.outcome[0]["why"] == "unauthenticated; nobody was asked, too many in an hour"
    assert mail.outcome[0]["inquiry"] == 1
    (event,) = [event for event in events if event["event"] == "seller not asked"]
    assert (event["queue_id"], event["inquiry"], event["why"]) == (mail.queue_id, 1, "unauthenticated")
    assert event["log_level"] == "warning"


async def test_strangers_take_no_confirmation_from_a_seller_who_cannot_prove_who_wrote(desk: Desk) -> None:
    await forges(desk, MOST_ASKED + 5, sender=EVIL)
    assert len(await desk.sent("unasked")) == 2  # each seller of the store, once
    await forges(desk, 1, text="わたしの返信です。")
    assert "わたしの返信です。" in (await desk.sent("confirmation", SELLER))[-1].text


async def test_another_inquiry_has_a_limit_of_its_own(desk: Desk) -> None:
    await forges(desk, MOST_ASKED + 5)
    await desk.gets("ほかの質問です。", sender="taro@customer.example", to=shop())
    await forges(desk, 1)
    assert len(await desk.sent("confirmation", SELLER)) == MOST_ASKED + 1


async def test_a_seller_who_is_known_for_sure_is_never_limited(desk: Desk) -> None:
    await forges(desk, MOST_ASKED + 5)
    await desk.gets("明日発送します。", sender=SELLER, to=await side(desk))
    assert [row.text.partition("\n")[0] for row in await desk.sent("answer")] == ["明日発送します。"]


async def test_a_seller_who_confirms_each_reply_is_asked_about_every_one(desk: Desk) -> None:
    for n in range(MOST_ASKED + 2):
        await forges(desk, 1, text=f"返信{n}です。")
        letter = (await desk.sent("confirmation", SELLER))[-1]
        assert f"返信{n}です。" in letter.text
        button = letter.text.partition("mailto:")[2].split()[0]
        await desk.gets("", sender=SELLER, to=button, authenticated=False)
        assert len(await desk.sent("answer")) == n + 1
    assert not await desk.sent("unasked")


async def test_commands_without_words_are_limited_alike(desk: Desk) -> None:
    to = await side(desk)
    for n in range(MOST_ASKED + 6):
        words = ("#送信", "#ヘルプ", "#送信")[n % 3]
        desk.now += timedelta(seconds=30)
        await desk.gets(words, sender=EVIL, to=to)
        await desk.gets(words, sender=SELLER, to=to, authenticated=False)
    assert await told(desk) <= 2 * MOST_ASKED + 2
    assert await told(desk, COLLEAGUE) <= MOST_ASKED + 1


async def test_held_drafts_however_many_push_nothing_out_of_what_a_seller_sees(desk: Desk) -> None:
    for _ in range(3):
        await forges(desk, MOST_ASKED)
        desk.now += HOUR + timedelta(seconds=1)
    await desk.gets("まだですか。", sender=CUSTOMER, to=await customers_side(desk))
    told = (await desk.sent("notification", SELLER))[-1].text
    assert "いつ発送されますか。" in told
    assert "偽の返信です。" not in told
    await desk.gets("#全文", sender=SELLER, to=await side(desk))
    assert "いつ発送されますか。" in (await desk.sent("thread", SELLER))[-1].text


async def test_what_was_kept_brings_no_mail_when_its_time_would_be_over(desk: Desk) -> None:
    await forges(desk, MOST_ASKED + 3)
    before = await told(desk)
    desk.now += timedelta(days=15)
    await forges(desk, 0)
    assert await told(desk) == before


async def test_the_limit_holds_over_a_restart_and_on_two_nodes(desk: Desk) -> None:
    other = Desk(desk.database, now=desk.now)
    other.worker.name = "w2"
    await asyncio.gather(forges(desk, MOST_ASKED), forges(other, MOST_ASKED))
    assert len(await desk.sent("confirmation", SELLER)) == MOST_ASKED
    assert len(await desk.sent("unasked", SELLER)) == 1
