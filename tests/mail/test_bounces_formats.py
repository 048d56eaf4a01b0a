"""Who was not reached, in the words of each kind of mail server. The mails are invented, in the servers' formats."""

from typing import NamedTuple

import pytest

from gateway.mail import bounces


class Told(NamedTuple):
    """What is expected of one recipient."""

    address: str
    action: str = "failed"
    permanent: bool = True
    dead: bool = True


GONE = Told("hanako@shop.example")
REFUSED = GONE._replace(dead=False)
DELAYED = Told("hanako@shop.example", "delayed", permanent=False, dead=False)
TEMPORARY = GONE._replace(permanent=False, dead=False)
ALSO = Told("jiro@shop.example")

RETURNED = """Received: from desk.example ([192.0.2.1]) by mx.relay.example
Message-ID: <ours@desk.example>
From: Desk <b1-sig@desk.example>
To: hanako@shop.example
Cc: other@shop.example
Subject: question

someone@else.example:
"""

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
    "outlook": (
        """Delivery has failed to these recipients or groups:

hanako@shop.example<mailto:hanako@shop.example>
The email address you entered couldn't be found. Please check the recipient's
email address and try to resend the message.

Diagnostic information for administrators:

Generating server: TYAPR01MB0000.jpnprd01.prod.outlook.com
""",
        [GONE],
    ),
    "outlook in Japanese": (
        """次の受信者またはグループへの配信に失敗しました:

hanako@shop.example<mailto:hanako@shop.example>
受信者のメールボックスが満杯のため、現在メッセージを受け付けることができません。
""",
        [REFUSED],
    ),
    "gmail": (
        """** Address not found **

Your message wasn't delivered to hanako@shop.example because the address couldn't be
found, or is unable to receive mail.
""",
        [GONE],
    ),
    "gmail in Japanese": (
        """** アドレス不明 **

メールは hanako@shop.example に配信されませんでした。
リモート サーバーからの応答:
550 5.1.1 <hanako@shop.example>... User Unknown
""",
        [GONE],
    ),
    "gmail, old": (
        """Delivery to the following recipient failed permanently:

     hanako@shop.example

Technical details of permanent failure:
DNS Error: Domain name not found

----- Original message -----
""",
        [GONE],
    ),
    "yahoo": (
        """Sorry, we were unable to deliver your message to the following address.

<hanako@shop.example>:
No MX or A records for shop.example: no mx record found for domain=shop.example

--- Below this line is a copy of the message.
""",
        [GONE],
    ),
    "au": (
        """次のあて先へのメッセージはエラーのため送信できませんでした。
送信先メールアドレスが見つかりませんでした。

The user(s) account is temporarily over quota.

<hanako@shop.example>
""",
        [REFUSED],
    ),
    "Japanese, alone on the line": (
        """以下の宛先へのメールは配信できませんでした。

　hanako@shop.example

理由: 宛先不明
ご不明な点は下記までお問い合わせください。
support@relay.example
""",
        [GONE],
    ),
    "Japanese, labelled": (
        """お送りいただいたメールは、受信者のメールボックスが一杯のため配信できませんでした。

差出人: desk@desk.example
宛先: hanako@shop.example
""",
        [REFUSED],
    ),
    "Japanese, in a sentence": (
        """hanako@shop.example 宛のメールは、アドレスが存在しないため配信できませんでした。
""",
        [GONE],
    ),
    "Japanese, refused": (
        """hanako@shop.example は受信拒否されているため送信できませんでした。
""",
        [REFUSED],
    ),
    "Chinese": (
        """抱歉，您的邮件被退回来了
无法发送到 hanako@shop.example
退信原因：收件人邮件地址（hanako@shop.example）不存在，邮件无法送达。
""",
        [GONE],
    ),
    "Korean": (
        """메일을 전송하지 못했습니다.
받는 사람: hanako@shop.example
오류: 존재하지 않는 사용자입니다.
""",
        [GONE],
    ),
    "German": (
        """Ihre Nachricht an hanako@shop.example konnte nicht zugestellt werden.
Das Postfach des Empfängers ist voll.
""",
        [REFUSED],
    ),
    "French": (
        """Votre message n'a pas pu être remis à : hanako@shop.example
Cette adresse n'existe pas.
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
    "GMX": (
        """A message that you sent could not be delivered to one or more of
its recipients. The following address failed:

"hanako@shop.example":
SMTP error from remote server after RCPT command:
host: mx.shop.example
5.1.1 <hanako@shop.example>... User Unknown
""",
        [GONE],
    ),
    "1&1": (
        """A message that you sent could not be delivered to one or more of its recipients.
The following address failed:

hanako@shop.example:
For the following reason:

Mail size limit exceeded. For explanation visit
""",
        [REFUSED],
    ),
    "Deutsche Telekom": (
        """|------------------------- Message log follows: -------------------------|
 no valid recipients were found for this message
|------------------------- Failed addresses follow: ---------------------|
 <hanako@shop.example> ... transport smtp: 550 5.2.2 <hanako@shop.example> Mailbox Full
|------------------------- Message text follows: ------------------------|
""",
        [REFUSED],
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
    "GroupWise": (
        """The message that you sent was undeliverable to the following:
\thanako@shop.example (user not found)
""",
        [GONE],
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
    "CompuServe": ("Your message could not be delivered.\n\nInvalid receiver address: hanako@shop.example\n", [GONE]),
    "X.400 gateway": (
        """Your message was not delivered to:
        hanako@shop.example
for the following reason:
Diagnostic was Unable to transfer, -1
""",
        [REFUSED],
    ),
    "PowerMTA": (
        """Immediately below you will find a list of the affected recipients:

  <hanako@shop.example>  delivery failed; will not continue trying
""",
        [REFUSED],
    ),
    "SendGrid": (
        """I'm sorry to have to tell you that your message was not able to be delivered to
one of its intended recipients.

If you require assistance with this, please contact SendGrid support.

hanako@shop.example (mx.shop.example): 550 5.1.1 The email account that you tried to reach does not exist.
""",
        [GONE],
    ),
    "Zoho": (
        """This message was created automatically by mail delivery software.
A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.

hanako@shop.example Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <hanako@shop.example>... User Unknown

Received:from mail.desk.example by mx.relay.example
""",
        [GONE],
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
    "EarthLink": (
        """Sorry, unable to deliver your message to hanako@shop.example for the following reason:

552 Quota violation for hanako@shop.example

A copy of the original message below this line:
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
    "Symantec, still waiting": (
        """Your message with Subject: question
has not been delivered to the following recipients:

  hanako@shop.example

Delivery attempts will continue to be made for 3 days.
""",
        [DELAYED],
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
    "an alias": (
        """The following address(es) failed:

  pipe to |/usr/local/bin/sort-mail hanako
    generated by hanako@shop.example
    local delivery failed
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
    "4yz in the end": (
        """<hanako@shop.example>:
Remote host said: 450 4.2.2 Mailbox full
I'm not going to try again; this message has been in the queue too long.
""",
        [TEMPORARY],
    ),
    "a carrier's old address": (
        "<a..b.@docomo.example>:\n550 Unknown user a..b.@docomo.example\n",
        [Told("a..b.@docomo.example")],
    ),
}


@pytest.mark.parametrize("server", IN_WORDS)
def test_the_words_of_each_server_name_who_was_not_reached_and_nobody_else(server: str) -> None:
    words, told = IN_WORDS[server]
    raw = f"""From: MAILER-DAEMON@relay.example
To: b1-sig@desk.example
Subject: failure notice
Content-Type: text/plain; charset=utf-8

{words}
{RETURNED}"""
    bounce = bounces.read(raw.encode())
    assert [Told(f.address, f.action, f.permanent, f.dead) for f in bounce.recipients] == told
    assert bounce.original_message_id == "<ours@desk.example>"
