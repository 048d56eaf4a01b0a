"""What `定型` does by mail to the desk, on both databases (F6)."""

from gateway.desk.templates import answer
from gateway.store.database import Database
from gateway.store.tables import Store
from gateway.store.templates import count_use, of_store
from tests.worker.hands import NOW, open_shop


async def test_a_seller_keeps_templates_by_mail(database: Database) -> None:
    await open_shop(database)

    async def says(words: str, text: str = "", language: str = "ja") -> str:
        async with database.write() as session:
            return (await answer(session, await session.get_one(Store, 1), words, text, language, NOW)).text

    async def kept() -> dict[str, str]:
        async with database.read() as session:
            return {template.name: template.text for template in await of_store(session, 1)}

    assert (await says("")).startswith("定型文はまだ登録されていません。")
    assert "「#定型 送料」と書くと" in await says("登録 送料", "{{ お客様名 }}様\n500円です。\n")
    assert "次の文に変更しました" in await says("登録　送料", "600円です。")
    assert "登録しました" in await says("set 返品", "返品はできません。")
    assert await kept() == {"送料": "600円です。", "返品": "返品はできません。"}
    async with database.write() as session:
        await count_use(session, 1)
    listed = await says("")
    assert "・送料（使用 1回）… 600円です。" in listed
    assert "{{ 注文番号 }}" in listed
    assert "600円です。" in await says("送料")
    missing = await says("削除 返", "")
    assert "「返品」のことでしょうか。" in missing
    assert "削除しました" in await says("削除 返品")
    assert "There is no template" in await says("remove 返品", language="en")
    refused = await says("登録 送料", "#処理中\n600円です。")
    assert refused.startswith("定型文を登録できませんでした。「#処理中」")
    assert "差し込み項目はありません" in await says("登録 送料", "{{ 注文 }}")
    assert "名前がありません" in await says("登録", "本文")
    assert (await kept())["送料"] == "600円です。"
