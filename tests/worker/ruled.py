"""What rules did with a desk's mail, as it is asked for."""

from typing import Any

from sqlmodel import col, select

from gateway.store.rule_tables import RuleDecision
from gateway.store.tables import History, Outbox, Store
from tests.worker.hands import CUSTOMER, SELLER, Desk, shop

THANKS = "昨日届きました！ありがとうございました(^^)"
HANDLED = "お問い合わせの件はご対応させていただきました。\nその他ご不明点がございましたら、お気軽にお問い合わせ下さい。"


async def answered(desk: Desk, how: str = "明日です。", customer: str = CUSTOMER) -> Outbox:
    """A customer asked and a seller wrote `how`; the address by which the customer comes back is its sender."""
    await desk.gets("いつ発送されますか。", sender=customer, to=shop())
    told = (await desk.sent("notification", SELLER))[-1]
    await desk.gets(how, sender=SELLER, to=told.from_address)
    return told


async def decisions(desk: Desk) -> list[RuleDecision]:
    async with desk.database.read() as session:
        return list((await session.exec(select(RuleDecision).order_by(col(RuleDecision.message_id)))).all())


async def history(desk: Desk, event: str) -> list[History]:
    async with desk.database.read() as session:
        query = select(History).where(History.event == event).order_by(col(History.id))
        return list((await session.exec(query)).all())


async def set_store(desk: Desk, **values: Any) -> None:
    async with desk.database.write() as session:
        store = (await session.exec(select(Store))).one()
        for name, value in values.items():
            setattr(store, name, value)


def button(letter: Outbox) -> str:
    return letter.text.partition("mailto:")[2].split()[0]
