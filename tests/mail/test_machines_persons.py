"""Persons who look like machines: no person is taken for one, whatever they write about."""

import pytest

from gateway.mail.parse import parse

PLAIN = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
STATUS = (
    "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.jp\r\n\r\n"
    "Final-Recipient: rfc822; a@example.jp\r\nAction: failed\r\n--b--\r\n"
)

PERSONS = [
    ("自動返信は不要です", "在庫はありますか。"),
    ("自動返信メールが届きません", "注文しましたが自動返信メールが届きません。"),
    ("自動返信について", "自動返信メールには3日と書いてありましたが、まだ届きません。"),
    ("自動車部品の在庫", "自動車の部品はありますか。"),
    ("自動応答しないでください", "人と話したいです。"),
    ("Re: 【自動返信】お問い合わせありがとうございます", "ありがとうございます。土曜に届きますか。"),
    ("Re: 【自動返信】お問い合わせ", "赤でお願いします。\n\nこのメールは自動送信されています。"),
    ("Re: 受付完了のお知らせ", "了解です。\n\n※このメールは自動送信されています。\n"),
    ("RE：自動返信: 在庫", "はい、お願いします。"),
    ("在庫について", "「このメールは自動送信です。」と書かれたメールが来ましたが、返事はいつですか。"),
    ("質問", "このメールは自動返信ですか？"),
    ("質問", "自動返信メールですが、二通届きました。"),
    ("質問", "本メールは自動で返信されるのでしょうか"),
    ("再配達", "昨日は不在でした。再配達をお願いします。"),
    ("不在通知", "不在通知が入っていました。明日また来てもらえますか。"),
    ("不在通知が入っていました", "再配達をお願いします。"),
    ("不在のため", "受け取れませんでした。もう一度送ってください。"),
    ("休暇中に届きますか", "12月1日から休暇をいただくので、それまでに届くとうれしいです。"),
    ("休暇中の配送", "休暇中のため家にいません。戻り次第受け取ります。"),
    ("配達日", "出張で不在にしております。お急ぎの場合は携帯へ電話をください。"),
    ("夏季休業中の発送について", "休業中も発送していますか。"),
    ("年末年始の営業", "休業のお知らせを見ました。いつから再開ですか。"),
    ("Returned mail?", "I got my own mail back. Is your address right?"),
    ("Returned mail: please help", "My letter to you came back, by post. What is your address?"),
    ("Undelivered parcel", "My parcel was not delivered."),
    ("Delivery failed: 商品が届かない", "商品が届きません。"),
    ("Delivery failure", "The courier could not deliver my parcel. Please send it again."),
    ("Delivery problem", "Your message says Monday, but nothing was delivered."),
    ("Mail delivery failed", "Hello, the postman says he could not deliver. What now?"),
    ("Returned to sender", "The parcel went back to you."),
    ("Delivered: wrong item", "I received a blue one."),
    ("Delayed", "My order is delayed. Why?"),
    ("failure notice", "My printer shows a failure notice. Is that covered?"),
    ("Undeliverable: is my address right?", "The shop page says undeliverable. My address is 1 Main Street."),
    ("配信エラーになりました", "動画の配信エラーになりました。直してください。"),
    ("メールが送信できません", "フォームからメールが送信できません。"),
    ("送信エラー", "御社のフォームで送信エラーが出ます。エラーは 550 と表示されます。"),
    ("宛先不明で戻ってきました", "返品した荷物が宛先不明で戻りました。"),
    ("届きません", "メールを送信できませんでした、と表示されます。\n550 5.1.1 User unknown"),
    ("メールが送信できません", "メールを送信できませんでした。550 5.1.1 User unknown と出ます。"),
    ("Undeliverable message", "Your message could not be delivered to me: 550 5.1.1, says the screen."),
    ("エラー", "以下のエラーが出ました。\n\nThis is the mail system at host mx.example.jp.\n550 5.1.1 unknown"),
    ("Fwd: Undelivered Mail Returned to Sender", "See below.\n\nThis is the mail system at host mx.example.jp."),
    ("Re: failure notice", "Hi. This is the qmail-send program at x.\n550 5.1.1 no\n\nPlease check your address."),
    ("Fwd: Undelivered Mail", "> This is the mail system at host mx.example.jp.\n> 550 5.1.1 x"),
    ("Problem", "Your message could not be delivered to me on paper, please send it by mail."),
    ("Out of office chair", "Do you have the out of office chair in black?"),
    ("Out of office chairs?", "Are you out of office chairs?"),
    ("Holiday delivery", "I am on holiday until Monday. Please deliver later; I will be back on Tuesday."),
    ("Holiday", "Is the shop open on holidays?"),
    ("Vacation rental", "I will be on vacation and will reply as soon as I can. Is the flat free?"),
    ("Re: order",
     "I am out of the office until Monday and will get back to you with the size. Urgent: keep one for me."),
    ("Re: order", "Ich bin im Urlaub, in dringenden Fällen bitte anrufen."),
    ("Re: 在庫", "旅行で不在にしております。戻り次第ご返信します。"),
    ("Auto: Ersatzteile gesucht", "Haben Sie Teile für mein Auto?"),
    ("Automatic doors", "Do you sell automatic door openers?"),
    ("Automatic reply function", "How do I set an automatic reply on your phone?"),
    ("Automatik", "Ist das Getriebe automatisch?"),
    ("Thank you for your message", "I did not get an answer. Was this an automated message?"),
    ("Ticket received", "Thanks for the concert ticket! It is lovely."),
    ("Your request", "This is what you asked for. The photo is attached."),
    ("Read: chapter two", "The book I bought lacks chapter two. Can I have another?"),
    ("开封", "商品开封后能退货吗？"),
    ("自动咖啡机", "请问这台自动咖啡机有货吗？"),
    ("出差", "我下周出差，能周末送到吗？"),
    ("退信", "我寄给你们的信被退回了，地址对吗？"),
    ("휴가", "휴가 때 쓸 텐트가 있나요?"),
    ("자동차 부품", "자동차 부품이 있습니까?"),
    ("반송", "물건을 반송하고 싶습니다."),
    ("Urlaub", "Liefern Sie auch im Urlaub an eine andere Adresse?"),
    ("Absence", "Livrez-vous en mon absence ?"),
    ("Vacances", "Je suis absent jusqu'à lundi, livrez mardi s'il vous plaît."),
    ("unsubscribe", "Please take me off your list. I never ordered anything."),
    ("", "Hi"),
]  # fmt: skip


def assert_person(raw: str) -> None:
    mail = parse(raw.encode())
    assert (mail.machine, mail.auto_submitted) == (None, False)


@pytest.mark.parametrize(("subject", "body"), PERSONS)
@pytest.mark.parametrize("sender", ["Yamada <yamada@example.jp>"])
def test_a_person_may_write_about_anything(sender: str, subject: str, body: str) -> None:
    text = body.replace("\n", "\r\n")
    assert_person(f"From: {sender}\r\nIn-Reply-To: <a@b.example>\r\nSubject: {subject}\r\n{PLAIN}\r\n{text}\r\n")


def test_a_subject_beginning_with_auto_is_a_car_where_nothing_is_answered() -> None:
    assert_person(f"From: a@example.de\r\nSubject: Auto: Ersatzteile\r\n{PLAIN}\r\nHaben Sie Teile?\r\n")


@pytest.mark.parametrize(
    "sender",
    ["ndr@example.jp", "daemon.sato@example.jp", "postmasterson@example.com", "Postmaster Higgins <hig@example.com>"],
)
def test_initials_and_names_are_no_servers(sender: str) -> None:
    assert_person(f"From: {sender}\r\nSubject: 在庫\r\n{PLAIN}\r\n在庫はありますか。\r\n")


@pytest.mark.parametrize("subject", ["Fwd: Undelivered Mail Returned to Sender", "Re: Undelivered Mail", "転送: 不達"])
def test_a_person_who_sends_a_bounce_on_is_not_the_server_that_wrote_it(subject: str) -> None:
    head = f"From: yamada@example.jp\r\nSubject: {subject}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    assert_person(f"{head}--b\r\n{PLAIN}\r\nこういうメールが来ました。\r\n{STATUS}")


def test_a_bounce_attached_to_a_persons_mail_is_a_file() -> None:
    head = (
        "From: yamada@example.jp\r\nSubject: Undeliverable: order\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
    )
    bounce = f"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n{STATUS}"
    assert_person(
        f"{head}--a\r\n{PLAIN}\r\nWhat is this?\r\n--a\r\nContent-Type: message/rfc822\r\n\r\n{bounce}--a--\r\n"
    )


@pytest.mark.parametrize(
    "header",
    [
        "X-Powered-By: OTRS (https://otrs.example)\r\nX-Mailer: OTRS Mail Service (6.0)",
        "X-Mailer: Zammad Mail Service\r\nX-Powered-By: Zammad - Helpdesk/Support",
        "X-Mailer: osTicket Mailer",
        "X-FreeScout-Mail-Type: customer.message",
        "X-Mailer: MailDealer 15",
        "X-SFDC-User: 005\r\nX-SFDC-EmailCategory: apiSingleMail",
        "X-HelpScout-Message: 1",
        "Feedback-ID: 1.eu-west-1.abc:AmazonSES",
        "X-Mailer: Redmine",
        "X-Autogenerated: Forward",
        "X-OTRS-Loop: no",
        "X-Loop: forward@example.jp",
        "X-Spam-Flag: NO",
        "Precedence: first-class",
    ],
)
def test_an_agent_who_answers_through_a_ticket_system_is_a_person(header: str) -> None:
    assert_person(f"{header}\r\nFrom: a@example.com\r\nSubject: Re: order\r\n{PLAIN}\r\nIt ships on Monday.\r\n")


@pytest.mark.parametrize(
    "header",
    [
        "RT-Ticket: example.com #12\r\nPrecedence: bulk",
        "X-Loop: yes",
        "X-Spam-Flag: YES",
        "Content-Type: multipart/report; boundary=x",
        "Return-Path: <>",
        "Return-Path: <MAILER-DAEMON@mx.example.com>",
    ],
)
def test_n29_a_mark_that_people_carry_too_suppresses_an_answer_and_makes_no_machine(header: str) -> None:
    mail = parse(f"{header}\r\nFrom: a@example.com\r\nSubject: Re: order\r\n\r\nIt ships on Monday.\r\n".encode())
    assert (mail.machine, mail.auto_submitted) == (None, True)


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Delivery notification", "Your parcel arrives today."),
        ("Delivery failure: parcel 123", "We could not find you at home."),
        ("Failed delivery", "Your parcel could not be delivered. Choose a new day."),
        ("Message status", "Your message was read by the seller."),
        ("配信エラーのお詫び", "昨夜、動画の配信エラーが発生しました。"),
    ],
)
def test_a_carriers_robot_that_writes_of_parcels_is_no_mail_server(subject: str, body: str) -> None:
    mail = parse(f"From: no-reply@parcels.example\r\nSubject: {subject}\r\n{PLAIN}\r\n{body}\r\n".encode())
    assert (mail.machine, mail.auto_submitted) == (None, True)
