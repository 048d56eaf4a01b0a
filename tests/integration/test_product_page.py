"""F16 over SMTP and HTTP: what a product's page shows of its questions, and from when."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.store.tables import Product
from tests.integration.house import DOMAIN, HANAKO, SUZUKI, TANAKA, House, open_house
from tests.integration.web import Answered, get

PAGE, FEED = "/stores/testshop/products/598405570/questions", "/stores/testshop/products/598405570/questions.json"
PRODUCT = f"testshop+p598405570@{DOMAIN}"
SATO = "sato@customer.example"


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """Two shops, one product, and a web page."""
    async with open_house(tmp_path, database_url, listen="127.0.0.1:0") as opened:
        await opened.add_store("testshop", SUZUKI)
        await opened.add_store("othershop", TANAKA)
        await opened.add(Product(store_id=1, code="598405570", name="テスト商品（ラップ）"))
        yield opened


async def _get(house: House, path: str, **header: str) -> Answered:
    return await get(house.running.http_ports["public"], path, **header)


async def test_F16_a_question_is_public_at_once_and_its_answer_when_it_has_left(house: House) -> None:
    assert (await _get(house, FEED)).json == []
    await house.writes(
        HANAKO, PRODUCT, "山田と申します。Lサイズはありますか。\n-- \n山田花子", From=f"山田 花子 <{HANAKO}>"
    )
    told = await house.gets(SUZUKI)
    (question,) = (await _get(house, FEED)).json
    assert question["number"] == 1
    assert question["question"] == "○○と申します。Lサイズはありますか。"
    assert question["answers"] == []
    assert question["asked_at"].endswith("+09:00")

    await house.writes(SUZUKI, told.from_address, "山田様\n\nLサイズもございます。<b>赤</b>です。")
    answer = await house.gets(HANAKO)
    await house.gets(SUZUKI, "送信しました")  # written when the answer's 250 is recorded
    (question,) = (await _get(house, FEED)).json
    assert [one["text"] for one in question["answers"]] == ["Lサイズもございます。<b>赤</b>です。"]

    await house.writes(HANAKO, answer.from_address, "Mサイズの色は？")
    again = await house.gets(SUZUKI)
    (question,) = (await _get(house, FEED)).json
    assert question["follow_ups"] == []  # a later mail is public only once it is answered
    await house.writes(SUZUKI, again.from_address, "Mは青です。")
    await house.gets(HANAKO)
    await house.gets(SUZUKI, "送信しました")
    (question,) = (await _get(house, FEED)).json
    (later,) = question["follow_ups"]
    assert (later["question"], [one["text"] for one in later["answers"]]) == ("Mサイズの色は？", ["Mは青です。"])

    html = await _get(house, PAGE)
    assert html.header["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="ja">' in html.text
    assert "テスト商品（ラップ）についてのお問い合わせ" in html.text
    assert "&lt;b&gt;赤&lt;/b&gt;" in html.text
    assert "<script" not in html.text
    assert "山田" not in html.text
    assert HANAKO not in html.text
    policy = html.header["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


async def test_F16_who_asked_without_proof_is_shown_with_the_answer(house: House) -> None:
    await house.writes(HANAKO, PRODUCT, "赤はありますか。", authenticated=False)
    told = await house.gets(SUZUKI)
    assert "商品ページにはまだ表示していません" in told.text
    assert (await _get(house, FEED)).json == []
    await house.writes(SUZUKI, told.from_address, "ございます。")
    await house.gets(SUZUKI, "送信しました")
    (question,) = (await _get(house, FEED)).json
    assert (question["question"], question["answers"][0]["text"]) == ("赤はありますか。", "ございます。")


async def test_F12_personal_data_in_a_question_is_never_shown(house: House) -> None:
    await house.writes(HANAKO, PRODUCT, "赤はありますか。090-1234-5678 に電話をください。")
    told = await house.gets(SUZUKI)
    assert "個人情報と思われる部分" in told.text
    assert "090-1234-5678" in told.text
    assert (await _get(house, FEED)).json == []
    await house.writes(SUZUKI, told.from_address, "ございます。")
    await house.gets(SUZUKI, "送信しました")
    (question,) = (await _get(house, FEED)).json
    assert question["question"] == "赤はありますか。＊＊＊ に電話をください。"


async def test_F16_the_name_given_once_is_shown_in_none_of_the_later_mails(house: House) -> None:
    await house.writes(HANAKO, PRODUCT, "赤は\u202eありますか。", From=f"山田 花子 <{HANAKO}>")
    told = await house.gets(SUZUKI)
    await house.writes(SUZUKI, told.from_address, "ございます。")
    await house.writes(HANAKO, (await house.gets(HANAKO)).from_address, "山田です。Mはどうですか。")
    again = await house.gets(SUZUKI, "テスト2")
    await house.writes(SUZUKI, again.from_address, "\u2067Mもございます。")
    await house.gets(HANAKO)
    await house.gets(SUZUKI, "送信しました")
    await house.gets(SUZUKI, "送信しました")
    (question,) = (await _get(house, FEED)).json
    assert question["follow_ups"][0]["question"] == "○○です。Mはどうですか。"
    assert question["question"] == "赤はありますか。"  # U+202E would turn what follows around
    assert question["follow_ups"][0]["answers"][0]["text"] == "Mもございます。"


async def test_F16_what_came_otherwise_is_nobody_elses_business(house: House) -> None:
    await house.writes(HANAKO, f"testshop@{DOMAIN}", "598405570の色は？")
    await house.writes(HANAKO, f"othershop+p598405570@{DOMAIN}", "othershopへの質問です。")
    told = await house.gets(SUZUKI)
    await house.gets(TANAKA)
    await house.writes(SUZUKI, told.from_address, "青です。")
    await house.gets(SUZUKI, "送信しました")
    assert (await _get(house, FEED)).json == []
    assert [one["question"] for one in (await _get(house, FEED.replace("testshop", "othershop"))).json] == [
        "othershopへの質問です。"
    ]


async def test_F16_who_is_silenced_is_not_seen(house: House) -> None:
    await house.writes(HANAKO, PRODUCT, "安いバッグはこちら")
    told = await house.gets(SUZUKI)
    assert len((await _get(house, FEED)).json) == 1
    await house.writes(SUZUKI, told.from_address, "#迷惑")
    await house.gets(SUZUKI, "変更しました")
    assert (await _get(house, FEED)).json == []
    await house.writes(SUZUKI, told.from_address, "#要対応")
    await house.gets(SUZUKI, "変更しました")
    assert len((await _get(house, FEED)).json) == 1


async def test_F16_the_feed_speaks_http(house: House) -> None:
    await house.writes(HANAKO, PRODUCT, "赤はありますか。")
    await house.gets(SUZUKI)
    feed = await _get(house, FEED)
    assert await _get(house, PAGE, Accept="application/json") == feed
    assert await _get(house, "/products/598405570/questions.json") == feed
    assert (await _get(house, PAGE, Accept="text/html,application/json;q=0.9")).text.startswith("<!DOCTYPE html>")
    same = await _get(house, FEED, If_None_Match=f'"other", {feed.header["etag"]}')
    assert (same.status, same.text, same.header["etag"]) == (304, "", feed.header["etag"])
    head = await _get(house, FEED, method="HEAD")
    assert (head.status, head.text, head.header["etag"]) == (200, "", feed.header["etag"])
    await house.writes(SATO, PRODUCT, "青はありますか。")
    await house.gets(SUZUKI)
    assert (await _get(house, FEED, If_None_Match=feed.header["etag"])).status == 200

    assert (await _get(house, "/stores/testshop/products/nothing/questions.json")).json == []
    assert (await _get(house, "/products/nothing/questions.json")).json == []
    assert (await _get(house, "/products/%00/questions.json")).json == []
    for path in ("/", "/metrics", "/healthz", "/stores/nowhere/products/598405570/questions", "/docs"):
        assert (await _get(house, path)).status == 404
    assert (await _get(house, PAGE, method="POST")).status == 405
    assert (await _get(house, f"{FEED}?before=2")).json == feed.json
    assert (await _get(house, f"{FEED}?before=x")).status == 400


async def test_A24_health_is_for_this_machine_alone(house: House) -> None:
    port = house.running.http_ports["http"]
    await house.writes(HANAKO, PRODUCT, "赤はありますか。")
    await house.gets(SUZUKI)
    with pytest.raises(Exception, match="550"):
        await house.writes(HANAKO, f"nosuchshop@{DOMAIN}", "赤はありますか。")
    assert (await get(port, "/healthz")).text == "ok\n"
    assert (await get(port, "/readyz")).text == "ok\n"
    numbers = (await get(port, "/metrics")).text
    assert "toiawase_mails_received_total 1.0\n" in numbers
    assert 'toiawase_recipients_refused_total{reason="no such store"} 1.0\n' in numbers
    assert "toiawase_queue_mails 0.0\n" in numbers
    assert 'toiawase_outbox_mails{state="queued"} 0.0\n' in numbers
    assert "toiawase_rules_info{version=" in numbers
    assert [person for person in (HANAKO, SUZUKI, "testshop", "customer.example") if person in numbers] == []
    assert (await get(port, "/metrics", Host="gateway.example.jp")).status == 400
    assert (await get(port, PAGE)).status == 404
