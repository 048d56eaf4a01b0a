"""Silenced senders, as the operator finds and frees them."""

from datetime import UTC, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.silencing import KEPT_QUIET
from gateway.store.states import InquiryStatus, Origin
from gateway.store.tables import Customer, History, Inquiry
from tests.cli.conftest import Cli

NOW = datetime(2026, 11, 20, 5, 3, tzinfo=UTC)


def test_a_silenced_sender_is_listed_and_heard_again(shop: Cli) -> None:
    async def rows(session: AsyncSession) -> None:
        spammer = Customer(store_id=1, address="Spam@x.example", address_key="spam@x.example", created_at=NOW)
        spammer.silenced_at = NOW
        session.add(spammer)
        await session.flush()
        session.add(
            Inquiry(
                number=1, store_id=1, customer_id=1, status=InquiryStatus.DONE, origin=Origin.DIRECT, nonce="n",
                created_at=NOW, received_at=NOW,
            )
        )  # fmt: skip
        await session.flush()
        session.add(History(inquiry_number=1, at=NOW, event=KEPT_QUIET))

    assert shop.json("silenced", "list") == []
    shop.write(rows)
    listed = [{"store": "testshop", "address": "Spam@x.example", "since": "2026-11-20T14:03:00+09:00"}]
    assert shop.json("silenced", "list") == listed
    assert "unanswered are Q-1" in shop("silenced", "remove", "testshop", "spam@X.example").stdout
    assert shop.json("silenced", "list") == []
    assert shop.json("inquiry", "list")[0]["status"] == "unanswered"
    shop("silenced", "remove", "testshop", "spam@x.example", code=1)
