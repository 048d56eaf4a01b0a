"""What the desk knows about a mail's inquiry and customer, now and looking back, on both databases."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.rule_facts import Standing, standing
from gateway.ids import new_id, new_nonce
from gateway.store import inquiries
from gateway.store.database import Database
from gateway.store.rule_tables import AutoAnswer
from gateway.store.states import Author, Direction, InquiryStatus, Origin, OutboxState
from gateway.store.tables import Customer, History, Inquiry, Message, Order, Outbox, Store

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # 10:00 in Japan
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADDRESS = "Hanako@customer.example"
ASKED = "この鞄の重さを教えてください。"
DONE, OWED, WAITING = InquiryStatus.DONE, InquiryStatus.IN_PROGRESS, InquiryStatus.UNANSWERED


class Shop:
    """A store's past, written as the desk writes it."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def opens(self) -> None:
        self.store = Store(name="testshop", title="テストショップ", created_at=MONDAY)
        self.session.add(self.store)
        await self.session.flush()

    async def asks(self, at: datetime, text: str = ASKED, sender: str = ADDRESS, **fields: Any) -> Inquiry:
        store_id = self.store.id or 0
        customer = await inquiries.customer_of(
            self.session, Customer(store_id=store_id, address=sender, address_key=sender.casefold(), created_at=at)
        )
        values: dict[str, Any] = {"origin": Origin.DIRECT, "title": "鞄", "nonce": new_nonce()}
        opened = Inquiry(
            store_id=store_id, customer_id=customer.id or 0, created_at=at, received_at=at, **(values | fields)
        )
        self.session.add(opened)
        await self.session.flush()
        self.session.add(History(inquiry_number=opened.number or 0, at=at, event="opened", by="customer"))
        await self.writes(opened, at, text)
        return opened

    async def writes(self, inquiry: Inquiry, at: datetime, text: str, subject: str = "鞄") -> Message:
        entry = await self._entry(inquiry, at, Direction.IN, Author.CUSTOMER, text=text, subject=subject)
        await self.becomes(inquiry, at, WAITING, "customer")
        return entry

    async def answers(
        self,
        inquiry: Inquiry,
        at: datetime,
        status: InquiryStatus = DONE,
        author: Author = Author.SELLER,
        sent: OutboxState = OutboxState.SENT,
        text: str = "850グラムです。",
    ) -> Message:
        number = inquiry.number or 0
        letter = Outbox(
            id=new_id(),
            cause=new_id(),
            kind="answer",
            state=sent,
            inquiry_number=number,
            message_id=f"<{new_id()}@q.example.jp>",
            to_address=ADDRESS,
            from_address="x@q.example.jp",
            date=at,
            next_at=at,
            expires_at=at + 5 * DAY,
            sent_at=at,
        )
        self.session.add(letter)
        entry = await self._entry(inquiry, at, Direction.OUT, author, text=text, outbox_id=letter.id)
        if author is Author.RULE:
            answer = AutoAnswer(inquiry_number=number, store_id=1, address_key=ADDRESS.casefold(), rule="r", at=at)
            self.session.add(answer)
        await self.becomes(inquiry, at, status)
        return entry

    async def becomes(
        self, inquiry: Inquiry, at: datetime, status: InquiryStatus, by: str = "a@shop.example", why: str = "answer"
    ) -> None:
        number = inquiry.number or 0
        if await inquiries.set_status(self.session, number, status, at):
            self.session.add(History(inquiry_number=number, at=at, event=str(status), by=by, why=why))
        await self.session.flush()

    async def _entry(
        self, inquiry: Inquiry, at: datetime, direction: Direction, author: Author, **fields: Any
    ) -> Message:
        entry = Message(inquiry_number=inquiry.number or 0, direction=direction, author=author, at=at, **fields)
        self.session.add(entry)
        await self.session.flush()
        return entry

    async def knows(self, inquiry: Inquiry | None, at: datetime, **more: Any) -> Standing:
        values: dict[str, Any] = {"author": ADDRESS, "text": ASKED, "subject": "鞄"}
        return await standing(self.session, store=self.store, inquiry=inquiry, at=at, **(values | more))

    async def repeats(self, at: datetime, **more: Any) -> bool:
        return bool((await self.knows(None, at, **more)).inquiry.duplicate_of_handled)


@pytest.fixture
async def shop(database: Database) -> Any:
    async with database.write() as session:
        shop = Shop(session)
        await shop.opens()
        yield shop


async def test_a_strangers_first_mail_has_the_facts_of_a_strangers_first_mail(shop: Shop) -> None:
    known = await shop.knows(None, MONDAY, product_code="X-1", origin=Origin.PRODUCT_PAGE)
    assert (known.inquiry.status, known.inquiry.is_new, known.inquiry.answered) == ("new", True, False)
    assert (known.inquiry.origin, known.inquiry.product_code, known.inquiry.age) == ("product_page", "X-1", None)
    assert (known.customer.first_time, known.customer.open_inquiries) == (True, 0)
    assert known.customer.domain == "customer.example"
    assert known.store.name == "testshop"
    assert (known.time.hour, known.time.weekday) == (10, "mon")


async def test_an_inquiry_tells_what_was_said_and_done_in_it(shop: Shop) -> None:
    inquiry = await shop.asks(MONDAY, country="KR", order_number="20261116001", category="送料")
    assert (await shop.knows(inquiry, MONDAY + HOUR)).inquiry.status == "unanswered"
    await shop.answers(inquiry, MONDAY + HOUR, OWED)
    known = await shop.knows(inquiry, MONDAY + 3 * HOUR)
    assert (known.inquiry.status, known.inquiry.answered, known.inquiry.category) == ("in_progress", True, "送料")
    assert (known.inquiry.age, known.inquiry.since_reply) == (3 * HOUR, 2 * HOUR)
    assert (known.inquiry.auto_responses, known.customer.first_time, known.customer.country) == (0, False, "KR")
    await shop.answers(inquiry, MONDAY + 4 * HOUR, author=Author.RULE)
    known = await shop.knows(inquiry, MONDAY + 5 * HOUR)
    assert (known.inquiry.status, known.inquiry.auto_responses, known.inquiry.since_reply) == ("done", 1, HOUR)


async def test_what_the_shop_asked_stays_asked_until_it_writes_again(shop: Shop) -> None:
    inquiry = await shop.asks(MONDAY)
    assert not (await shop.knows(inquiry, MONDAY)).inquiry.asked, "nobody answered yet"
    first = await shop.answers(inquiry, MONDAY + HOUR, text="青しかございませんが、よろしいでしょうか。")
    await shop.answers(inquiry, MONDAY + HOUR, text="先ほどの金額は税込みです。")
    assert (await shop.knows(inquiry, MONDAY + 2 * HOUR)).inquiry.asked, "the second mail takes nothing back"
    assert (await shop.knows(None, MONDAY + 2 * HOUR)).inquiry.asked, "the answer may come as a first mail"
    assert not (await shop.knows(None, MONDAY + 2 * HOUR, author="somebody@else.example")).inquiry.asked
    understood = await shop.writes(inquiry, MONDAY + 2 * HOUR, "解決しました。")
    await shop.answers(inquiry, MONDAY + 3 * HOUR, author=Author.RULE, text="ご対応させていただきました。")
    assert (await shop.knows(inquiry, MONDAY + 4 * HOUR)).inquiry.asked, "a rule's answer settles nothing"
    await shop.answers(inquiry, MONDAY + 5 * HOUR, text="では青でお送りいたします。")
    at = MONDAY + 6 * HOUR
    assert not (await shop.knows(inquiry, at)).inquiry.asked
    assert not (await shop.knows(None, at)).inquiry.asked
    assert (await shop.knows(inquiry, at, before=understood.id)).inquiry.asked, "looking back it was"
    assert not (await shop.knows(inquiry, at, before=first.id)).inquiry.asked


async def test_the_country_is_that_of_the_order_where_the_inquiry_tells_none(shop: Shop) -> None:
    shop.session.add(Order(store_id=shop.store.id or 0, number="A-7", country="TW"))
    await shop.session.flush()
    assert (await shop.knows(None, MONDAY, order_number="a-7")).customer.country == "TW"
    assert (await shop.knows(await shop.asks(MONDAY, order_number="A-7"), MONDAY)).customer.country == "TW"
    assert (await shop.knows(None, MONDAY, order_number="A-8")).customer.country is None


async def test_a_customers_other_open_inquiries_are_counted_in_this_store_alone(shop: Shop) -> None:
    first = await shop.asks(MONDAY)
    await shop.answers(first, MONDAY + HOUR)
    second = await shop.asks(MONDAY + HOUR)
    await shop.asks(MONDAY + HOUR, sender="somebody@else.example")
    assert (await shop.knows(second, MONDAY + 2 * HOUR)).customer.open_inquiries == 0
    new = (await shop.knows(None, MONDAY + 2 * HOUR)).customer
    assert (new.open_inquiries, new.first_time) == (1, False)
    await shop.answers(second, MONDAY + 2 * HOUR, OWED)
    assert (await shop.knows(first, MONDAY + 3 * HOUR)).customer.open_inquiries == 1, "the shop owes an answer"
    assert (await shop.knows(None, MONDAY, author="")).customer.first_time, "nobody is named"


async def test_looking_back_nothing_is_known_that_came_later(shop: Shop) -> None:
    other = await shop.asks(MONDAY)
    inquiry = await shop.asks(MONDAY + HOUR)
    await shop.answers(inquiry, MONDAY + 2 * HOUR, OWED)
    await shop.answers(other, MONDAY + 3 * HOUR)
    await shop.answers(inquiry, MONDAY + 4 * HOUR)
    at = MONDAY + 5 * HOUR
    thanks = await shop.writes(inquiry, at, "ありがとうございました。")
    await shop.answers(inquiry, at + HOUR, author=Author.RULE)
    await shop.asks(at + 2 * HOUR)
    await shop.writes(other, at + 3 * HOUR, "もう一つ質問です。")
    known = await shop.knows(inquiry, at, before=thanks.id)
    assert (known.inquiry.status, known.inquiry.since_reply, known.inquiry.auto_responses) == ("done", HOUR, 0)
    assert (known.inquiry.age, known.customer.open_inquiries) == (4 * HOUR, 0)
    second = await shop.session.get(Message, (thanks.id or 0) - 3)  # the answer that left it open
    assert second is not None
    known = await shop.knows(inquiry, MONDAY + 150 * timedelta(minutes=1), before=second.id)
    assert (known.inquiry.status, known.customer.open_inquiries) == ("in_progress", 1)
    first = await shop.knows(None, MONDAY + HOUR, before=second.id)
    assert (first.customer.first_time, first.customer.open_inquiries) == (False, 1)
    assert (await shop.knows(None, MONDAY, before=1)).customer.first_time, "its own inquiry is not from before it"


async def test_an_answer_that_did_not_arrive_leaves_the_inquiry_open_looking_back_too(shop: Shop) -> None:
    inquiry = await shop.asks(MONDAY)
    await shop.answers(inquiry, MONDAY + HOUR)
    await inquiries.set_status(shop.session, inquiry.number or 0, WAITING, MONDAY + 2 * HOUR)
    shop.session.add(History(inquiry_number=inquiry.number or 0, at=MONDAY + 2 * HOUR, event="delivery_text"))
    later = await shop.writes(inquiry, MONDAY + 3 * HOUR, "お返事がありません。")
    assert (await shop.knows(inquiry, MONDAY + 3 * HOUR, before=later.id)).inquiry.status == "unanswered"


async def test_a_question_asked_again_after_its_answer_repeats_it(shop: Shop) -> None:
    inquiry = await shop.asks(MONDAY, product_code="X-1")
    late = MONDAY + 2 * DAY
    assert not await shop.repeats(late, product_code="X-1"), "nobody answered it yet"
    await shop.answers(inquiry, MONDAY + HOUR)
    polite = "お世話になっております。\nこの鞄の重さを、教えて下さい！"
    assert await shop.repeats(late, product_code="x-1")
    assert await shop.repeats(late, product_code="X-1", text=polite)
    assert await shop.repeats(late, product_code="X-1", order_number="A-1"), "the product is the same"
    assert not await shop.repeats(late, product_code="X-2"), "another product"
    assert not await shop.repeats(late), "about no product"
    assert not await shop.repeats(late, product_code="X-1", subject="別の鞄"), "another subject"
    assert not await shop.repeats(late, product_code="X-1", text="この鞄の大きさを教えてください。")
    assert not await shop.repeats(late, product_code="X-1", author="somebody@else.example")
    assert not await shop.repeats(MONDAY + 9 * DAY, product_code="X-1"), "long after"
    at = MONDAY + 2 * HOUR
    assert await shop.repeats(at, product_code="X-1", before=1000)
    assert not await shop.repeats(MONDAY + HOUR / 2, product_code="X-1", before=1000), "it was not handled then"
    again = await shop.asks(at, product_code="X-1")
    await shop.answers(again, at + HOUR, author=Author.RULE)
    assert not await shop.repeats(late, product_code="X-1"), "who asks a third time is not content"
    assert not (await shop.knows(again, late)).inquiry.duplicate_of_handled, "a fact of first mails"


@pytest.mark.parametrize(
    ("asked", "days", "repeats"),
    [(ASKED, 6, True), ("この鞄は在庫がありますか？", 0.5, True), ("この鞄は在庫がありますか？", 2, False)],
)
async def test_the_answer_to_a_passing_question_is_soon_another(
    shop: Shop, asked: str, days: float, repeats: bool
) -> None:
    await shop.answers(await shop.asks(MONDAY, asked), MONDAY)
    assert await shop.repeats(MONDAY + days * DAY, text=asked) is repeats


async def test_only_what_a_person_handled_and_the_customer_got_is_handled(shop: Shop) -> None:
    at, late = MONDAY + HOUR, MONDAY + DAY
    for author, sent, repeats in (
        (Author.RULE, OutboxState.SENT, False),
        (Author.SELLER, OutboxState.QUEUED, False),
        (Author.SELLER, OutboxState.UNCERTAIN, False),
        (Author.SELLER, OutboxState.SENT, True),
    ):
        product = f"{author}-{sent}"
        await shop.answers(await shop.asks(MONDAY, product_code=product), at, author=author, sent=sent)
        assert await shop.repeats(late, product_code=product) is repeats, product
    for why, repeats in (("status", False), ("handled", True)):
        await shop.becomes(await shop.asks(MONDAY, product_code=why), at, DONE, why=why)
        assert await shop.repeats(late, product_code=why) is repeats, why
    owed = await shop.asks(MONDAY, product_code="owed")
    await shop.answers(owed, at, OWED)
    assert not await shop.repeats(late, product_code="owed")
    staff = await shop.asks(MONDAY, product_code="staff", origin=Origin.MARKETPLACE)
    await shop.answers(staff, at)
    assert not await shop.repeats(late, product_code="staff")


async def test_who_has_read_the_answer_and_asks_again_wants_something_else(shop: Shop) -> None:
    inquiry = await shop.asks(MONDAY)
    await shop.answers(inquiry, MONDAY + HOUR)
    assert await shop.repeats(MONDAY + DAY)
    await shop.writes(inquiry, MONDAY + 2 * HOUR, "ありがとうございました。")
    await shop.answers(inquiry, MONDAY + 3 * HOUR)
    assert not await shop.repeats(MONDAY + DAY)


async def test_a_mail_costs_a_handful_of_questions_and_no_scan(shop: Shop, database: Database) -> None:
    """However long the past is: each question finds its rows by an index."""
    for day in range(8):
        await shop.answers(await shop.asks(MONDAY + day * DAY), MONDAY + day * DAY + HOUR)
    inquiry = await shop.asks(MONDAY + 9 * DAY)
    asked: list[tuple[str, Any]] = []
    engine = database.engine.sync_engine

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        await shop.knows(inquiry, MONDAY + 9 * DAY)
        follow_up = len(asked)
        await shop.knows(None, MONDAY + 7 * DAY + 2 * HOUR, order_number="A-1", before=10_000)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert follow_up <= 4
    assert len(asked) - follow_up <= 6
    if database.is_sqlite:
        connection = await shop.session.connection()
        for statement, parameters in asked:
            plan: Sequence[Any] = (
                await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            ).all()
            assert not [row for row in plan if row[-1].startswith("SCAN")], (statement, plan)
