"""A store's templates, as the operator keeps them by commands (F6)."""

import pytest

from tests.cli.conftest import Cli


def test_a_template_is_set_listed_changed_and_removed(shop: Cli) -> None:
    assert shop.json("template", "list") == []
    assert "new template 送料" in shop("template", "set", "testshop", "送料", "--text", "500円です。").stdout
    file = shop.folder / "t.txt"
    file.write_text("\ufeff{{ 注文番号 }} は600円です。\n", "utf-8")
    assert "another text" in shop("template", "set", "testshop", " 送料 ", "--file", str(file)).stdout
    listed = shop.json("template", "list", "--store", "testshop")
    assert listed == [{"store": "testshop", "name": "送料", "uses": 0, "text": "{{ 注文番号 }} は600円です。"}]
    shop("template", "remove", "testshop", "返品", code=1)
    shop("template", "remove", "testshop", "送料")
    assert shop.json("template", "list") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ 注文番後 }}", "no merge field"),
        ("{% if order %}", "no merge field"),
        ("｛｛ order_nr ｝｝", "no merge field"),
        ("#完了\n500円です。", "is a command"),
        ("500円です。\n#完了", "is a command"),
        (" \n", "no text"),
        ("あ" * 1001, "1001/1000"),
    ],
)
def test_a_text_that_could_not_be_sent_is_no_template(shop: Cli, text: str, said: str) -> None:
    assert said in shop("template", "set", "testshop", "送料", "--text", text, code=1).stderr


@pytest.mark.parametrize(
    ("octets", "said", "code"),
    [(b"", "no text in", 1), (b"\xf8", "is not UTF-8", 2), (None, "cannot be read: No such file or directory", 2)],
)
def test_a_file_that_is_no_text_is_told(shop: Cli, octets: bytes | None, said: str, code: int) -> None:
    file = shop.folder / "t.txt"
    if octets is not None:
        file.write_bytes(octets)
    told = shop("template", "set", "testshop", "送料", "--file", str(file), code=code).stderr
    assert said in told
    assert str(file) in told


def test_a_store_without_inquiries_goes_with_its_templates(shop: Cli) -> None:
    shop("template", "set", "testshop", "送料", "--text", "500円です。")
    shop("store", "remove", "testshop")
    assert shop.json("template", "list") == []
