"""A snoozed inquiry comes back on its day whatever came between, on both databases."""

from datetime import timedelta

from gateway.worker import periodic
from tests.worker.hands import COLLEAGUE, CUSTOMER, NOW, SELLER, Desk, shop


async def reminders(desk: Desk, after: timedelta) -> list[str]:
    await periodic.do_due(desk.database, desk.worker.office, NOW + after)
    return [letter.text.partition("\n")[0] for letter in await desk.sent("reminder", SELLER)]


async def test_thanks_and_answers_between_do_not_end_a_snooze_and_it_comes_once(desk: Desk) -> None:
    await desk.gets("再入荷したら教えてください。", sender=CUSTOMER, to=shop())
    (told,) = await desk.sent("notification", SELLER)
    await desk.gets("#3日後\n#処理中\n入荷しだいお知らせします。", sender=SELLER, to=told.from_address)
    (answer,) = await desk.sent("answer")
    await desk.gets("ありがとうございます。", sender=CUSTOMER, to=answer.from_address)
    await desk.gets("よろしくお願いいたします。", sender=COLLEAGUE, to=told.from_address)
    assert await reminders(desk, timedelta(days=2)) == []
    (line,) = await reminders(desk, timedelta(days=4))
    assert line.startswith("【ご指定の日時になりました】")
    assert "処理完了" in line
    assert len(await reminders(desk, timedelta(days=5))) == 1


async def test_only_a_seller_who_is_done_with_it_ends_a_snooze(desk: Desk) -> None:
    await desk.gets("再入荷したら教えてください。", sender=CUSTOMER, to=shop())
    (told,) = await desk.sent("notification", SELLER)
    for text in ("#3日後", "#処理中", "#明日", "#完了"):
        await desk.gets(text, sender=SELLER, to=told.from_address)
        assert ((await desk.inquiry()).snoozed_until is None) is (text == "#完了"), text
    assert await reminders(desk, timedelta(days=9)) == []
