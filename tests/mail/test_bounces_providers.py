"""Who was not reached, in the words of mail providers, in their languages. The mails are invented, in their formats."""

import pytest

from tests.mail.bounced import GONE, REFUSED, Told, read

IN_WORDS: dict[str, tuple[str, list[Told]]] = {
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
    "CompuServe": ("Your message could not be delivered.\n\nInvalid receiver address: hanako@shop.example\n", [GONE]),
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
    "EarthLink": (
        """Sorry, unable to deliver your message to hanako@shop.example for the following reason:

552 Quota violation for hanako@shop.example

A copy of the original message below this line:
""",
        [REFUSED],
    ),
    "a carrier's old address": (
        "<a..b.@docomo.example>:\n550 Unknown user a..b.@docomo.example\n",
        [Told("a..b.@docomo.example")],
    ),
}


@pytest.mark.parametrize("server", IN_WORDS)
def test_the_words_of_each_name_who_was_not_reached_and_nobody_else(server: str) -> None:
    words, told = IN_WORDS[server]
    assert read(words) == (told, "<ours@desk.example>")
