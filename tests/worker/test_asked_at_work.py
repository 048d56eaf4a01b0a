"""An acknowledgement that answers the shop's own question is for a human, from the mails' bytes, on both databases."""

from gateway.store.states import InquiryStatus
from tests.worker.hands import SELLER, Desk, shop

DECIDING = [
    ("青しかございませんが、よろしいでしょうか。", "承知しました。"),
    ("キャンセルでよろしいでしょうか。", "了解です！ありがとうございます。"),
    ("お写真をお送りいただけますか？", "承知いたしました。"),
    ("ご注文番号を教えてください。", "わかりました。"),
    ("お届けの際はご連絡ください。", "商品が届きました。"),
    ("返金と交換のどちらをご希望でしょうか？", "ありがとうございます。"),
    ("Would you like a refund or a replacement?", "Ok, thanks!"),
]
COURTEOUS = """お世話になっております。
本日発送いたしました。追跡番号は1234-5678-9012です。ご確認ください。
到着まで今しばらくお待ちください。

ご不明な点がございましたら、
お気軽にお問い合わせください。
どうぞよろしくお願いいたします。"""


async def written(desk: Desk, number: int, answer: str, reply: str) -> InquiryStatus:
    """The state after a customer of its own asked, the shop wrote `answer`, and the customer `reply`."""
    customer = f"c{number}@customer.example"
    await desk.gets("青い鞄の在庫はありますか。", sender=customer, to=shop())
    told = (await desk.sent("notification", SELLER))[-1]
    await desk.gets(answer, sender=SELLER, to=told.from_address)
    sent = (await desk.sent("answer", customer))[-1]
    await desk.gets(f"{reply}\n\n> {answer}", sender=customer, to=sent.from_address)
    return (await desk.inquiry(number)).status


async def test_an_acknowledgement_that_answers_our_question_reaches_a_human(desk: Desk) -> None:
    for number, (answer, reply) in enumerate(DECIDING, 1):
        assert await written(desk, number, answer, reply) is InquiryStatus.UNANSWERED, answer
        assert len(await desk.sent("notification", SELLER)) == 2 * number
    assert await desk.sent("auto_response") == []
    assert await desk.sent("rule_notice") == []


async def test_an_acknowledgement_of_our_question_is_not_filed_while_we_owe_an_answer(desk: Desk) -> None:
    question = "#処理中\n青しかございませんが、よろしいでしょうか。"
    assert await written(desk, 1, question, "承知しました。") is InquiryStatus.UNANSWERED
    assert len(await desk.sent("notification", SELLER)) == 2
    assert await desk.sent("rule_notice") == []


async def test_the_answer_to_our_question_in_a_mail_of_its_own_reaches_a_human(desk: Desk) -> None:
    await desk.gets("青い鞄の在庫はありますか。", sender="c1@customer.example", to=shop())
    (told,) = await desk.sent("notification", SELLER)
    await desk.gets("青しかございませんが、よろしいでしょうか。", sender=SELLER, to=told.from_address)
    await desk.gets("承知しました。", sender="c1@customer.example", to=shop(), Subject="青で")
    assert await desk.sent("auto_response") == []
    assert len(await desk.sent("notification", SELLER)) == 2


async def test_a_thank_you_for_an_answer_that_ends_with_courtesies_is_still_answered(desk: Desk) -> None:
    assert await written(desk, 1, COURTEOUS, "ありがとうございました。") is InquiryStatus.DONE
    assert len(await desk.sent("auto_response")) == 1
    assert await written(desk, 2, "電源は入りますでしょうか。", "解決しました。") is InquiryStatus.DONE
    assert len(await desk.sent("auto_response")) == 2
