"""#迷惑 by its edges, on both databases: what is kept, whom it does not touch, and the operator's way back."""

from datetime import timedelta

from gateway.desk.silencing import kept_quiet
from gateway.store.states import InquiryStatus
from gateway.store.tables import Customer
from tests.worker.hands import COLLEAGUE, CUSTOMER, DOMAIN, NOW, SELLER, Desk, shop


async def test_a_silenced_sender_is_kept_and_no_rule_and_no_seller_hears_of_it(desk: Desk) -> None:
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    (told,) = await desk.sent("notification", SELLER)
    await desk.gets("明日です。", sender=COLLEAGUE, to=told.from_address)
    (answer,) = await desk.sent("answer")
    await desk.gets("#迷惑", sender=SELLER, to=told.from_address)
    thanks = await desk.gets("ありがとうございました。", sender=CUSTOMER, to=answer.from_address)
    question = await desk.gets("サイズは？", sender=CUSTOMER, to=f"testshop+p598405570@{DOMAIN}", authenticated=False)
    assert [row.outcome[0]["result"] for row in (thanks, question)] == ["recorded"] * 2
    assert await desk.sent("auto_response") == []
    assert len(await desk.sent("notification")) == 2
    assert (await desk.inquiry()).status is (await desk.inquiry(2)).status is InquiryStatus.DONE
    await desk.gets("友人の代わりに書いています。", sender="friend@elsewhere.example", to=answer.from_address)
    assert len(await desk.sent("notification")) == 4
    async with desk.database.read() as session:
        assert (await session.get_one(Customer, 1)).silenced_at is not None
        assert await kept_quiet(session, 1, NOW - timedelta(days=1)) == [1, 2]


async def test_a_confirmed_spam_mark_counts_and_reopen_needs_something_to_undo(desk: Desk) -> None:
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    (told,) = await desk.sent("notification", SELLER)
    await desk.gets("#要対応", sender=SELLER, to=told.from_address)
    assert "自動で処理したメールがありません" in (await desk.sent("returned", SELLER))[0].text
    await desk.gets("#迷惑", sender=SELLER, to=told.from_address, authenticated=False)
    (asked,) = await desk.sent("confirmation", SELLER)
    assert "この差出人からのメールは今後通知されません" in asked.text
    assert (await desk.inquiry()).status is InquiryStatus.UNANSWERED
    await desk.gets("", sender=SELLER, to=asked.text.partition("mailto:")[2].split()[0], authenticated=False)
    assert (await desk.inquiry()).status is InquiryStatus.DONE
    button = (await desk.sent("receipt", SELLER))[0].text.partition("mailto:")[2].split()[0]
    await desk.gets("#要対応", sender=SELLER, to=button)
    assert (await desk.inquiry()).status is InquiryStatus.UNANSWERED
    assert "また通知します" in (await desk.sent("receipt", SELLER))[1].text
