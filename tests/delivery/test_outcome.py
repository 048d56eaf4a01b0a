"""What a refusal of RCPT says of the address: that it is dead, or nothing."""

import pytest

from gateway.delivery.outcome import is_dead


@pytest.mark.parametrize(
    ("code", "reply"),
    [
        (550, "5.1.1 <yamada@example.jp>: Recipient address rejected: User unknown in local recipient table"),
        (550, "5.1.1 unknown"),
        (550, "No such user here"),
        (550, "5.1.2 host unknown"),
        (551, "5.1.6 moved"),
        (553, "5.1.3 bad address syntax"),
        (554, "5.1.1 user unknown"),
        (556, "5.1.10 the domain takes no mail"),  # RFC 7505
    ],
)
def test_a_refusal_of_a_dead_address(code: int, reply: str) -> None:
    assert is_dead(code, reply)


@pytest.mark.parametrize(
    ("code", "reply"),
    [
        (550, "rejected"),
        (550, "5.7.1 blocked"),
        (550, "5.7.1 relaying denied"),
        (550, "5.1.1 mailbox full"),
        (552, "5.2.2 over quota"),
        (554, "no such user"),  # 554 alone says nothing
        (554, "5.7.1 relay access denied"),
        (550, "5.1.8 <b1-x@q.example.jp>: Sender address rejected: Domain not found"),
        (550, "5.1.1 sender unknown"),
        (550, "5.1.1 MAIL FROM: user unknown"),
    ],
)
def test_a_refusal_that_says_nothing_of_the_address(code: int, reply: str) -> None:
    assert not is_dead(code, reply)
