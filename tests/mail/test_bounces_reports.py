"""RFC 3464 as it is written and miswritten: fields, groups, encodings, and what stands around them."""

from base64 import b64encode

import pytest

from gateway.mail import bounces
from gateway.mail.bounces import Failure

HEAD = """From: MAILER-DAEMON@mx.example
To: b1-sig@desk.example
Message-ID: <report@mx.example>
Subject: Returned mail
"""
STATUS = """Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; hanako@shop.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <hanako@shop.example>... User unknown
"""


def report(
    status: str, words: str = "", returned: str = "Message-ID: <ours@desk.example>\n", encoding: str = ""
) -> bytes:
    """A multipart/report of the three parts."""
    return f"""{HEAD}Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

{words}
--b
Content-Type: message/delivery-status
{encoding}
{status}
--b
Content-Type: message/rfc822

{returned}
--b--
""".encode()


def only(raw: bytes) -> Failure:
    """The one recipient that is reported."""
    (failure,) = bounces.read(raw).recipients
    return failure


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ("Final-Recipient: rfc822; <hanako@shop.example>", "hanako@shop.example"),
        ("Final-Recipient: hanako@shop.example", "hanako@shop.example"),
        ("FINAL-RECIPIENT:RFC822;hanako@shop.example", "hanako@shop.example"),
        ("Final-Recipient: rfc822;\n hanako@shop.example", "hanako@shop.example"),
        ("Original-Recipient: rfc822; hanako@shop.example", "hanako@shop.example"),
        ("Final-Recipient: rfc822; new@shop.example\nOriginal-Recipient: rfc822; old@shop.example", "new@shop.example"),
        ("Final-Recipient: x400; /C=JP/\nOriginal-Recipient: rfc822; hanako@shop.example", "hanako@shop.example"),
        ("Final-Recipient: rfc822; |/bin/sort x@y.example\nX-Actual-Recipient: rfc822; z@y.example", "z@y.example"),
        ("Final-Recipient: rfc822; hanako@mx1\nOriginal-Recipient: rfc822; hanako@shop.example", "hanako@shop.example"),
        ("Final-Recipient: rfc822; a..b.@docomo.example", "a..b.@docomo.example"),
        ('Final-Recipient: rfc822; "a..b"@docomo.example', '"a..b"@docomo.example'),
    ],
)
def test_the_final_recipient_counts_unless_it_is_no_mail_address(fields: str, address: str) -> None:
    assert only(report(f"{fields}\nAction: failed\nStatus: 5.1.1\n")).address == address


def test_an_address_in_utf8_is_read_from_a_global_report() -> None:
    raw = report("Final-Recipient: utf-8; 花子@shop.example\nAction: failed\nStatus: 5.1.1\n")
    assert only(raw.replace(b"message/delivery", b"message/global-delivery")).address == "花子@shop.example"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("Action: failed\nStatus: 5.1.1", ("5.1.1", "failed", True, True)),
        ("Action: FAILURE\nStatus: 5.1.1", ("5.1.1", "failed", True, True)),
        ("Status: 5.1.1", ("5.1.1", "failed", True, True)),
        ("Action: failed (unknown user)\nStatus: 5.1.1 (bad address)", ("5.1.1", "failed", True, True)),
        ("Action: delayed\nStatus: 4.4.1", ("4.4.1", "delayed", False, False)),
        ("Action: delayed\nStatus: 5.1.1", ("5.1.1", "delayed", False, False)),
        ("Action: delivered\nStatus: 2.1.5", ("2.1.5", "delivered", False, False)),
        ("Action: failed\nStatus: 4.4.7", ("4.4.7", "failed", False, False)),
        ("Action: failed\nStatus: 5.0.0 (recipient reached disk quota)", ("5.0.0", "failed", True, False)),
        ("Action: failed\nStatus: 553 no such user", ("", "failed", True, True)),
        ("Action: failed\nDiagnostic-Code: smtp; 550 5.1.1 unknown user", ("5.1.1", "failed", True, True)),
        ("Action: failed\nDiagnostic-Code: smtp; 450 try later", ("", "failed", False, False)),
        # the far server's code tells more than the summary of the server that reports
        ("Status: 5.0.0\nDiagnostic-Code: smtp; 550 5.1.1 User unknown", ("5.1.1", "failed", True, True)),
        ("Status: 5.1.1\nDiagnostic-Code: smtp; 552 5.2.2 Over quota", ("5.2.2", "failed", True, False)),
        ("Status: 4.5.0\nDiagnostic-Code: smtp; 550 5.7.0 Go away", ("5.7.0", "failed", True, False)),
        (
            "Status: 5.0.0\nDiagnostic-Code: smtp; 550-5.1.1 The email account does\n not exist",
            ("5.1.1", "failed", True, True),
        ),
        ("Status: 5.1.1\nDiagnostic-Code: x-unix; sort-mail: no such user", ("5.1.1", "failed", True, False)),
    ],
)
def test_codes_and_words_together_tell_how_final_a_failure_is(fields: str, expected: tuple[object, ...]) -> None:
    failure = only(report(f"Final-Recipient: rfc822; hanako@shop.example\n{fields}\n"))
    assert (failure.status, failure.action, failure.permanent, failure.dead) == expected


def test_every_recipient_is_told_once_in_the_order_of_the_report() -> None:
    group = "Final-Recipient: rfc822; {}@shop.example\nAction: failed\nStatus: 5.1.1\n"
    raw = report("\n".join(group.format(name) for name in ("hanako", "jiro", "HANAKO", "saburo")))
    assert [f.address.partition("@")[0] for f in bounces.read(raw).recipients] == ["hanako", "jiro", "saburo"]


def test_groups_without_a_blank_line_between_them_are_told_apart() -> None:
    group = "Final-Recipient: rfc822; {}@shop.example\nAction: {}\nStatus: 5.1.1\n"
    raw = report(
        "Reporting-MTA: dns; mx.example\n" + group.format("hanako", "failed") + group.format("jiro", "delayed")
    )
    assert [(f.address, f.action) for f in bounces.read(raw).recipients] == [
        ("hanako@shop.example", "failed"),
        ("jiro@shop.example", "delayed"),
    ]


def test_a_diagnostic_that_is_continued_without_a_space_hides_nothing_below_it() -> None:
    raw = report(
        "Arrival-Date: Thu, 2 Apr 2020 10:00:00 +0900\nDiagnostic-Code: smtp; 550-Please sign in first.\n"
        "550 You are not permitted to relay\nStatus: 5.0.0\nAction: failed\n"
        "Final-Recipient: rfc822; hanako@shop.example\n"
    )
    assert only(raw).diagnostic == "smtp; 550-Please sign in first. 550 You are not permitted to relay"
    assert not only(raw).dead


def test_the_notice_tells_the_reason_where_the_report_has_none() -> None:
    words = "  hanako@shop.example: 550 5.1.1 No such user here\n"
    failure = only(report("Final-Recipient: rfc822; hanako@shop.example\nAction: failed\nStatus: 5.0.0\n", words))
    assert failure.dead


def test_a_notice_of_a_full_mailbox_makes_a_code_for_an_unknown_user_doubtful() -> None:
    assert not only(report(STATUS, "Your mail to hanako was rejected: Not enough disk space\n")).dead


@pytest.mark.parametrize(
    ("words", "dead"),
    [
        ("<hanako@shop.example>: host mx said: 550 User unknown (in reply to RCPT TO command)", True),
        ("<hanako@shop.example>: host mx said: 550 User unknown (in reply to end of DATA command)", False),
        ("<hanako@shop.example>\n... while talking to mx:\n>>> DATA\n<<< 550 User unknown", False),
        (
            "<hanako@shop.example>\n... while talking to mx:\n>>> RCPT To:<hanako@shop.example>\n<<< 550 User unknown",
            True,
        ),
    ],
)
def test_an_unknown_user_is_sure_only_where_no_filter_answers_so(words: str, dead: bool) -> None:
    status = "Final-Recipient: rfc822; hanako@shop.example\nAction: failed\nStatus: 5.0.0\n"
    assert only(report(status + "Diagnostic-Code: smtp; 550 User unknown\n", words + "\n")).dead is dead


@pytest.mark.parametrize(
    ("fields", "words", "dead"),
    [
        ("", "<hanako@shop.example>: host mx said: 550 User unknown (in reply to RCPT TO command)", True),
        ("X-PowerMTA-BounceCategory: bad-mailbox\n", "", True),
        ("", "", False),
    ],
)
def test_a_code_for_a_disabled_mailbox_makes_an_unknown_user_doubtful(fields: str, words: str, dead: bool) -> None:
    status = "Final-Recipient: rfc822; hanako@shop.example\nAction: failed\nStatus: 5.2.1\n"
    assert only(report(f"{status}{fields}Diagnostic-Code: smtp; 550 5.2.1 User unknown\n", words + "\n")).dead is dead


def test_a_report_in_base64_is_read() -> None:
    encoded = b64encode(STATUS.encode()).decode()
    assert only(report(encoded, encoding="Content-Transfer-Encoding: base64\n")).dead


@pytest.mark.parametrize("mark", ["", "> ", ">> "])
def test_a_report_in_the_text_is_read_quoted_or_not(mark: str) -> None:
    status = "".join(mark + line for line in STATUS.splitlines(keepends=True))
    raw = (
        f"{HEAD}\nYour mail was not delivered. Write to postmaster@mx.example if you need help.\n\n{status}\n".encode()
    )
    assert (only(raw).address, only(raw).status, only(raw).dead) == ("hanako@shop.example", "5.1.1", True)


def test_a_report_whose_boundary_was_damaged_is_read() -> None:
    assert only(report(STATUS).replace(b"boundary=b", b"boundary=c")).address == "hanako@shop.example"


def test_an_older_report_inside_the_returned_mail_says_nothing_of_this_one() -> None:
    older = (
        report(STATUS.replace("hanako", "older").replace("=b", "=c")).decode().replace("--b", "--c").replace("=b", "=c")
    )
    assert only(report(STATUS, returned=older)).address == "hanako@shop.example"


def test_a_bounce_that_was_passed_on_is_read() -> None:
    inner = report(STATUS).decode().replace("--b", "--c").replace("=b", "=c")
    outer = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nFYI\n\n--b\nContent-Type: message/rfc822\n"
    assert only(f"{HEAD}{outer}\n{inner}\n--b--\n".encode()).address == "hanako@shop.example"


def passed_on(words: str) -> bytes:
    outer = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nUnable to deliver to <hanako@shop.example>.\n\n"
    inner = f"From: MAILER-DAEMON@far.example\nTo: desk@desk.example\nSubject: Returned mail\n\n{words}"
    return f"{HEAD}{outer}--b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n".encode()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("... while talking to mx.far.example.:\n>>> RCPT To:<hanako@shop.example>\n<<< 550 5.1.1 no such user", True),
        ("... while talking to mx.far.example.:\n>>> RCPT To:<jiro@shop.example>\n<<< 550 5.1.1 no such user", False),
        ("Is hanako@shop.example right? It was no such user when I wrote.", False),
    ],
)
def test_a_gateway_that_passes_a_notice_on_without_a_reason_means_the_reason_in_that_notice(
    words: str, expected: bool
) -> None:
    failure = only(passed_on(words))
    assert (failure.address, failure.permanent, failure.dead) == ("hanako@shop.example", True, expected)


def test_failed_recipients_in_the_header_count_more_than_the_words() -> None:
    raw = b"""From: MAILER-DAEMON@mx.example
X-Failed-Recipients: hanako@shop.example, jiro@shop.example

  alias@shop.example
    (generated from hanako@shop.example)
    550 5.1.1 no such user
"""
    assert [f.address for f in bounces.read(raw).recipients] == ["hanako@shop.example", "jiro@shop.example"]


@pytest.mark.parametrize(
    ("header", "body", "expected"),
    [
        ("", "Message-ID: <ours@desk.example>", "<ours@desk.example>"),
        ("", "> Message-Id:\n>  <ours@desk.example>", "<ours@desk.example>"),
        ("", "Message-ID:\n <ours@desk.example>", "<ours@desk.example>"),
        ("", "Message-ID: <report@mx.example>\nMessage-ID: <ours@desk.example>", "<ours@desk.example>"),
        ("", "Message-ID: <report@mx.example>", None),
        ("In-Reply-To: <ours@desk.example>\n", "", "<ours@desk.example>"),
        ("In-Reply-To: <report@mx.example>\n", "", None),
    ],
)
def test_the_mail_that_failed_is_known_by_its_own_id_alone(header: str, body: str, expected: str | None) -> None:
    raw = f"{HEAD}{header}\nUnknown user: hanako@shop.example\n\nOriginal message follows.\n\n{body}\n"
    assert bounces.read(raw.encode()).original_message_id == expected


def test_a_returned_mail_in_base64_gives_its_id() -> None:
    encoded = b64encode(b"Message-ID: <ours@desk.example>\nSubject: question\n\nText\n").decode()
    raw = report(STATUS, returned=encoded).replace(b"rfc822\n\n", b"rfc822\nContent-Transfer-Encoding: base64\n\n")
    assert bounces.read(raw).original_message_id == "<ours@desk.example>"
