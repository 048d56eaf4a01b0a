"""`digest send` and `report`."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.states import Author, Direction, InquiryStatus, Origin
from gateway.store.tables import Message, Store
from tests.cli import rows
from tests.cli.conftest import Cli


def test_a_digest_is_asked_for_and_a_closed_or_unknown_store_is_a_no(shop: Cli) -> None:
    assert "testshop" in shop("digest", "send").stdout
    assert "testshop" in shop("digest", "send", "--store", "testshop").stdout

    async def asked(session: AsyncSession) -> None:
        assert (await session.exec(select(Store.digest_asked_at))).one() is not None

    shop.write(asked)
    shop("digest", "send", "--store", "nowhere", code=1)
    shop("store", "set", "testshop", "active=off", "digest_at=off")
    shop("digest", "send", code=1)


def test_a_report_counts_what_was_asked_lately_and_how_it_was_answered(shop: Cli) -> None:
    now = datetime.now(UTC)

    async def work(session: AsyncSession) -> None:
        lately: dict[str, Any] = {"created_at": now - timedelta(hours=3), "received_at": now - timedelta(hours=3)}
        done: dict[str, Any] = {"status": InquiryStatus.DONE, "prior_status": InquiryStatus.UNANSWERED}
        for minutes, author in ((30, Author.SELLER), (90, Author.SELLER), (1, Author.RULE)):
            number = (await rows.question(session, category="送料", **lately, **done)).number or 0
            at = now - timedelta(hours=3) + timedelta(minutes=minutes)
            session.add(Message(inquiry_number=number, direction=Direction.OUT, author=author, at=at, text="はい"))
        await rows.question(session, origin=Origin.MARKETPLACE, unread=True, **lately)
        await rows.question(session, created_at=now - timedelta(days=40), received_at=now - timedelta(days=40))

    shop.write(work)
    view = shop.json("report", "--store", "testshop")
    assert view["opened"] == 4
    assert view["statuses"] == {"unanswered": 1, "in_progress": 0, "done": 3}
    assert view["origins"]["marketplace"] == 1
    assert view["categories"] == {"送料": 3, "その他": 1}
    assert (view["answered_by_seller"], view["answered_by_rule"], view["first_answer_minutes"]) == (2, 1, 60.0)
    assert view["waiting"] == {"unanswered": 0, "in_progress": 0, "staff_unanswered": 1, "staff_unread": 1}
    assert "60 min" in shop("report", "--store", "testshop").stdout
    assert shop.json("report", "--store", "testshop", "--days", "60")["opened"] == 5
    shop("report", "--store", "nowhere", code=1)
