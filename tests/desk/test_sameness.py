"""Which messages may be mere repeats of a question that was answered, and which a person must see."""

import pytest

from gateway.desk.sameness import LONGEST, is_passing, may_repeat, same_subject, same_text

SAME = [
    ("送料はいくらですか。", "送料はいくらですか。"),
    ("送料はいくらですか。", "送料は、いくらですか？？"),
    ("送料はいくらですか。", "お世話になっております。送料はいくらですか。よろしくお願いいたします。"),
    ("送料はいくらですか。", "お忙しいところ恐れ入りますが、送料はいくらでしょうか。"),
    ("この鞄の重さを教えてください。", "この鞄の重さを教えて下さい"),
    ("営業時間を教えてください。", "営業時間を教えていただけますでしょうか。"),
    ("この鞄の素材は何ですか？", "こんにちは。\nこの鞄の\n素材は何ですか？"),
    ("ギフト包装はできますか？", "ギフト包装は出来ますか?"),
    ("ｻｲｽﾞは何ｃｍですか", "サイズは何cmですか？"),
    ("送料は１，０００円ですか？", "送料は1,000円ですか"),
    ("領収書の宛名は会社名でも大丈夫ですか？", "領収書の宛名は会社名でも大丈夫ですか？😊"),
    (
        "はじめまして。山田と申します。名入れには対応していますでしょうか。料金はいくらになりますか。",
        "山田と申します。\n名入れには対応していますか。料金はいくらになりますでしょうか。よろしくお願いします。",
    ),
    (
        "こちらの電気ポットの電圧は海外の100Vから240Vまで対応していますか。変圧器を別に用意する必要があるかどうかもあわせて教えてください。",
        "こちらの電気ポットの電圧は海外の100Vから240Vまで対応していますか。変圧器を別に用意する必要があるかどうもあわせて教えてください。",
    ),
    ("How much is shipping to Korea?", "Hello, how much is shipping to Korea? Thanks"),
    ("What is the material of this bag?", "what is the  material of this bag"),
    ("배송비는 얼마인가요?", "안녕하세요. 배송비는 얼마인가요?"),
    ("请问运费是多少？", "你好，请问运费是多少？谢谢"),
]
OTHER = [
    ("Mサイズの幅は何cmですか", "Lサイズの幅は何cmですか"),
    ("沖縄までの送料はいくらですか。", "北海道までの送料はいくらですか。"),
    ("注文1234の配送方法は何ですか", "注文1235の配送方法は何ですか"),
    ("この鞄の重さを教えてください。", "この鞄の大きさを教えてください。"),
    ("ギフト包装はできますか？", "ギフト包装はできませんか？"),
    ("赤いほうの在庫はありますか？", "あかいほうの在庫はありますか？"),
    ("送料はいくらですか。", "送料はいくらですか。あと、色は選べますか？"),
    ("送料はいくらですか。", "ありがとうございます。では、送料はいくらですか。"),
    (
        "こちらの電気ポットの電圧は海外の100Vから240Vまで対応していますか。変圧器を別に用意する必要があるかどうかもあわせて教えてください。",
        "こちらの電気ポットの電圧は海外の100Vから220Vまで対応していますか。変圧器を別に用意する必要があるかどうかもあわせて教えてください。",
    ),
    (
        "こちらの電気ポットは海外でもそのまま使えると聞いていますが、変圧器を別に用意しておくほうがよいのか教えてください。",
        "こちらの電気ポットは海外でしかそのまま使えると聞いていますが、変圧器を別に用意しておくほうがよいのか教えてください。",
    ),
    ("What is the width of the large bag?", "What is the width of the small bag?"),
    ("배송비는 얼마인가요?", "배송은 얼마나 걸리나요?"),
    ("运费是多少？", "税费是多少？"),
    ("", ""),
    ("よろしくお願いします。", "お世話になっております。"),
]
FOR_A_PERSON = [
    "まだ届きません。いつ届きますか？",
    "商品が届きません。どうすればいいですか？",
    "届いていないようですが、いつ届きますか？",
    "再度お尋ねします。送料はいくらですか？",
    "【再送】送料はいくらですか？",
    "お返事がないのですが、送料はいくらですか？",
    "先日も質問しましたが、送料はいくらですか？",
    "回答をいただいておりません。送料はいくらですか？",
    "至急、送料を教えてください。",
    "どうして教えてもらえないのですか？",
    "何度も聞いています。送料はいくらですか？",
    "結局、送料はいくらですか？",
    "キャンセルしてください。",
    "キャンセルできますか？",
    "返品はできますか？",
    "返金はいつになりますか？",
    "サイズをLにしてください。",
    "カタログを送ってください。",
    "カタログを送っていただけますか？",
    "領収書を発行してほしいのですが、できますか？",
    "壊れていました。どうしたらいいですか？",
    "違う色が届いたのですが、どうなりますか？",
    "電源が入らないのですが、使い方を教えてください。",
    "説明書の通りにしても動きません。やり方を教えてください。",
    "送料はいくらですか？💢",
    "送料はいくらですか？(怒)",
    "住所が変わりました。",
    "ありがとうございました。",
    "お願いします。",
    "どうですか？",
    "教えてください。",
    "Where is my order? It still has not arrived.",
    "Could you please ship it to Korea?",
    "Why didn't you answer? How much is shipping?",
    "Can you cancel it?",
    "아직 안 왔어요. 언제 오나요?",
    "취소해 주세요.",
    "还没收到，什么时候到？",
    "请取消订单。",
    "送料はいくらですか？" * (LONGEST // 10 + 1),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_differs_in_manners_alone_is_the_same_question(one: str, other: str) -> None:
    assert same_text(one, other)
    assert same_text(other, one)
    assert may_repeat(one)
    assert may_repeat(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_a_word_a_number_or_a_turn_makes_it_another_question(one: str, other: str) -> None:
    assert not same_text(one, other)
    assert not same_text(other, one)


@pytest.mark.parametrize("text", FOR_A_PERSON)
def test_a_reminder_a_wish_or_a_complaint_is_never_a_mere_repeat(text: str) -> None:
    assert not may_repeat(text)


def test_a_subject_can_remind_too() -> None:
    asked = "送料はいくらですか？"
    assert may_repeat(asked, "送料について")
    assert not may_repeat(asked, "【再送】送料について")
    assert not may_repeat(asked, "返事をください")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("送料について", "Re: 送料についてのお問い合わせ", True),
        ("", "お問い合わせ", True),
        ("送料の件", "送料について", True),
        ("Ｍサイズについて", "Lサイズについて", False),
        ("", "Lサイズの件", False),
    ],
)
def test_a_subject_names_the_matter(one: str, other: str, same: bool) -> None:
    assert same_subject(one, other) is same


@pytest.mark.parametrize(
    ("text", "passing"),
    [
        ("いつ発送されますか。", True),
        ("この鞄は在庫がありますか？", True),
        ("When will it arrive?", True),
        ("この鞄の重さを教えてください。", False),
        ("How much is shipping?", False),
    ],
)
def test_some_answers_are_another_tomorrow(text: str, passing: bool) -> None:
    assert is_passing(text) is passing
