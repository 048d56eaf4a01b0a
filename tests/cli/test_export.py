"""`inquiry export`: a sheet for people, an array for programs."""

import asyncio
import csv
import io
import json
import os
import subprocess
import sys
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli import inquiry_export
from gateway.store import inquiry_exports
from gateway.store.database import Database
from gateway.store.inquiry_filter import Filter
from gateway.store.states import Author, Direction, InquiryStatus
from gateway.store.tables import Inquiry, Message
from tests.cli import rows
from tests.cli.conftest import Cli


def sheet(cli: Cli, *words: str) -> list[dict[str, str]]:
    octets = cli("inquiry", "export", *words).stdout_bytes
    assert octets.startswith(b"\xef\xbb\xbf")  # by which a spreadsheet knows UTF-8
    return list(csv.DictReader(io.StringIO(octets.decode("utf-8-sig"), newline="")))


def listed(cli: Cli, store: str, *words: str) -> list[dict[str, int]]:
    rows: list[dict[str, int]] = cli.json("inquiry", "list", "--store", store, *words)
    return rows


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
            values: dict[str, Any] = {
                "inquiry_number": 1,
                "direction": direction,
                "author": author,
                "at": rows.AT,
                "text": text,
            }
            if direction is Direction.OUT:
                letter = rows.letter("answer", text, "yamada@customer.example", 1)
                await rows.sent(session, letter)
                values["outbox_id"] = letter.id
            session.add(Message(**values))
            await session.flush()

    asked.write(more)
    [row] = sheet(asked)
    assert (row["question"], row["answer"]) == ("送料はいくらですか", "最後の答え")


def test_an_answer_that_has_not_left_is_none(shop: Cli) -> None:
    async def answered(session: AsyncSession) -> None:
        asked = await rows.question(session)
        letter = rows.letter("answer", "message:2", "yamada@customer.example", asked.number)
        session.add(letter)
        await session.flush()
        session.add(
            Message(
                inquiry_number=asked.number or 0,
                direction=Direction.OUT,
                author=Author.SELLER,
                at=rows.AT,
                text="まだです",
                outbox_id=letter.id,
            )
        )

    shop.write(answered)
    [row] = sheet(shop)
    assert (row["answer"], row["answered_at"]) == ("", "")


def test_a_question_that_was_split_off_keeps_its_time(shop: Cli) -> None:
    later = rows.AT + timedelta(days=1)
    shop.write(lambda session: rows.question(session, created_at=later))
    [row] = sheet(shop)
    assert row["asked_at"] == "2026-11-20T14:03:00+09:00"


def written_to(file: int, cli: Cli) -> tuple[int, bytes]:
    """Exit code and standard error of an export that goes there; closes it."""
    try:
        config = str(cli.folder / "toiawase.toml")
        words = [sys.executable, "-m", "gateway", "--config", config, "inquiry", "export"]
        ended = subprocess.run(words, stdout=file, stderr=subprocess.PIPE)
        return ended.returncode, ended.stderr
    finally:
        os.close(file)


def test_a_reader_that_went_away_is_no_error_of_the_database(asked: Cli) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    assert written_to(writing, asked) == (1, b"")


def test_a_full_disk_is_told(asked: Cli) -> None:
    code, said = written_to(os.open("/dev/full", os.O_WRONLY), asked)
    assert code == 1
    assert b"the export cannot be written: No space left on device" in said


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_full_disk_under_the_temporary_file_is_no_error_of_the_database(
    asked: Cli, form: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inquiry_export, "TemporaryFile", partial(open, "/dev/full", "r+b"))
    said = asked("inquiry", "export", *form, code=1).stderr
    assert said == "toiawase: the export cannot be written: No space left on device\n"


def test_a_store_that_is_not_there_leaves_nothing(shop: Cli) -> None:
    assert shop("inquiry", "export", "--store", "nowhere", code=1).stdout == ""


@pytest.mark.parametrize("sign", ["=", "＝", "-", "\t@"])
def test_text_that_a_spreadsheet_would_compute_stays_text(shop: Cli, sign: str) -> None:
    formula = f'{sign}HYPERLINK("http://bad.example","見る")'
    shop.write(lambda session: rows.question(session, formula, title="+81 への電話"))
    [row] = sheet(shop)
    assert (row["title"], row["question"]) == ("'+81 への電話", f"'{formula}")
    [line] = json.loads(shop("inquiry", "export", "--json").stdout)
    assert (line["title"], line["question"]) == ("+81 への電話", formula)


def test_lines_quotes_and_commas_come_back_as_they_were(shop: Cli) -> None:
    text = '一行目\n"二行目", 三行目\n\n終わり'
    shop.write(lambda session: rows.question(session, text))
    assert [row["question"] for row in sheet(shop)] == [text]


def test_of_one_store(asked: Cli) -> None:
    asked("store", "add", "other", "--title", "別の店", "--seller", "b@shop.example")
    assert [len(sheet(asked, "--store", store)) for store in ("testshop", "other")] == [1, 0]


def test_a_mail_that_comes_meanwhile_moves_nothing(shop: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiry_exports, "PAGE", 2)

    async def asked(session: AsyncSession) -> list[int | None]:
        return [(await rows.question(session, received_at=rows.AT + timedelta(minutes=n))).number for n in range(6)]

    numbers = shop.write(asked)

    async def exported() -> list[int]:
        found = list[int]()
        database = Database(shop.database_url)
        try:
            async with database.read() as session:
                async for page in inquiry_exports.rows(session, Filter(store="testshop", since=date(2026, 11, 1))):
                    found += [row["number"] for row in page]
                    async with database.write() as other:  # to the oldest, which is then the newest
                        oldest = await other.get(Inquiry, numbers[0])
                        assert oldest is not None
                        oldest.received_at = rows.AT + timedelta(days=1)
        finally:
            await database.close()
        return found

    assert asyncio.run(exported()) == list(reversed(numbers))


@pytest.mark.parametrize("filters", [(), ("--since", "2026-11-01"), ("--words", "お願いします")])
def test_no_limit_and_each_once(shop: Cli, filters: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiry_exports, "PAGE", 3)
    shop("store", "add", "other", "--title", "別の店", "--seller", "b@shop.example")

    async def many(session: AsyncSession) -> None:
        for number in range(10):  # the later ones heard from their customers before the earlier ones
            at = rows.AT - timedelta(hours=number)
            await rows.question(session, store_id=1 + number % 2, received_at=at)

    shop.write(many)
    numbers = [int(row["number"]) for row in sheet(shop, *filters)]
    assert sorted(numbers) == list(range(1, 11))
    shown = [row["number"] for store in ("other", "testshop") for row in listed(shop, store, *filters)]
    assert numbers == shown
    assert [row["number"] for row in json.loads(shop("inquiry", "export", "--json", *filters).stdout)] == numbers


def test_nothing_to_export(shop: Cli) -> None:
    assert sheet(shop) == []
    assert json.loads(shop("inquiry", "export", "--json").stdout) == []
    assert "there is no store" in shop("inquiry", "export", "--store", "nowhere", code=1).stderr
