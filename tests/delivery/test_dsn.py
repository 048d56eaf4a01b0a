"""What a server that offers delivery reports is asked for (N33), in ASCII without what would end a parameter."""

import pytest

from gateway.delivery.dsn import orcpt, parameters, xtext
from gateway.delivery.envelope import Envelope


@pytest.mark.parametrize(
    ("value", "written"),
    [("yamada@example.jp", "yamada@example.jp"), ("a+b=c@x.jp", "a+2Bb+3Dc@x.jp"), ("a b\r\n\x7f", "a+20b+0D+0A+7F")],
)
def test_n33_xtext(value: str, written: str) -> None:
    assert xtext(value) == written


def test_n33_the_recipient_of_a_report_is_the_one_that_was_given() -> None:
    assert orcpt("a+b@example.jp") == "rfc822;a+2Bb@example.jp"
    assert orcpt("山田+\\@example.jp") == "utf-8;\\x{5C71}\\x{7530}\\x{2B}\\x{5C}@example.jp"


def test_n33_n34_reports_are_wanted_with_the_header_alone_and_of_automatic_mail_never() -> None:
    asked = parameters(Envelope("1m84x2v7k9wq3e5r6t", "b1-x@q.example.jp", "yamada@example.jp"))
    assert asked.mail == ["RET=HDRS", "ENVID=1m84x2v7k9wq3e5r6t"]
    assert asked.rcpt == ["ORCPT=rfc822;yamada@example.jp", "NOTIFY=FAILURE,DELAY"]
    assert parameters(Envelope("1", "", "yamada@example.jp")).rcpt[1] == "NOTIFY=NEVER"
