"""`inquiry export`: a sheet for people, an array for programs."""

import csv
import io
import json

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store import inquiry_exports
from gateway.store.states import Author, Direction, InquiryStatus
from gateway.store.tables import Message
from tests.cli import rows
from tests.cli.conftest import Cli


def sheet(cli: Cli, *words: str) -> list[dict[str, str]]:
    octets = cli("inquiry", "export", *words).stdout_bytes
    assert octets.startswith(b"\xef\xbb\xbf")  # by which a spreadsheet knows UTF-8
    return list(csv.DictReader(io.StringIO(octets.decode("utf-8-sig"), newline="")))


@pytest.fixture
def asked(shop: Cli) -> Cli:
    shop.write(rows.conversation)
    return shop


def test_a_row_has_question_answer_and_the_marketplaces_code(asked: Cli) -> None:
    [row] = sheet(asked)
    assert tuple(row) == inquiry_exports.COLUMNS
    assert row["customer_address"].endswith("@customer.example")
    assert (row["number"], row["status"]) == ("1", "S3")
    assert (row["question"], row["answer"]) == ("送料はいくらですか", "500円です")
    assert (row["asked_at"], row["answered_at"]) == ("2026-11-20T14:03:00+09:00", "2026-11-20T15:03:00+09:00")
    assert (row["store"], row["order_number"], row["unread"], row["tags"]) == ("testshop", "20261120001", "no", "")


def test_each_state_has_its_code(shop: Cli) -> None:
    for status in InquiryStatus:
        shop.write(lambda session, status=status: rows.question(session, status=status))  # type: ignore[misc]
    assert {row["status"] for row in sheet(shop)} == {"S1", "S2", "S3"}
    assert [row["status"] for row in sheet(shop, "--status", "in_progress")] == ["S2"]


def test_the_answer_is_the_last_and_neither_a_note_nor_the_notice_of_a_hide(asked: Cli) -> None:
    async def more(session: AsyncSession) -> None:
        for direction, author, text in (
            (Direction.IN, Author.CUSTOMER, "もう一つ"),
            (Direction.OUT, Author.SELLER, "最後の答え"),
            (Direction.OUT, Author.GATEWAY, "非表示の理由"),
            (Direction.INTERNAL, Author.SELLER, "メモ2"),
        ):
            session.add(Message(inquiry_number=1, direction=direction, author=author, at=rows.AT, text=text))
            await session.flush()

    asked.write(more)
    [row] = sheet(asked)
    assert (row["question"], row["answer"], row["messages"]) == ("送料はいくらですか", "最後の答え", "5")


def test_text_that_a_spreadsheet_would_compute_stays_text(shop: Cli) -> None:
    formula = '=HYPERLINK("http://bad.example","見る")'
    shop.write(lambda session: rows.question(session, formula, title="+81 への電話"))
    [row] = sheet(shop)
    assert (row["title"], row["question"]) == ("'+81 への電話", f"'{formula}")
    [line] = json.loads(shop("inquiry", "export", "--json").stdout)
    assert (line["title"], line["question"]) == ("+81 への電話", formula)


def test_lines_quotes_and_commas_come_back_as_they_were(shop: Cli) -> None:
    text = '一行目\n"二行目", 三行目\n\n終わり'
    shop.write(lambda session: rows.question(session, text))
    assert [row["question"] for row in sheet(shop)] == [text]


@pytest.mark.parametrize("filters", [(), ("--since", "2026-11-01"), ("--words", "お願いします")])
def test_no_limit_and_each_once(shop: Cli, filters: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiry_exports, "PAGE", 3)

    async def many(session: AsyncSession) -> None:
        for _ in range(10):
            await rows.question(session)

    shop.write(many)
    assert [int(row["number"]) for row in sheet(shop, *filters)] == list(range(10, 0, -1))
    assert [row["number"] for row in json.loads(shop("inquiry", "export", "--json", *filters).stdout)] == list(
        range(10, 0, -1)
    )


def test_nothing_to_export(shop: Cli) -> None:
    assert sheet(shop) == []
    assert json.loads(shop("inquiry", "export", "--json").stdout) == []
    assert "there is no store" in shop("inquiry", "export", "--store", "nowhere", code=1).stderr
