"""Inquiries that were merged, by their edges, on both databases: what still leads to them, and what crosses."""

from gateway.store.inquiry_filter import Filter
from gateway.store.inquiry_views import listing
from gateway.store.search import index_some
from gateway.store.states import InquiryStatus
from tests.worker.hands import CUSTOMER, DOMAIN, SELLER, Desk, shop


async def asked_twice(desk: Desk) -> tuple[str, str]:
    """Two inquiries of one customer; the addresses of their seller's side."""
    for text in ("送料はいくらですか。", "いつ発送されますか。"):
        await desk.gets(text, sender=CUSTOMER, to=shop(), Subject=text)
    first, second = await desk.sent("notification", SELLER)
    return first.from_address, second.from_address


async def numbers(desk: Desk, words: str | None = None) -> list[int]:
    async with desk.database.read() as session:
        return [view["number"] for view in await listing(session, Filter(words=words))]


async def test_lists_and_searches_show_the_one_that_is_left_with_all_its_words(desk: Desk) -> None:
    _, second = await asked_twice(desk)
    await desk.gets("#統合 Q-1", sender=SELLER, to=second)
    async with desk.database.write() as session:
        while await index_some(session, 100):
            pass
    assert await numbers(desk) == await numbers(desk, words="送料") == await numbers(desk, words="発送") == [1]
    assert (await desk.inquiry(2)).status is InquiryStatus.DONE


async def test_a_draft_that_was_held_before_is_sent_by_its_button_afterwards(desk: Desk) -> None:
    _, second = await asked_twice(desk)
    await desk.gets("明日です。", sender=SELLER, to=second, authenticated=False)
    (held,) = await desk.sent("confirmation", SELLER)
    await desk.gets("#統合 Q-1", sender=SELLER, to=second)
    button = held.text.partition("mailto:")[2].split()[0]
    await desk.gets("", sender=SELLER, to=button, authenticated=False)
    (answer,) = await desk.sent("answer", CUSTOMER)
    assert answer.text.startswith("明日です。")
    assert (answer.inquiry_number, (await desk.inquiry(1)).status) == (1, InquiryStatus.DONE)


async def test_two_that_are_to_go_into_each_other_by_one_mail_are_merged_once(desk: Desk) -> None:
    await asked_twice(desk)
    await desk.gets("", sender=SELLER, to=f"desk@{DOMAIN}", Subject="一覧")
    (listed,) = await desk.sent("list", SELLER)
    row = await desk.gets(
        "1 統合 Q-1\n2 統合 Q-2", sender=SELLER, to=f"desk@{DOMAIN}", Subject="Re: 一覧", In_Reply_To=listed.message_id
    )
    assert row.state == "done"
    assert [(await desk.inquiry(number)).merged_into for number in (1, 2)] == [None, 1]
    assert len(await desk.thread()) == 2
