"""A customer's data is gone everywhere, and nobody else's, on both databases."""

import asyncio
import json
import zlib
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, String, text, update
from sqlmodel import col, select
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.rules.ruleset import RuleSet
from gateway.store import attempts, ledger
from gateway.store.all_tables import TABLES
from gateway.store.database import Database
from gateway.store.rule_tables import RuleDecision
from gateway.store.search_tokens import tokens
from gateway.store.states import InquiryStatus
from gateway.store.tables import Attachment, Blob, Customer, Draft, History, Inquiry, Message, Outbox, Received
from tests.worker.hands import COLLEAGUE, CUSTOMER, HOUR, SELLER, Desk, open_shop, shop

NAME, TOWN, ORDER, FILE = "花山院花子", "幌延町字幌延", "20261120777", "hanasan-photo"
CANARIES = (CUSTOMER, "hanako@", NAME, TOWN, ORDER, FILE, "secret-mx.example")
OTHER = "jiro@customer.example"
QUESTION = f"""\
From: {NAME} <{CUSTOMER}>\r
To: testshop@q.example.jp\r
Subject: {TOWN}への送料 注文 {ORDER}\r
Message-ID: <q1.hanako@secret-mx.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: text/plain; charset=utf-8\r
\r
{TOWN}への送料はいくらですか。 注文番号: {ORDER}\r
--b\r
Content-Type: text/plain; name="{FILE}.txt"\r
Content-Disposition: attachment; filename="{FILE}.txt"\r
Content-Transfer-Encoding: base64\r
\r
{b64encode(TOWN.encode()).decode()}\r
--b--\r
""".encode()


@pytest.fixture
async def desk(database: Database, shipped: RuleSet, database_url: str, tmp_path: Path) -> Desk:
    """A shop with two customers; of the first it has everything that is ever kept of one."""
    config = f'domain = "q.example.jp"\noperator = "ops@example.jp"\ndatabase = "{database_url}"\n'
    (tmp_path / "toiawase.toml").write_text(config, "utf-8")
    await open_shop(database)
    desk = Desk(database, shipped)
    await desk.gets(f"{OTHER}ですが、色は何色ですか。", sender=OTHER, to=shop(), Subject="色")
    for _ in range(2):  # the second is a duplicate, whose octets are kept too
        await desk.gets_raw(QUESTION, sender=CUSTOMER, to=shop())
    await desk.delivers()
    side = (await desk.sent("notification", SELLER))[-1].from_address
    await desk.gets(f"> {TOWN}への送料\n500円です。", sender=SELLER, to=side)
    await desk.delivers()
    answered = (await desk.sent("answer", CUSTOMER))[0].from_address
    await desk.gets("ありがとうございました。", sender=CUSTOMER, to=answered, From=f"{NAME} <{CUSTOMER}>")
    await desk.delivers()
    await desk.gets("#要対応", sender=SELLER, to=side)  # an example for the rules
    await desk.gets(f"{NAME}様、600円でした。", sender=SELLER, to=side, authenticated=False)  # a draft
    await desk.gets("検索 送料", sender=COLLEAGUE, to="desk@q.example.jp", Subject="検索 送料")
    found = (await desk.sent("list"))[-1]
    await desk.gets(f"> {found.text}", sender=COLLEAGUE, to="desk@q.example.jp", In_Reply_To=found.message_id)
    await desk.delivers()
    return desk


async def _kept(database: Database) -> Iterator[tuple[str, str]]:
    """Every value of every row, in words: octets unpacked, base64 undone by the mail's own reader."""
    found = []
    async with database.read() as session:
        connection = await session.connection()
        for table in TABLES:
            for row in (await connection.execute(table.select())).mappings():
                found += [(f"{table.name}.{name}", _words(value)) for name, value in row.items()]
        entries = await connection.execute(text("SELECT CAST(tokens AS TEXT) FROM search_entry"))
        found += [("search_entry", words) for words in entries.scalars()]
    return iter(found)


def _words(value: Any) -> str:
    if isinstance(value, bytes):
        octets: bytes = value
        with suppress(zlib.error):
            octets = zlib.decompress(value)
        return octets.decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False, default=str)


async def _where(database: Database, words: tuple[str, ...]) -> set[str]:
    return {place for place, kept in await _kept(database) for word in words if word in kept}


async def _erased(folder: Path, *words: str, code: int = 0) -> str:
    return await _asked(folder, "inquiry", "erase", *words, code=code)


async def _asked(folder: Path, *words: str, code: int = 0) -> str:
    arguments = ["--config", str(folder / "toiawase.toml"), *words]
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert result.exit_code == code, f"{result.output}\n{result.exception!r}"
    return result.output


async def test_nothing_of_the_customer_is_left_in_any_table(desk: Desk, tmp_path: Path) -> None:
    before = await _where(desk.database, CANARIES)
    assert {"received.header_from", "received_chunk.data", "message.text", "outbox.text", "customer.address"} <= before
    assert {"inquiry.title", "blob.data", "outbox.html", "attachment.name"} <= before
    said = await _erased(tmp_path, "Q-2")
    assert await _where(desk.database, CANARIES) == set()
    assert f"mails that {SELLER} was sent" in said
    assert CUSTOMER not in said
    async with desk.database.read() as session:
        for model in (Draft, Attachment, Blob):
            assert (await session.exec(select(model))).all() == []
        assert {entry.inquiry_number for entry in await session.exec(select(Message))} == {1}
        assert {decision.inquiry_number for decision in await session.exec(select(RuleDecision))} == {1}
        [proof] = (await session.exec(select(History).where(History.inquiry_number == 2))).all()
        assert (proof.event, proof.by) == ("erased", "operator")
        assert proof.why.startswith("toiawase inquiry erase: ")
        inquiry = await session.get_one(Inquiry, 2)
        assert (inquiry.status, inquiry.erased_at is not None) == (InquiryStatus.DONE, True)
        assert (await ledger.check(session)).problems == []


async def test_nothing_of_the_customer_is_left_in_the_file(sqlite_database: Database, tmp_path: Path) -> None:
    file = Path(sqlite_database.url.database or "")
    config = f'domain = "q.example.jp"\noperator = "ops@example.jp"\ndatabase = "sqlite:///{file}"\n'
    (tmp_path / "toiawase.toml").write_text(config, "utf-8")
    await open_shop(sqlite_database)
    desk = Desk(sqlite_database)
    await desk.gets("色は何色ですか。", sender=OTHER, to=shop())
    await desk.gets_raw(QUESTION, sender=CUSTOMER, to=shop())
    await desk.delivers()
    side = (await desk.sent("notification", SELLER))[-1].from_address
    for category in ("城之内様090-1234", "送料", "白鳥沢様090-1234"):  # the one that stood before, too
        await desk.gets(f"#カテゴリ {category}", sender=SELLER, to=side)
    indexed = [token for token in tokens(TOWN) if len(token) > 1]

    def left() -> set[str]:
        octets = b"".join(path.read_bytes() for path in tmp_path.glob("toiawase.db*"))
        words = {word for word in (*CANARIES, "城之内", "白鳥沢") if word.encode() in octets}
        return words | {token for token in indexed if token.encode() in octets}

    assert {CUSTOMER, NAME, TOWN, "白鳥沢", indexed[0]} <= left()
    await _erased(tmp_path, "2")
    assert left() == set()
    assert OTHER.encode() in file.read_bytes()


async def test_what_a_seller_called_the_matter_is_gone(desk: Desk, tmp_path: Path) -> None:
    side = (await desk.sent("notification", SELLER))[-1].from_address
    await desk.gets(f"#カテゴリ {NAME}様090-1234", sender=SELLER, to=side)
    await desk.gets(f"#件名 {NAME}様の件", sender=SELLER, to=side)
    assert (await desk.inquiry(2)).category == f"{NAME}様090-1234"
    await _erased(tmp_path, "--customer", CUSTOMER)
    assert await _where(desk.database, (*CANARIES, "090-1234")) == set()
    for words in (("inquiry", "list", "--json"), ("inquiry", "show", "2"), ("report", "--store", "testshop", "--json")):
        assert NAME not in await _asked(tmp_path, *words)
    assert (await desk.inquiry(2)).category == "その他"


KEPT_WORDS = {"status", "prior_status", "origin", "nonce"}  # of an inquiry: of fixed lists, and what signs addresses


async def test_no_column_of_an_erased_inquiry_has_words(desk: Desk, tmp_path: Path) -> None:
    """A new column of text belongs into the erasure, or above if nobody writes it."""
    columns: Any = Inquiry.metadata.tables["inquiry"].columns
    kinds = {one.name: getattr(one.type, "impl_instance", one.type) for one in columns}
    written: dict[str, Any] = {name: NAME for name, kind in kinds.items() if isinstance(kind, String)}
    written |= {name: [NAME] for name, kind in kinds.items() if isinstance(kind, JSON)}
    assert written.keys() > KEPT_WORDS
    async with desk.database.write() as session:
        free = {name: value for name, value in written.items() if name not in KEPT_WORDS}
        await session.exec(update(Inquiry).where(col(Inquiry.number) == 2).values(free))
    await _erased(tmp_path, "Q-2")
    assert await _where(desk.database, CANARIES) == set()


HELD_BY_CUSTOMERS = {  # and erased with them, each by a line of store/erasure.py
    *("customer", "inquiry", "received", "received_chunk", "message", "blob", "attachment", "outbox", "outbox_attempt"),
    *("draft", "history", "numbered_mail", "publication", "restriction", "rule_decision", "auto_answer", "suppression"),
}
OF_THE_SHOP = {  # of nobody who asks something; a digest tells nothing of whom it was made from
    *("store", "seller", "staff", "product", "order", "template", "rule_files", "rule_use", "key_fingerprint"),
    "seen_mail",
}


def test_of_every_table_it_is_known_whether_it_tells_of_customers() -> None:
    """A new table belongs into one of these, and into the erasure if it may hold what customers wrote or are."""
    assert {table.name for table in TABLES} == HELD_BY_CUSTOMERS | OF_THE_SHOP


async def test_other_customers_keep_everything(desk: Desk, tmp_path: Path) -> None:
    mails = await _mails_of(desk, OTHER)
    before = [(await desk.inquiry(1)).title, len([row for row in await desk.sent("notification") if "色" in row.text])]
    await _erased(tmp_path, "--customer", CUSTOMER.upper())
    assert await _mails_of(desk, OTHER) == mails
    assert [(await desk.inquiry(1)).title, len(await desk.sent("notification"))] == before
    async with desk.database.read() as session:
        assert OTHER in set(await session.exec(select(Customer.address)))


async def _mails_of(desk: Desk, address: str) -> list[tuple[str, list[dict[str, Any]]]]:
    async with desk.database.read() as session:
        rows = await session.exec(select(Received).where(Received.header_from == address))
        return [(row.queue_id, row.outcome) for row in rows]


async def test_who_writes_again_opens_a_new_inquiry(desk: Desk, tmp_path: Path) -> None:
    side = (await desk.sent("answer", CUSTOMER))[0].from_address
    seller_side = (await desk.sent("notification", SELLER))[-1].from_address
    await _erased(tmp_path, "Q-2")
    mail = await desk.gets("もう一度伺います。", sender=CUSTOMER, to=side)
    [account] = mail.outcome
    assert (account["result"], account["inquiry"], account["matched_by"]) == ("message", 3, "new")
    assert (await desk.inquiry(3)).follows is None
    mail = await desk.gets("500円です。", sender=SELLER, to=seller_side)
    assert mail.outcome[0]["why"] == "the inquiry is erased"
    assert "記録を消去した" in (await desk.sent("returned", SELLER))[-1].text
    assert (await desk.sent("answer")) == []


async def test_one_inquiry_of_two_leaves_the_customer_and_says_so(desk: Desk, tmp_path: Path) -> None:
    await desk.gets("別の質問です。", sender=CUSTOMER, to=shop(), Subject="別件")
    said = await _erased(tmp_path, "Q-2")
    assert "1 other inquiries of the same customer are kept" in said
    assert await _where(desk.database, (TOWN, ORDER, FILE)) == set()
    assert (await desk.inquiry(3)).title == "別件"
    assert "customer.address" in await _where(desk.database, (CUSTOMER,))
    await _erased(tmp_path, "--customer", CUSTOMER)
    assert await _where(desk.database, CANARIES) == set()


async def test_what_is_being_sent_or_not_understood_is_waited_for(desk: Desk, tmp_path: Path) -> None:
    await desk.gets("まだですか。", sender=CUSTOMER, to=shop())
    async with desk.database.write() as session:
        await attempts.claim_due(session, "d", limit=9, now=desk.now, lease=HOUR, wait=lambda _: HOUR, resend=False)
    assert "try again in a minute" in await _erased(tmp_path, "--customer", CUSTOMER, code=75)
    assert CUSTOMER in {row.to_address for row in await desk.sent("answer")}


async def test_what_is_not_there_is_said(desk: Desk, tmp_path: Path) -> None:
    assert "no inquiry Q-99" in await _erased(tmp_path, "Q-99", code=1)
    assert "no inquiry of" in await _erased(tmp_path, "--customer", "nobody@customer.example", code=1)
    await _erased(tmp_path, code=2)
    await _erased(tmp_path, "Q-2")
    assert "erased already" in await _erased(tmp_path, "Q-2", code=1)
    assert json.loads(await _erased(tmp_path, "Q-1", "--json"))["erased"] == [1]
    async with desk.database.read() as session:
        assert (await session.exec(select(Outbox).where(Outbox.inquiry_number != None))).all() == []  # noqa: E711


async def test_what_others_wrote_about_the_customer_stays_and_the_command_says_how_to_find_it(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.gets(f"{CUSTOMER} さんの紹介です。", sender=OTHER, to=shop(), Subject="紹介")
    said = await _erased(tmp_path, "--customer", CUSTOMER)
    assert "`toiawase inquiry list --words ADDRESS`" in said
    found = json.loads(await _asked(tmp_path, "inquiry", "list", "--words", CUSTOMER, "--json"))
    assert [(one["customer"]["address"], one["title"]) for one in found] == [(OTHER, "紹介")]
