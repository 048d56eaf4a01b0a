"""A subject that machines and people write alike is a machine's only where something else bears it out."""

import pytest

from gateway.mail.parse import parse
from gateway.mail.values import Machine

ANSWERING = "In-Reply-To: <ours@desk.example>\r\n"
ORDINARY = "Return-Path: <yamada@example.jp>\r\n"
PLAIN = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"

BARE = [
    "自動返信",
    "自動応答",
    "Out of Office",
    "Auto reply",
    "Automatic reply",
    "Vacation reply",
    "자동응답",
    "自动回复",
]
WITHIN_A_SENTENCE = ["【自動返信】が来ない", "【自動返信】について", "[자동응답] 말고 답변 주세요", "[自动回复]不对"]
BEFORE_WORDS = [
    "Automatic reply: why?",
    "Out of Office: which chair is it?",
    "自动回复：谢谢",
    "自動返信：もう要りません",
]
BODY = "注文 55 の件、返事をください。"
AWAY = "I am out of the office and will reply on my return."


def machine(subject: str, body: str, header: str = "", sender: str = "Yamada <yamada@example.jp>") -> Machine | None:
    text = body.replace("\n", "\r\n")
    return parse(f"{header}From: {sender}\r\nSubject: {subject}\r\n{PLAIN}\r\n{text}\r\n".encode()).machine


@pytest.mark.parametrize("subject", [*BARE, *WITHIN_A_SENTENCE])
@pytest.mark.parametrize("header", ["", ORDINARY, ORDINARY + ANSWERING])
def test_a_filters_mark_makes_no_machine(subject: str, header: str) -> None:
    assert machine(subject, BODY, f"{header}X-Spam-Flag: YES\r\n") is None


@pytest.mark.parametrize("subject", [*BARE, *WITHIN_A_SENTENCE])
@pytest.mark.parametrize("header", ["", ORDINARY, ORDINARY + ANSWERING])
def test_a_person_may_call_his_mail_an_auto_reply(subject: str, header: str) -> None:
    assert machine(subject, BODY, header) is None


@pytest.mark.parametrize("subject", BEFORE_WORDS)
@pytest.mark.parametrize("header", ["", ORDINARY])
def test_a_person_may_write_about_an_auto_reply_after_a_colon(subject: str, header: str) -> None:
    assert machine(subject, BODY, header) is None


@pytest.mark.parametrize(
    "body",
    ["Out of office hours, can I collect it?", "Is the chair 'Out of Office' in stock?", "Your reply was no help."],
)
def test_words_about_an_office_are_no_absence(body: str) -> None:
    assert machine("Out of Office: chair", body, ORDINARY) is None
    assert machine("Out of office", body, ORDINARY) is None


@pytest.mark.parametrize("subject", [*BARE, *BEFORE_WORDS])
@pytest.mark.parametrize("header", ["Return-Path: <>\r\n", "X-Auto-Response-Suppress: All\r\n"])
def test_the_same_subject_with_a_mark_is_a_machines(subject: str, header: str) -> None:
    assert machine(subject, BODY, header) == Machine.AUTO_REPLY


@pytest.mark.parametrize("subject", BARE)
def test_the_same_subject_over_words_of_absence_is_a_machines(subject: str) -> None:
    assert machine(subject, AWAY, ORDINARY) == Machine.AUTO_REPLY


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("AUTO: Hanako Sato is out of the office (returning 12/03/2026)", "I am out of the office until 12/03/2026."),
        ("AUTO: 佐藤 花子 は不在です (戻り 2026/12/03)", "2026/12/03 まで不在です。"),
        (
            "Hanako Sato/Desk/Example is out of the office.",
            "I will be out of the office starting 11/26/2026 and will not return until 12/03/2026.",
        ),
        (
            "Away",
            'I am out of the office until Monday.\n\nNote: This is an automated response to your message "order" sent '
            "on 11/26/2026.",
        ),
        ("外出", "3日まで不在です。\n\nこれは、11/26 に送信されたメッセージ「在庫」に対する自動応答です。"),
    ],
)
def test_notes_tells_who_is_away_without_any_mark(subject: str, body: str) -> None:
    assert machine(subject, body, ORDINARY) == Machine.AUTO_REPLY


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Sato is out of the office.", "Sato is out of the office, so I answer for him: blue, please."),
        ("Re: order", "Take the blue one.\n\nThis is an automated response to your message: you see what I got."),
        ("Auto: Teile (zurück am Montag)", "Ich suche Teile für mein Auto."),
        ("order", "Nobody answered. It said: only notification you will receive while this person is away."),
    ],
)
def test_a_person_tells_who_is_away_in_his_own_words(subject: str, body: str) -> None:
    assert machine(subject, body, ORDINARY) is None


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("Postmaster Taro <taro@example.jp>", "Undelivered order"),
        ("Daemon Kelly <daemon@example.ie>", "Delivery failed"),
        ("Mail Administrator Mori <mori@example.jp>", "Returned mail"),
        ("森 <postmaster@example.jp>", "配信エラーの件"),
    ],
)
def test_a_name_and_an_address_are_no_proof_of_a_server(sender: str, subject: str) -> None:
    path = f"Return-Path: <{sender.partition('<')[2]}\r\n"
    assert machine(subject, "Please send it again. I paid 550 yen.", path, sender) is None


@pytest.mark.parametrize(
    "subject", ["Re: Undelivered Mail Returned to Sender", "Re: 配信エラーの件", "RE: failure notice"]
)
@pytest.mark.parametrize("path", ["", "Return-Path: <postmaster@example.jp>\r\n"])
def test_the_person_behind_postmaster_may_answer_us(subject: str, path: str) -> None:
    body = (
        "直しました。再送してください。\n\n> This is the mail system at host mx.example.jp.\n> 550 5.1.1 User unknown"
    )
    assert machine(subject, body, path + ANSWERING, "森 <postmaster@example.jp>") is None


@pytest.mark.parametrize("path", ["", "Return-Path: <>\r\n", "Return-Path: <postmaster@mx.example>\r\n"])
def test_a_server_that_can_be_answered_is_known_by_what_it_says(path: str) -> None:
    said = "The following mail could not be delivered.\n550 5.1.1 <hanako@shop.example> unknown"
    assert machine("Undeliverable: order", said, path, "postmaster@mx.example") == Machine.BOUNCE


@pytest.mark.parametrize(
    ("sender", "subject", "body"),
    [
        ("Example Spam Firewall <postmaster@mx.example>", "**Message you sent blocked by our bulk email filter**",
         "Your message to: hanako@shop.example\nwas blocked by our Spam Firewall."),
        ("Postmaster <postmaster@mx.example>", "Error sending message [77.1.mx.example] from [desk.example]",
         "[<00>] XMail bounce: Rcpt=[hanako@shop.example];Error=[550 no]"),
        ("mail_master@kr.example", "[메일 전송 실패] 메일이 전송되지 못했습니다", "보내신 메일이 전송되지 못했습니다."),
        ("postmaster@kr.example", "[발송실패 안내] 주문", "메일이 아래 수신자에게 전송되지 못했습니다."),
    ],
)  # fmt: skip
def test_more_servers_are_known_by_their_words(sender: str, subject: str, body: str) -> None:
    assert machine(subject, body, "Return-Path: <>\r\n", sender) == Machine.BOUNCE
