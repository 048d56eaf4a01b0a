"""What of a seller's mail is looked at before it leaves: only what the public may come to read."""

import pytest

from gateway.desk.file_limits import FileLimits, excess, passed
from gateway.desk.intent import Intent, Refusal
from gateway.desk.personal_data_guard import found_in
from gateway.desk.situation import Candidate, Situation
from gateway.mail.values import AttachedFile
from gateway.store.states import Origin
from tests.desk.builders import NOW, customer, inquiry


def _situation(origin: Origin = Origin.PRODUCT_PAGE) -> Situation:
    return Situation(now=NOW, named=Candidate(inquiry(origin=origin), customer(name="山田 花子")))


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("山田様\n\nございます。", None),
        ("山田花子様、お問い合わせありがとうございます。", None),
        ("　山田 花子 様\nございます。", None),
        ("山田様のご住所へお送りします。", "【山田様】のご住所へお送りします。"),
        ("ご注文は山田様、で承りました。", "ご注文は【山田様】、で承りました。"),
        ("山田様\n03-1234-5678へどうぞ。", "山田様\n【03-1234-5678】へどうぞ。"),
        ("hanako@customer.exampleへ送りました。", "【hanako@customer.example】へ送りました。"),
        ("商品コード598405570、11月20日、2,980円、120cmです。", None),
    ],
)
def test_all_but_the_greeting_is_looked_at(text: str, marked: str | None) -> None:
    found = found_in(Intent("answer", text=text), _situation())
    assert (found.text if found else None) == marked


@pytest.mark.parametrize("act", ["note", "auto", "status", "help"])
def test_what_nobody_will_read_on_a_page_is_nobodys_business(act: str) -> None:
    assert found_in(Intent(act, text="03-1234-5678"), _situation()) is None
    assert found_in(Intent("answer", text="03-1234-5678"), _situation(Origin.DIRECT)) is None
    assert found_in(Refusal("empty"), _situation()) is None


def test_the_title_and_the_reason_of_a_hide_are_both_looked_at() -> None:
    found = found_in(Intent("hide", title="山田花子様のご質問", text="090-1234-5678がありました。"), _situation())
    assert found is not None
    assert found.text == "【山田花子様】のご質問\n\n【090-1234-5678】がありました。"
    assert found.kinds == ("name", "telephone")


def test_files_go_one_after_the_other_as_they_fit() -> None:
    files = [AttachedFile(str(size), "image/png", b"x" * size) for size in (60, 50, 40, 1)]
    assert passed(files, FileLimits(octets=100, number=9)) == [True, False, True, False]
    assert passed(files, FileLimits(octets=1000, number=2)) == [True, True, False, False]
    assert passed([], FileLimits()) == []
    assert excess(files, FileLimits(octets=151, number=4)) is None
    assert excess(files, FileLimits(octets=150, number=4)) == ("files_too_big", (("size", "0.0"), ("limit", "0.0")))
    assert excess(files, FileLimits(octets=151, number=3)) == ("too_many_files", (("count", "4"), ("limit", "3")))
