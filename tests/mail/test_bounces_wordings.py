"""What the words of a refusal are about: the addressee, its domain, a filter, or the sender. All of them invented."""

import pytest

from gateway.mail import bounces

US = "b77-sig@desk.example"

GONE = """550 5.1.1 Account inactive or closed: this mailbox has been closed
550 The account has been deleted
エラー: 該当ユーザーなし
理由: 該当するユーザーが見つかりません
理由: 存在しないユーザーです
理由: 存在しません
原因: アカウントが存在しません
原因: 現在使われていないメールアドレスです
理由: 使用されていないアドレスです
理由: このアドレスは登録されていません
理由: 無効なメールアドレスです
理由: アドレスが間違っています
理由: 送信先サーバーが見つかりません
理由: 解約済みのアドレスです
理由: 退会済み
ユーザー hanako は Domino ディレクトリに登録されていません
原因：无效的收件人
原因：该邮箱已注销
존재하지 않는 계정입니다
all relevant MX records point to non-existent hosts
an MX or SRV record indicated no SMTP service
Your message was not delivered because the destination computer was not found.
DNS Error: lookup of shop.example responded with code NXDOMAIN. Domain name not found: shop.example
198.51.100.9 does not like recipient.\\nRemote host said: 550 5.1.1 sorry\\nGiving up on 198.51.100.9.
198.51.100.9 does not like recipient.\\nRemote host said: 550 5.1.2 sorry\\nGiving up on 198.51.100.9."""

NOT_GONE = """550 Cannot verify sender: user unknown
550 Could not verify sender: mailbox unavailable
550-Callout verification failed: 550 no such user
550-Verification failed for <x@desk.example>: no such user
550 sorry, your envelope sender domain must exist (#5.7.1)
550 return path host unknown
550 Sender domain does not exist
理由: 送信者のアドレスが存在しません
理由: 送信元ドメインが確認できません
差出人（x）が不明です
理由: 迷惑メールとして拒否されました
理由: アドレスに間違いがないか、ご確認ください
宛先のアドレスに間違いはありませんか
宛先に誤りがないかご確認ください
550 Mailbox temporarily closed
550 recipient rejected: message has been deleted by a filter
送信者アドレスが未登録です
未登録のIPアドレスです
送信先メールサーバーに接続できませんでした
理由: ユーザーは存在しますが受信できません
198.51.100.9 failed after I sent the message.\\nRemote host said: 550 5.7.1 rule 12\\nGiving up on 198.51.100.9."""


def failure(reply: str, address: str = "hanako@shop.example") -> bounces.Failure:
    """What is read where a server gives `reply` for one recipient."""
    said = reply.replace("\\n", "\n")
    raw = f"From: MAILER-DAEMON@mx.example\nTo: {US}\nContent-Type: text/plain; charset=utf-8\n\n<{address}>:\n{said}\n"
    (found,) = bounces.read(raw.encode()).recipients
    return found


def reported(diagnostic: str, action: str = "failed", status: str = "5.0.0", notice: str = "") -> bounces.Failure:
    """The same in the fields of RFC 3464, under the words of `notice`."""
    raw = f"""From: MAILER-DAEMON@mx.example
To: {US}
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

{notice}
--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; hanako@shop.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}
--b--
"""
    (found,) = bounces.read(raw.encode()).recipients
    return found


@pytest.mark.parametrize("reply", GONE.splitlines())
def test_an_address_that_will_never_work_is_dead(reply: str) -> None:
    assert failure(reply).permanent
    assert failure(reply).dead


@pytest.mark.parametrize("reply", NOT_GONE.splitlines())
def test_a_complaint_about_something_else_leaves_the_address_alive(reply: str) -> None:
    assert not failure(reply).dead


@pytest.mark.parametrize("label", ["差出人", "送信元", "発信者"])
def test_a_field_that_names_the_sender_is_no_complaint_about_him(label: str) -> None:
    assert failure(f"{label}: someone\n理由: 宛先不明").dead


@pytest.mark.parametrize(
    "reply", [f"550 <{US}>: user unknown", f"550 your address {US} does not exist", f"550 no such user: {US}"]
)
def test_a_reply_that_names_our_own_address_is_not_about_the_addressee(reply: str) -> None:
    assert reported(reply).permanent
    assert not reported(reply).dead
    assert reported(reply.replace(US, "hanako@shop.example")).dead


AT_THE_END = "<hanako@shop.example>: host mx.shop.example said: {} (in reply to end of DATA command)"


@pytest.mark.parametrize(
    ("reply", "dead"),
    [
        ("550 Invalid recipient: <hanako@shop.example>", True),
        ("550 user not found", True),
        ("550 invalid mailbox. Local mailbox hanako@shop.example is unavailable: user not found", True),
        ("550 5.1.1 Unknown user hanako@shop.example", True),
        ("550 Unknown user hanako@shop.example", False),
        ("550 hanako@shop.example: User unknown", False),
    ],
)
def test_user_unknown_after_data_is_what_carriers_say_of_filtered_mail(reply: str, dead: bool) -> None:
    """Docomo and au know an address at RCPT already; what they refuse after DATA is what its owner does not want."""
    assert reported(reply, notice=AT_THE_END.format(reply)).dead == dead
    assert reported(reply, notice=AT_THE_END.format(reply).replace("end of DATA", "RCPT TO")).dead


@pytest.mark.parametrize(
    "words", ["理由: 一時的に配信できません", "temporarily unable to deliver", "a temporary error", "暂时无法投递"]
)
def test_what_is_so_for_now_is_not_permanent(words: str) -> None:
    assert not failure(words).permanent
    assert not failure(words).dead


def test_a_domain_that_does_not_exist_is_final_under_a_temporary_status() -> None:
    gone = reported("DNS Error: DNS type 'mx' lookup of shop.example responded with code NXDOMAIN", status="4.0.0")
    assert gone.permanent
    assert gone.dead
    assert not reported("DNS Error: DNS server returned general failure", status="4.0.0").permanent


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_what_left_for_its_addressee_is_delivered(action: str) -> None:
    assert reported("250 ok", action, "2.0.0").action == "delivered"
