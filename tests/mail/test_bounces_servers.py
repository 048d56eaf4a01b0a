"""Who was not reached, in the words of mail servers. The mails are invented, in their formats."""

import pytest

from tests.mail.bounced import ALSO, DELAYED, GONE, REFUSED, TEMPORARY, Told, read

IN_WORDS: dict[str, tuple[str, list[Told]]] = {
    "qmail": (
        """Hi. This is the qmail-send program at relay.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<hanako@shop.example>:
192.0.2.7 does not like recipient.
Remote host said: 550 5.1.1 sorry, no mailbox here by that name
Giving up on 192.0.2.7.

<jiro@shop.example>:
Sorry, I couldn't find any host named shop.example. (#5.1.2)

--- Below this line is a copy of the message.
""",
        [GONE, ALSO],
    ),
    "qmail, full": (
        """Hi. This is the qmail-send program at relay.example.
<hanako@shop.example>:
Remote host said: 552 5.2.2 The user's mailbox is over its quota

--- Below this line is a copy of the message.
""",
        [REFUSED],
    ),
    "postfix without a report": (
        """This is the Postfix program at host relay.example.

For further assistance, please contact <postmaster@relay.example>

<hanako@shop.example>: host mx.shop.example[192.0.2.7] said: 550 5.1.1
    <hanako@shop.example>: Recipient address rejected: User unknown in virtual
    mailbox table (in reply to RCPT TO command)
""",
        [GONE],
    ),
    "exim": (
        """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  hanako@shop.example
    host mx.shop.example [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<hanako@shop.example>:
    550 No such user - hanako

------ This is a copy of the message, including all the headers. ------
""",
        [GONE],
    ),
    "exim, sender refused": (
        """A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  hanako@shop.example
    SMTP error from remote mail server after MAIL FROM:<b1-sig@desk.example>:
    550 Sender address b1-sig@desk.example does not exist
""",
        [REFUSED],
    ),
    "exim, delayed": (
        """A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on relay.example.

The address to which the message has not yet been delivered is:

  hanako@shop.example
    Delay reason: Connection timed out

No action is required on your part. Delivery attempts will continue for
some time.
""",
        [DELAYED],
    ),
    "sendmail, transcript alone": (
        """   ----- Transcript of session follows -----
... while talking to mx.shop.example.:
>>> RCPT To:<hanako@shop.example>
<<< 550 5.1.1 <hanako@shop.example>... User unknown
550 <hanako@shop.example>... User unknown

   ----- Unsent message follows -----
""",
        [GONE],
    ),
    "sendmail, 4.4.7": (
        """   ----- The following addresses had permanent fatal errors -----
<hanako@shop.example>

   ----- Transcript of session follows -----
<hanako@shop.example>... Deferred: Connection refused by mx.shop.example.
Message could not be delivered for 5 days
Message will be deleted from queue
""",
        [REFUSED],
    ),
    "exchange": (
        """Your message

  To:      info@other.example
  Subject: question
  Sent:    Thu, 2 Apr 2020 10:00:00 +0900

did not reach the following recipient(s):

hanako@shop.example on Thu, 2 Apr 2020 10:00:05 +0900
    The recipient name is not recognized
    MSEXCH:IMS:Shop:TOKYO:MX 0 (000C05A6) Unknown Recipient
""",
        [GONE],
    ),
    "Domino": (
        """Your message

  Subject: question

was not delivered to:

  hanako@shop.example

because:

  User hanako (hanako@shop.example) not listed in Domino Directory
""",
        [GONE],
    ),
    "Notes": (
        """------- Failure Reasons  --------

User not listed in public Name & Address Book
hanako@shop.example

------- Returned Message --------
""",
        [GONE],
    ),
    "IMail": ("Unknown user: hanako@shop.example\n\n\nOriginal message follows.\n", [GONE]),
    "IMail, full": ("User mailbox exceeds allowed size: hanako@shop.example\n\nOriginal message follows.\n", [REFUSED]),
    "IMail, undeliverable": ("undeliverable to hanako@shop.example\n\nOriginal message follows.\n", [REFUSED]),
    "courier": (
        """UNDELIVERABLE MAIL

Your message to the following recipients cannot be delivered:

<hanako@shop.example>:
    mx.shop.example [192.0.2.7]:
>>> RCPT TO:<hanako@shop.example>
<<< 550 5.1.1 User unknown
""",
        [GONE],
    ),
    "OpenSMTPD": (
        """    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this email.

    An error has occurred while attempting to deliver a message for
    the following list of recipients:

hanako@shop.example: 550 5.1.1 User unknown

    Below is a copy of the original message:
""",
        [GONE],
    ),
    "DragonFly": (
        """This is the DragonFly Mail Agent v0.13 at relay.example.

There was an error delivering your mail to <hanako@shop.example>.

mx.shop.example [192.0.2.7] did not like our RCPT TO:
550 5.2.2 <hanako@shop.example>: Recipient address rejected: Mailbox full

Message headers follow.
""",
        [REFUSED],
    ),
    "MDaemon": (
        """The attached message had PERMANENT fatal delivery errors!

The following addresses did NOT receive a copy of your message:

> hanako@shop.example

--- Session Transcript ---
 MAIL From:<b1-sig@desk.example>
 250 ok
 RCPT To:<hanako@shop.example>
 550 unknown user account
""",
        [GONE],
    ),
    "MailEnable": (
        """MailEnable: Message could not be delivered to some recipients.
The following recipient(s) could not be reached:

\tRecipient: [SMTP:hanako@shop.example]
\tReason: The message could not be delivered because the domain name (shop.example) does not appear to be registered.
""",
        [REFUSED],
    ),
    "PowerMTA": (
        """Immediately below you will find a list of the affected recipients:

  <hanako@shop.example>  delivery failed; will not continue trying
""",
        [REFUSED],
    ),
    "LSMTP": (
        """--> Error description:

Error-for:  hanako@shop.example
Error-Code: 3
Error-Text: No such local user.

Error-End: 1 error reported.
""",
        [GONE],
    ),
    "Dovecot": (
        """Your message to <hanako@shop.example> was automatically rejected:
Quota exceeded
""",
        [REFUSED],
    ),
    "Netscape": (
        """This Message was undeliverable due to the following reason:

The user(s) account is temporarily over quota.

The following recipients did not receive your message:

     <hanako@shop.example>
     <jiro@shop.example>

Please reply to <Postmaster@relay.example>
if you feel this message to be in error.
""",
        [REFUSED, ALSO._replace(dead=False)],
    ),
    "an expanded alias": (
        """   ----- The following addresses had permanent fatal errors -----
"|/usr/local/bin/sort-mail"
    (expanded from: <hanako@shop.example>)

   ----- Transcript of session follows -----
554 5.0.0 unknown mailer error 2
""",
        [REFUSED],
    ),
    "Postfix to its postmaster": (
        """Transcript of session follows.

 Out: 220 relay.example ESMTP Postfix
 In:  MAIL FROM:<b1-sig@desk.example>
 Out: 250 2.1.0 Ok
 In:  RCPT TO:<hanako@shop.example>
 Out: 550 5.1.1 <hanako@shop.example>: Recipient address rejected: User unknown
 In:  RCPT TO:<other@shop.example>
 Out: 250 2.1.5 Ok
 In:  QUIT
""",
        [GONE],
    ),
    "an alias": (
        """The following address(es) failed:

  pipe to |/usr/local/bin/sort-mail hanako
    generated by hanako@shop.example
    local delivery failed
""",
        [REFUSED],
    ),
    "4yz in the end": (
        """<hanako@shop.example>:
Remote host said: 450 4.2.2 Mailbox full
I'm not going to try again; this message has been in the queue too long.
""",
        [TEMPORARY],
    ),
}


@pytest.mark.parametrize("server", IN_WORDS)
def test_the_words_of_each_name_who_was_not_reached_and_nobody_else(server: str) -> None:
    words, told = IN_WORDS[server]
    assert read(words) == (told, "<ours@desk.example>")
