"""What replies mean for an address: gone for good, or refused for a reason that may pass or lies elsewhere."""

import random

import pytest

from gateway.mail import bounces

GONE = """550 5.1.1 <hanako@shop.example>... User unknown
550 <hanako@shop.example>: Recipient address rejected: User unknown in local recipient table
550 No such user here
550 Unknown user hanako@shop.example
550 Requested action not taken: mailbox unavailable
550 5.1.1 The email account that you tried to reach does not exist.
550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
550 5.4.1 Recipient address rejected: Access denied. [TYAPR01.prod.protection.outlook.com]
550 Invalid recipient <hanako@shop.example> (#5.1.1)
550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550
553 5.3.0 <hanako@shop.example>... No such user here
554 delivery error: dd This user doesn't have a shop.example account (hanako@shop.example) [0]
550 User not found
550 Mailbox not found
550 Address unknown
550 no mailbox by that name is currently available
550 5.1.1 unknown or illegal alias: hanako@shop.example
550 The recipient cannot be verified. Please check all recipients. No such recipient
551 5.1.6 recipient no longer on server
550 Mr Hanako has moved, please use another address
556 5.1.10 Domain shop.example does not accept mail (nullMX)
550 5.1.2 Host unknown (Name server: shop.example: host not found)
550 Unrouteable address
X-Postfix; Host or domain name not found. Name service error for name=shop.example type=A: Host not found
550 5.5.0 Adresse destinataire invalide. Invalid recipient. OFR_416
550 宛先のメールアドレスは存在しません
550 該当するユーザーがいません
550 用户不存在
550 존재하지 않는 수신자입니다
550 Empfänger unbekannt
550 Utilisateur inconnu
550 el usuario no existe
550 5.1.1
550 5.1.6 see elsewhere"""

NOT_GONE = """552 5.2.2 <hanako@shop.example>... Mailbox full
550 5.1.1 Mailbox is full
550 5.1.1 user is over quota
552 Requested mail action aborted: exceeded storage allocation: not enough disk space
550 The user's mailfolder is full
550 メールボックスが一杯です
550 收件人邮箱空间已满
554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org
550 5.1.1 IP address blacklisted by recipient
550 5.7.606 Access denied, banned sending IP [192.0.2.1]
550 SC-001 Unfortunately, messages from 192.0.2.1 weren't sent
550 5.7.25 The IP address sending this message does not have a PTR record
550-5.7.26 This mail is unauthenticated, which poses a security risk
550 5.7.1 Email rejected per DMARC policy for desk.example
550 5.1.8 Sender address rejected: Domain not found
553 5.1.8 <b1@desk.example>... Domain of sender address b1@desk.example does not exist
550 5.1.7 No such domain desk.example
550 Sender verify failed
550 5.7.1 Relaying denied
550 5.7.1 Unable to relay for hanako@shop.example
553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)
552 5.3.4 Message too large
552 5.2.3 Message size exceeds maximum size for this recipient
554 5.7.0 Reject, id=1-1 - SPAM
554 5.7.1 Message content rejected
550 5.7.1 This message contains a virus
550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages
550 5.2.1 This account has been disabled or discontinued
550 5.2.1 Mailbox disabled, not accepting messages
550 Mailbox is frozen
525 5.7.13 User account disabled
550 5.5.0 Le compte du destinataire est bloque. The recipient account is blocked.
550 5.0.0 On hold
550 受信拒否されています
550 ドメイン指定受信により受け取れません
550 5.4.6 Too many hops
550 Protocol violation
554 Transaction failed
550 : User unknown
550 you are not a member of this group
550 the user doesn't accept mail from you
554 5.4.7 Delivery time expired
5.4.7 retry timeout exceeded
554 5.7.9 Message not accepted for policy reasons"""


def failure(reply: str) -> bounces.Failure:
    """What is read where a server gives `reply` for one recipient."""
    raw = (
        f"From: MAILER-DAEMON@mx.example\nContent-Type: text/plain; charset=utf-8\n\n<hanako@shop.example>:\n{reply}\n"
    )
    (found,) = bounces.read(raw.encode()).recipients
    return found


@pytest.mark.parametrize("reply", GONE.splitlines())
def test_an_address_that_will_never_work_is_dead(reply: str) -> None:
    assert failure(reply).permanent
    assert failure(reply).dead


@pytest.mark.parametrize("reply", NOT_GONE.splitlines())
def test_a_mailbox_that_refuses_for_another_reason_is_not_dead(reply: str) -> None:
    assert failure(reply).permanent
    assert not failure(reply).dead


@pytest.mark.parametrize(
    "reply",
    [
        "450 4.2.2 Mailbox full",
        "450 4.1.1 User unknown, try again",
        "451 4.7.1 Greylisted, please try again",
        "421 4.7.0 Too many connections",
        "450 mailbox unavailable",
        "4.4.7 delivery time expired",
    ],
)
def test_a_temporary_code_is_never_final(reply: str) -> None:
    assert not failure(reply).permanent
    assert not failure(reply).dead


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("550 5.1.1 no such user", "5.1.1"),
        ("550 no such user (#5.1.1)", "5.1.1"),
        ("554 5.0.0 Service unavailable\n550 5.7.1 blocked", "5.7.1"),
        ("192.0.2.5.1.1 and Exim 4.80 and sendmail 8.14.3 have no status", ""),
        ("250 2.1.5 ok\n550 5.1.1 no", "5.1.1"),
    ],
)
def test_a_status_is_told_from_other_numbers(words: str, status: str) -> None:
    assert failure(words).status == status


@pytest.mark.parametrize(
    "body",
    [
        "Your mail could not be delivered.\nFor further assistance, please contact <postmaster@mx.example>.\n",
        "Your mail could not be delivered. If you need help, write to\nsupport@mx.example\n",
        "Your message\n\n  To:      info@shop.example\n  Cc: jiro@shop.example\n  Subject: q\n\ncould not be sent.\n",
        "From: b1-sig@desk.example\nSender: b1-sig@desk.example\n\nwas not delivered.\n",
        ">>> MAIL FROM:<b1-sig@desk.example>\n<<< 550 5.7.0 <b1-sig@desk.example>... Go away\n",
        "A message sent by\n\n  <shop@desk.example>\n\ncould not be delivered.\n",
        "This is the mail system at host mx.example, contact MAILER-DAEMON@mx.example.\n",
    ],
)
def test_nobody_else_is_named(body: str) -> None:
    raw = f"From: MAILER-DAEMON@mx.example\nTo: b1-sig@desk.example\nSubject: failure notice\n\n{body}"
    assert bounces.read(raw.encode()).recipients == ()


def test_our_own_address_is_no_recipient_unless_it_is_the_only_one() -> None:
    raw = """From: MAILER-DAEMON@mx.example
To: b1-sig@desk.example

<hanako@shop.example>: mailbox full

> Dear Hanako, write to
> shop@desk.example
> b1-sig@desk.example

--- Below this line is a copy of the message.

From: Shop <shop@desk.example>
"""
    assert [f.address for f in bounces.read(raw.encode()).recipients] == ["hanako@shop.example"]
    to_itself = raw.replace("hanako@shop.example", "b1-sig@desk.example").replace("> shop@desk.example\n", "")
    assert [f.address for f in bounces.read(to_itself.encode()).recipients] == ["b1-sig@desk.example"]


def test_the_only_addressee_of_the_returned_mail_was_not_reached_if_nobody_is_named() -> None:
    raw = """From: MMSC <sysadmin@mms.example>
To: b1-sig@desk.example
Subject: Undeliverable Message

Message could not be delivered to mobile.
Error: No valid recipients for this MM

Original Message:
From: Desk <b1-sig@desk.example>
To: 0000000000@mms.example
{}Subject: question
"""
    assert [f.address for f in bounces.read(raw.format("").encode()).recipients] == ["0000000000@mms.example"]
    for several in ("Cc: hanako@shop.example\n", "List-Id: <talk.shop.example>\n"):
        assert bounces.read(raw.format(several).encode()).recipients == ()


def test_damaged_bounces_never_raise() -> None:
    chance = random.Random(1)
    raw = """From: MAILER-DAEMON@mx.example
Content-Type: multipart/report; boundary=b

--b

宛先 <hanako@shop.example>: 550 5.1.1 unknown
--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; hanako@shop.example
Status: 5.1.1
--b--
"""
    for _ in range(500):
        damaged = bytearray(raw.encode())
        for _ in range(chance.randint(1, 12)):
            damaged[chance.randrange(len(damaged))] = chance.choice(
                (0, 10, 13, 27, 58, 59, 61, 64, chance.randrange(256))
            )
        for recipient in bounces.read(bytes(damaged)).recipients:
            recipient.address.encode()
