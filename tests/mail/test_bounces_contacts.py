"""Whom a notice says to ask, and who signs it, was not addressed. The mails are invented."""

import pytest

from gateway.mail import bounces
from tests.mail.bounced import ALSO, GONE, REFUSED, Told, read

SIGNED = {
    "regards": (
        "The message you sent to hanako@shop.example could not be delivered: user unknown.\n\n"
        "Regards,\nhelp@mx.example\n"
    ),
    "a role": "Delivery to hanako@shop.example failed: 550 5.1.1 User unknown\n\nYour administrator\nit@mx.example\n",
    "a role below a reason": "hanako@shop.example\n\nuser unknown\n\nThe Postmaster\nhelp@mx.example\n",
    "a signature": "<hanako@shop.example>: 550 user unknown\n\n-- \nMail Team\n<team@mx.example>\n",
    "a signature that explains": "<hanako@shop.example>: user unknown\n\n-- \n<team@mx.example> (all day)\n",
    "a signature with a label": "<hanako@shop.example>: user unknown\n\n-- \nMail address: team@mx.example\n",
    "qmail": (
        "<hanako@shop.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--\nExample IT\nit@mx.example\n"
    ),
    "exim": (
        "The following address(es) failed:\n\n"
        "  hanako@shop.example\n    Unrouteable address\n\n-- \nIT\nit@mx.example\n"
    ),
    "a rule": (
        "<hanako@shop.example> は存在しません。\n\n----------\n見本株式会社 情報システム部\nsupport@mx.example\n"
    ),
    "a rule and nobody": "宛先不明です: hanako@shop.example\n\n----------\nsupport@mx.example\n",
    "a company": (
        "hanako@shop.example 宛のメールは宛先不明のため届きませんでした。\n\n見本株式会社\nsupport@mx.example\n"
    ),
    "a desk": "宛先：hanako@shop.example\n理由：宛先不明\n\nサポートセンター\nsupport@mx.example\n",
    "a desk to ask": "宛先：hanako@shop.example\n理由：宛先不明\n\nお問い合わせ:\nsupport@mx.example\n",
    "an administrator first": (
        "メールサーバー管理者\nadmin@mx.example\n\n下記は存在しない宛先です。\nhanako@shop.example\n"
    ),
    "a label of somebody else": "送信先: hanako@shop.example\n管理者: admin@mx.example\nエラー: 該当ユーザーなし\n",
    "no words but a sentence": "Mail to hanako@shop.example failed: user unknown.\n\nhelp@mx.example\n",
    "Chinese": "您的邮件无法发送给 hanako@shop.example：用户不存在\n\n客服中心\nhelp@mx.example\n",
    "Korean": "hanako@shop.example 주소가 존재하지 않습니다.\n\n고객센터\nhelp@mx.example\n",
}


@pytest.mark.parametrize("words", SIGNED.values(), ids=SIGNED)
def test_who_signs_a_notice_was_not_addressed(words: str) -> None:
    assert read(f"{words}\n--- Below this line is a copy of the message.\n")[0] == [GONE]


NAMED: dict[str, tuple[str, list[Told]]] = {
    "a rule below an introduction": (
        "The following addresses failed:\n--------\nhanako@shop.example\njiro@shop.example\n\nUser unknown\n",
        [GONE, ALSO],
    ),
    "a question above an introduction": (
        "If you have questions, ask the postmaster. The following recipients are unknown:\n\nhanako@shop.example\n",
        [GONE],
    ),
    "a closing above the report": (
        "Sincerely,\nthe mail system\n\nThe following recipients are unknown users:\n  hanako@shop.example\n",
        [GONE],
    ),
    "an address above everything": (
        "hanako@shop.example\n\nEach of the following was rejected: unknown user.\n",
        [GONE],
    ),
    "postfix, wrapped before its reason": (
        "For further assistance, please send mail to postmaster.\n\n<hanako@shop.example>: host mx.shop.example said:\n"
        "    550 5.1.1 User unknown\n\n<jiro@shop.example>: host mx.shop.example said: 550\n    No such user\n",
        [GONE, ALSO],
    ),
    "XMail": (
        "[<00>] XMail bounce: Rcpt=[hanako@shop.example];Error=[550 5.1.1 User unknown]\n\n[<01>] Error sending\n\n"
        "Mail From: <b1-sig@desk.example>\nRcpt To:   <hanako@shop.example>\n",
        [GONE],
    ),
    "a spam firewall": (
        "Your message to: hanako@shop.example\nwas blocked by our Spam Firewall. It has NOT BEEN DELIVERED\n",
        [REFUSED],
    ),
    "Korean fields": (
        "메일이 아래 수신자에게 전송되지 못했습니다.\n\n받는사람 : hanako@shop.example\n실패사유 : 없는 계정입니다.\n",
        [GONE],
    ),
    "Chinese cells": (
        "退信原因  收件人邮件地址（hanako@shop.example）不存在，邮件无法送达。\n发件人  b1-sig@desk.example\n",
        [GONE],
    ),
    "VINES": (
        "To:            hanako@shop.example\nCc:\n\nMessage not delivered to recipients below.  Press F1 for help.\n\n"
        "\tVNM3043:  hanako@shop.example\n\nVNM3043 -- MAILBOX IS FULL\n",
        [REFUSED],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("words", "told"), NAMED.values(), ids=NAMED)
def test_who_was_not_reached_is_told_by_what_stands_around(words: str, told: list[Told]) -> None:
    assert read(f"{words}\n--- Below this line is a copy of the message.\n")[0] == told


def test_an_address_in_an_unknown_language_was_not_reached_unless_it_is_of_somebody_to_ask() -> None:
    words = "Wiadomość nie została dostarczona.\n\nhanako@shop.example\n\nAdministrator\npomoc@mx.example\n"
    assert read(f"{words}\n--- Below this line is a copy of the message.\n")[0] == [REFUSED]


def test_the_only_addressee_of_a_header_in_the_words_was_not_reached() -> None:
    said = "Message could not be delivered.\n\nTo: hanako@shop.example\nFrom: b1-sig@desk.example\n{}\nUser unknown\n"
    head = "From: MAILER-DAEMON@mx.example\nTo: b1-sig@desk.example\n\n"
    assert [f.address for f in bounces.read((head + said.format("")).encode()).recipients] == ["hanako@shop.example"]
    assert bounces.read((head + said.format("Cc: jiro@shop.example\n")).encode()).recipients == ()


def test_a_quoted_header_above_others_that_failed_names_nobody() -> None:
    """A notice that names its recipients below says nothing of those of the header: it may be a list."""
    words = "Your message\n\n  To: list@shop.example\n\ndid not reach the following recipient(s):\n\nc=US;a= ;p=X\n"
    raw = f"From: MAILER-DAEMON@mx.example\nTo: b1-sig@desk.example\n\n{words}"
    assert bounces.read(raw.encode()).recipients == ()
