"""What is told beside thanks: open in what it is of, closed in how it ends, and never with a doubt in it."""

import pytest

from gateway.rules.phrasebook import load_phrasebook
from gateway.rules.says import what_is_said
from tests.rules.shipped import is_only_polite, said

TOLD = (
    "竿の継ぎ目、ロウを塗ったらきしまなくなりました。ありがとうございました。",
    "木目込みの雛、母が縁側に飾って毎日眺めています。お世話になりました。",
    "首軸を締め直したら止まりました。ありがとうございます。",
    "面白い柄で、孫が大喜びでした。ありがとうございました。",
    "店長さんの説明で納得できました。ありがとうございます。",
    "届きました。早速組み立てました。説明書の三ページにありました。丁寧な梱包で、一枚も割れずに届きました。ありがとうございました。",
    "お忙しい中、何度も写真を送っていただきありがとうございました。床の間に飾りました。懐かしかったです。",
    "교환해 주신 신발 딱 맞아요! 고맙습니다.",
    "My husband loves the little dragon on it. Thank you!",
    "Both scarves got here this morning, safe and sound. Cheers!",
    "알려주신 대로 조립했더니 딱 맞네요. 감사합니다.",
    "补发的零件装上了，很合适。辛苦你们了。",
)
OPEN = (
    "ありがとうございました。娘が色が地味だと言いながら着ています。",
    "ありがとうございます。片方のイヤリングは気に入って毎日使っています。",
    "ありがとうございます。犬が喜んで噛んだら綿が出てきました。",
    "ありがとうございます。子どもが喜んで触ったら塗料が手につきました。",
    "ありがとうございます。テープで巻いたら使えるようになりました。",
    "ありがとうございます。母は青が気に入ったようです。",
    "ありがとうございます。木曜に届くと間に合います。",
    "ありがとうございます。近所の電気屋さんに直してもらえました。",
    "ありがとうございます。別の店でぴったりのものを見つけました。",
    "ありがとうございます。もう一着あれば双子が喜びます。",
    "ありがとうございます。交換してもらって大丈夫です。",
    "ありがとうございます。対応が甘いです。",
    "ありがとうございます。不正確に動いています。",
    "あまりの対応に感激しました。",
    "一年待った甲斐がありました。大満足です。",
    "週内の返金だと安心です。",
    "Thanks! She loves the colour, asks where the matching belt is.",
    "It works now but the light flickers. Thanks.",
    "Thank you. I love the green one.",
    "Wool, thanks",
    "감사합니다. 딸이 파란색을 좋아해요.",
    "감사합니다. 껐다 켜니까 되네요. 소리는 작아요.",
    "谢谢，盒子很漂亮，杯子裂了。",
    "顺丰，谢谢",
    "谢谢，小的很合适。",
)
BOOK = """
classes:
  thanks: [ありがとうございました]
  story: [元気です]
  complaint: ['!ひどい', 割れ]
  condition: [たら]
openers: [story]
longest_open: 8
endings:
  story: ['(嬉しそうに)?使って[^、。]{0,4}います']
heeded: [だけ]
harmless: [塗ったら]
cuts: ['ました[^。]']
"""


def _only(text: str) -> bool:
    phrases = load_phrasebook({"phrases/ja.yaml": BOOK.encode()})[0].phrases
    return what_is_said(text, phrases).only({"thanks"}) is not None


@pytest.mark.parametrize("text", TOLD)
def test_a_report_that_ends_well_leaves_thanks_what_they_are(text: str) -> None:
    assert is_only_polite(text)


@pytest.mark.parametrize("text", OPEN)
def test_a_report_with_anything_open_in_it_is_for_a_human(text: str) -> None:
    assert not is_only_polite(text)


def test_a_report_alone_is_no_thanks() -> None:
    assert not is_only_polite("木目込みの雛、母が縁側に飾って毎日眺めています。")


def test_the_ending_that_decided_is_told() -> None:
    words = said("木目込みの雛、母が縁側に飾って眺めています。ありがとうございました。").words
    assert "story: 眺めています" in words


def test_each_part_of_the_file_does_what_it_says() -> None:
    thanks = "。ありがとうございました。"
    assert _only("皿は嬉しそうに使っています" + thanks)
    assert _only("孫は元気です" + thanks), "a phrase of a class of `openers` ends a report, too"
    assert _only("塗ったら使っています" + thanks), "`harmless` takes a doubt back"
    assert _only("使っていましたありがとうございました") is False, "what ends otherwise is no report"
    assert not _only("皿だけ使っています" + thanks), "`heeded`"
    assert not _only("割れても使っています" + thanks), "a doubt in the open letters"
    assert not _only("使って割れています" + thanks), "a doubt in the letters that an ending leaves open"
    assert not _only("とても長い話があってから使っています" + thanks), "`longest_open`"
    assert not _only("ひどい皿を使っています" + thanks)


def test_reports_follow_each_other_without_a_mark() -> None:
    assert _only("皿を使っていますありがとうございました") is False
    assert is_only_polite("娘が毎日使っています ありがとうございました")


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("endings: [a]\n", "must be a mapping, not a list"),
        ("endings:\n  thnaks: [です]\n", "thnaks is no class of this file; did you mean thanks?"),
        ("endings:\n  thanks: です\n", "must be a list of phrases, each in a line that begins with -, not です"),
        ("endings:\n  thanks: ['で(す']\n", "thanks: で(す: missing ): で(?:す"),
        ("openers: [thnaks]\n", "must be a list of classes of this file, not a list"),
        ("longest_open: many\n", "must be a whole number, not many"),
        ("heeded: だけ\n", "must be a list of phrases, each in a line that begins with -, not だけ"),
    ],
)
def test_a_fault_in_what_is_told_names_its_place(more: str, fault: str) -> None:
    text = f"classes:\n  thanks: [ありがとう]\n{more}"
    problems = load_phrasebook({"phrases/ja.yaml": text.encode()})[1]
    assert [str(one).split("\n")[0].split(": ", 1)[1] for one in problems] == [fault]
