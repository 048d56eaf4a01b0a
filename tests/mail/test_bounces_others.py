"""Who was not reached, in the words of gateways, filters and unnamed servers. The mails are invented."""

import pytest

from tests.mail.bounced import ALSO, DELAYED, GONE, REFUSED, Told, read

IN_WORDS: dict[str, tuple[str, list[Told]]] = {
    "GroupWise": (
        """The message that you sent was undeliverable to the following:
\thanako@shop.example (user not found)
""",
        [GONE],
    ),
    "MailMarshal": (
        """Your message:
   From:    b1-sig@desk.example
   Subject: question

Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    hanako@shop.example
""",
        [GONE],
    ),
    "a server that tells its dialogue": (
        """We had trouble delivering your message. Full details follow:

1 error(s):

SMTP Server <mx.shop.example> rejected recipient <hanako@shop.example>
  (Error following RCPT command). It responded as follows: [550 5.1.1 User Unknown]
""",
        [GONE],
    ),
    "a filter": (
        """-------server message
550 5.1.1 unknown user <hanako@shop.example>

-------original message
""",
        [GONE],
    ),
    "McAfee": (
        """--- The following addresses had delivery problems ---

<hanako@shop.example>   (User unknown hanako@shop.example)
""",
        [GONE],
    ),
    "SurfControl": (
        """Your message could not be delivered.
--- Message non-deliverable.
hanako@shop.example: [192.0.2.7], 550 hanako@shop.example... No such user
""",
        [GONE],
    ),
    "X.400 gateway": (
        """Your message was not delivered to:
        hanako@shop.example
for the following reason:
Diagnostic was Unable to transfer, -1
""",
        [REFUSED],
    ),
    "failed recipients between rules": (
        """------ Failed Recipients ------
 <hanako@shop.example>: No such user here
-------- Returned Mail --------
""",
        [GONE],
    ),
    "a list of failed recipients": (
        """Here is your list of failed recipients:

<hanako@shop.example>  unknown user

Here is your returned mail:
""",
        [GONE],
    ),
    "an intended recipient": (
        """Your message was not deliverable.
Intended recipient: hanako@shop.example
Reason: account is over quota

--------RETURNED MAIL FOLLOWS--------
""",
        [REFUSED],
    ),
    "a dash before the address": (
        """This is a delivery failure notification message.
The message you sent could not be delivered to:

-- hanako@shop.example

The problem appears to be: no such recipient
""",
        [GONE],
    ),
    "Symantec, still waiting": (
        """Your message with Subject: question
has not been delivered to the following recipients:

  hanako@shop.example

Delivery attempts will continue to be made for 3 days.
""",
        [DELAYED],
    ),
    "several on one line": (
        "Your message could not be delivered to:\nhanako@shop.example, jiro@shop.example\n\nNo such user here\n",
        [GONE, ALSO],
    ),
    "one reason before all": (
        "No such user:\n\n  hanako@shop.example\n  jiro@shop.example\n\nThe Mail System\n",
        [GONE, ALSO],
    ),
    "a list": (
        """You are not a member of this mailing list <hanako@shop.example>.
If you want to know more, please send mail to the address

    talk-ctl@shop.example
""",
        [REFUSED],
    ),
    "a postponed delivery": (
        """This is an advisory-only email. Please do not reply to it.

Delivery of email to this address

"hanako@shop.example"

has been postponed due to a full mailbox.
""",
        [DELAYED],
    ),
}


@pytest.mark.parametrize("server", IN_WORDS)
def test_the_words_of_each_name_who_was_not_reached_and_nobody_else(server: str) -> None:
    words, told = IN_WORDS[server]
    assert read(words) == (told, "<ours@desk.example>")
