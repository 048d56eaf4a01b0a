"""Machines that carry none of the standard marks, in the words of their servers, systems and languages."""

import pytest

from gateway.mail.parse import parse
from gateway.mail.values import Machine

PLAIN = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
RETURNED = (
    "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: shop@shop.example\r\nSubject: Re: order\r\n\r\nhello\r\n--b--\r\n"
)


def machine(sender: str, subject: str, body: str, header: str = "") -> Machine | None:
    text = body.replace("\n", "\r\n")
    mail = parse(f"{header}From: {sender}\r\nSubject: {subject}\r\n{PLAIN}\r\n{text}\r\n".encode())
    assert mail.machine is None or mail.auto_submitted
    return mail.machine


def returning(sender: str, subject: str, body: str, header: str = "") -> Machine | None:
    """The same with the mail that was sent hanging on it."""
    text = body.replace("\n", "\r\n")
    head = f"{header}From: {sender}\r\nSubject: {subject}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    return parse(f"{head}--b\r\n{PLAIN}\r\n{text}\r\n{RETURNED}".encode()).machine


BOUNCES = [
    # server, its sender, subject, first words
    ("postfix", "MAILER-DAEMON@mx.example.jp", "Undelivered Mail Returned to Sender",
     "This is the mail system at host"),
    ("qmail", "postmaster@mx.example.jp", "failure notice", "Hi. This is the qmail-send program at mx.example.jp."),
    ("qmail, for a person's address", "admin@example.jp", "failure notice",
     "Hi. This is the qmail-send program at mx.example.jp.\nI'm afraid I wasn't able to deliver your message."),
    ("james", "postmaster@james.example", "Re: order", "Hi. This is the James mail server at james.example.\nSorry."),
    ("verizon", "post_master@vtext.example", "Re:order",
     "Error: Invalid user address\n\nError message below:\n550 - no"),
    ("courier", "postmaster@courier.example", "NOTICE: mail delivery status.",
     "This is a delivery status notification"),
    ("domino", "notes@example.jp", "DELIVERY FAILURE: User taro not listed in Domino Directory",
     "Your message\n\n  Subject: order\n\nwas not delivered to:\n\n  taro@example.jp"),
    ("exchange 2003", '"System Administrator" <postmaster@ex.example>', "Undeliverable: order",
     "Your message\n\n To: a@b.example\n\ndid not reach the following recipient(s):"),
    ("exchange online in German", "postmaster@ex.example", "Unzustellbar: Bestellung", "Die Nachricht kam nicht an."),
    ("exchange online in French", "postmaster@ex.example", "Non remis : commande", "La remise a échoué"),
    ("exim", "Mail Delivery System <Mailer-Daemon@exim.example>", "Mail delivery failed: returning message to sender",
     "This message was created automatically by mail delivery software."),
    ("interscan", "imss@example.jp", "Mail could not be delivered",
     "****** Message from InterScan ******\n550 5.1.1 unknown"),
    ("imail", "postmaster@imail.example", "Undeliverable Mail",
     "Unknown user: taro@example.jp\n\nOriginal message follows."),
    ("mdaemon", "MDaemon@md.example", "Warning: taro@md.example - User unknown!",
     "taro@md.example - no such user here."),
    ("mailmarshal", "postmaster@mm.example", "Undeliverable Mail: order",
     "Your message was not delivered to:\n\n550 5.1.1 x"),
    ("mailfoundry", "noreply@mf.example", "Message delivery has failed", "Unable to deliver message to: <a@b.example>"),
    ("notes", "no-reply@notes.example", "Undeliverable message",
     "------- Failure Reasons  --------\n\nUser not listed"),
    ("an automaton", "bounce@list.example", "There was an error sending your mail",
     "We had trouble delivering your message. Full details follow:\n550 5.1.1 nobody"),
    ("kddi", "no-reply@dion.example", "Mail",
     "Your mail sent on: Thu, 26 Nov 2026\n  Could not be delivered to: <a@b>\n552 5.2.2"),
    ("ezweb", "Postmaster@ezweb.example", "Mail System Error - Returned Mail",
     "The user(s) account is disabled.\n<a@b>"),
    ("docomo", "postmaster@docomo.example", "Returned mail: User unknown",
     "--- The following addresses had delivery problems"),
    ("a Japanese provider", "postmaster@plala.example", "メールが送信できませんでした",
     "お送りになったメールは配信できませんでした。"),
    ("a Japanese gateway", "no-reply@gw.example.jp", "[重要] メール送信エラー通知",
     "以下の宛先にメールを送信できませんでした。"),
    ("a Japanese filter", "postmaster@so-net.example", "宛先不明", "宛先のメールアドレスが存在しません。\n550 5.1.1"),
    ("a Japanese carrier", "mail-admin@example.ne.jp", "送信エラーのお知らせ",
     "次のあて先へのメッセージは届きませんでした。\n550 5.1.1 x"),
    ("netease", "Postmaster@163.example", "系统退信", "抱歉，您的邮件被退回来了……\n收件人邮件地址不存在"),
    ("qq", "PostMaster@qq.example", "来自qq.example的退信", "很抱歉，您发送的邮件被退回。"),
    ("sina", "postmaster@sina.example", "系统退信/Systems bounce", "抱歉，您的邮件无法送达"),
    ("exchange in Chinese", "postmaster@ex.example", "无法传递: 订单", "邮件无法传递给以下收件人"),
    ("exchange in Taiwan", "postmaster@ex.example", "無法傳遞: 訂單", "傳遞給下列收件人失敗"),
    ("naver", "no-reply@naver.example", "메일 전송 실패 안내", "보내신 메일이 전송되지 못했습니다.\n550 5.1.1"),
    ("daum", "postmaster@daum.example", "[반송] 주문", "수신자가 존재하지 않습니다."),
    ("gmx", "mailer-daemon@gmx.example", "Mail delivery failed: returning message to sender",
     "A message that you sent"),
    ("t-online", "postmaster@t-online.example", "Zustellung fehlgeschlagen",
     "Ihre Nachricht konnte nicht zugestellt werden."),
    ("orange", "postmaster@orange.example", "Échec de remise", "Votre message n'a pas pu être remis."),
    ("a Spanish server", "postmaster@es.example", "No se puede entregar: pedido", "Su mensaje no se pudo entregar."),
    ("an Italian server", "postmaster@it.example", "Mancato recapito", "Il messaggio non è stato recapitato."),
    ("a Portuguese server", "postmaster@pt.example", "Não entregue: pedido", "Sua mensagem não foi entregue."),
    ("a Dutch server", "postmaster@nl.example", "Onbestelbaar: bestelling", "Uw bericht kon niet worden bezorgd."),
    ("mail.ru", "postmaster@mail.example.ru", "Сообщение не доставлено", "Ваше письмо не может быть доставлено."),
    ("yandex", "mailer-daemon@yandex.example", "Недоставленное сообщение", "Письмо не доставлено"),
    ("zoho", "mailer-daemon@mail.zoho.example", "Undelivered Mail Returned to Sender", "This message was created"),
    ("fml", "neko-admin@ml.example.jp", "You taro@example.jp are not member (neko ML)", "You are not a member."),
    ("exchange, marked", "taro@example.jp", "order", "text"),
]  # fmt: skip
HEADERS = {
    "fml": "X-MLServer: fml [fml 4.0.3 release]\r\nList-Subscribe: <mailto:neko-ctl@ml.example.jp>\r\n",
    "exchange, marked": "X-MS-Exchange-Message-Is-Ndr:\r\n",
    "kddi": "Return-Path: <>\r\n",
}


@pytest.mark.parametrize(("server", "sender", "subject", "body"), BOUNCES, ids=[row[0] for row in BOUNCES])
def test_a_bounce_is_known_by_what_comes_together(server: str, sender: str, subject: str, body: str) -> None:
    assert machine(sender, subject, body, HEADERS.get(server, "")) == Machine.BOUNCE


def test_a_returned_mail_proves_a_servers_first_sentence() -> None:
    said = "--- Non-Delivery Report ---\nThe email below could not be delivered."
    assert returning("taro@example.jp", "Your order", said) == Machine.BOUNCE
    assert returning("taro@example.jp", "Your order", "Your message was not delivered to me.") is None


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Delayed Mail (still being retried)", "Your message could not be delivered for more than 4 hour(s)."),
        ("Warning: could not send message for past 4 hours", "THIS IS A WARNING MESSAGE ONLY"),
        ("Delivery delayed: order", "Delivery has been delayed."),
        ("Delivered: order", "Your message was delivered."),
        ("Successful Mail Delivery Report", "This is the mail system at host mx.example.jp."),
        ("メール配信遅延のお知らせ", "メールの配信が遅延しています。"),
    ],
)
def test_a_servers_word_that_nothing_has_failed_is_no_bounce(subject: str, body: str) -> None:
    assert machine("mailer-daemon@mx.example.jp", subject, body) == Machine.DELIVERY_REPORT


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Read: order", "Your message\n\n  To: Taro\n  Subject: order\n\nwas read on 26.11.2026 12:00"),
        ("Not read: order", "Your message\n\n  To: Taro\n\nwas deleted without being read on 26.11.2026"),
        ("開封済み: 在庫について", "メッセージ\n\n  宛先: 店\n\nは 2026/11/26 12:00 に開封されました。"),
        ("开封", "x"),
        ("已读: 订单", "您的邮件\n\n已在 2026/11/26 被阅读"),
        ("讀取: 訂單", "您的郵件\n\n已於 2026/11/26 被讀取"),
        ("읽음: 주문", "메시지를\n\n2026-11-26에 읽었습니다."),
        ("Gelesen: Bestellung", "Ihre Nachricht\n\nwurde am 26.11.2026 gelesen."),
        ("Lu : commande", "Votre message\n\na été lu le 26/11/2026"),
        ("Return Receipt: order", "Your document:\n order\nwas received by:\n Taro/Example"),
    ],
)
def test_a_read_receipt_in_prose_is_a_report(subject: str, body: str) -> None:
    expected = None if body == "x" else Machine.DELIVERY_REPORT
    assert machine("taro@example.jp", subject, body) == expected


ABSENT = [
    ("en", "Automatic reply: order", "I am away."),
    ("en, AutoReply", "Out of Office AutoReply: order", "x"),
    ("en, no colon", "Out of office until 3 December", "I am out of the office and will reply on my return."),
    ("en, leave", "On annual leave", "I am on annual leave until Monday. For urgent matters call my colleague."),
    ("ja", "自動返信: 在庫について", "x"),
    ("ja, in brackets", "【自動返信】お問い合わせありがとうございます", "x"),
    ("ja, at the end", "お問い合わせ受付のお知らせ（自動返信）", "x"),
    ("ja, absence", "不在通知", "12月1日まで休暇をいただいております。戻り次第ご連絡いたします。"),
    ("ja, absence with the subject", "不在通知：Re: 在庫について", "x"),
    ("ja, trip", "出張中です", "出張のため不在にしております。お急ぎの場合は携帯までお願いします。"),
    ("ja, holidays", "年末年始休業のお知らせ", "1月3日まで休業とさせていただきます。お返事は休業明け後になります。"),
    ("ja, said", "在庫について", "このメールは自動返信です。\n担当者より改めてご連絡いたします。"),
    ("zh", "自动回复: 订单", "您好，我已收到"),
    ("zh, said", "订单", "这是来自邮箱的自动回复邮件。"),
    ("zh, absence", "出差中", "我正在出差，回来后尽快回复您。"),
    ("zh-TW", "自動回覆: 訂單", "我不在辦公室"),
    ("ko", "자동 회신: 주문", "x"),
    ("ko, absence", "부재중", "휴가 중입니다. 복귀 후 연락드리겠습니다."),
    ("ko, in brackets", "[자동응답] 문의가 접수되었습니다", "x"),
    ("ko, said", "주문", "본 메일은 자동으로 발송되는 메일입니다."),
    ("de", "Automatische Antwort: Bestellung", "x"),
    ("de, note", "Abwesenheitsnotiz", "Ich bin im Urlaub und ab dem 3.12. wieder erreichbar."),
    (
        "de, absence",
        "Abwesend bis 3.12.",
        "Ich bin nicht im Büro. In dringenden Fällen wenden Sie sich an die Zentrale.",
    ),
    ("fr", "Réponse automatique : commande", "x"),
    ("fr, absence", "Absente du 1 au 5", "Je suis absente. En cas d'urgence, appelez le standard."),
    ("es", "Respuesta automática: pedido", "x"),
    ("it", "Risposta automatica: ordine", "x"),
    ("it, absence", "Fuori ufficio", "Sono in ferie. Risponderò al mio rientro."),
    ("pt", "Resposta automática: pedido", "x"),
    ("nl", "Automatisch antwoord: bestelling", "x"),
    ("ru", "Автоответ: заказ", "x"),
    ("sv", "Autosvar: order", "x"),
    ("en, said", "Your order", "This is an automated response. Please do not reply."),
    ("en, said in an answer", "Re: order", "This is an automatic reply: I am out of the office until Monday."),
]


@pytest.mark.parametrize(("language", "subject", "body"), ABSENT, ids=[row[0] for row in ABSENT])
def test_an_auto_reply_without_a_mark_is_known_by_its_form(language: str, subject: str, body: str) -> None:
    answering = "In-Reply-To: <ours@desk.example>\r\n"
    assert machine("yamada@example.jp", subject, body, answering) == Machine.AUTO_REPLY


ACKNOWLEDGED = [
    ("Ticket Received - order", "Dear Taro,\nwe have received your request.\n\nThis is an automated message."),
    ("[Ticket#2026112601] Your request has been received", "Hello\n\nThis email was automatically generated."),
    ("お問い合わせを受け付けました [受付番号:1234]", "お客様\n\n※このメールは自動送信されています。\n"),
    ("受付完了のお知らせ", "ご連絡ありがとうございます。\n\nなお、本メールはシステムより自動で配信しております。"),
    ("已收到您的来信", "您好\n\n此邮件由系统自动发送，请勿回复。"),
    ("문의가 접수되었습니다", "안녕하세요\n\n이 메일은 자동으로 발송되었습니다."),
    ("Eingangsbestätigung", "Guten Tag,\n\nDiese E-Mail wurde automatisch erstellt."),
    ("Accusé de réception", "Bonjour,\n\nCe message a été envoyé automatiquement.\nCe message est automatique."),
]


@pytest.mark.parametrize(("subject", "body"), ACKNOWLEDGED)
def test_a_ticket_systems_receipt_is_known_where_it_says_below_that_it_is_automatic(subject: str, body: str) -> None:
    assert machine("support@example.com", subject, body) == Machine.AUTO_REPLY


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("X-OTRS-Loop: yes", Machine.AUTO_REPLY),
        ("X-Znuny-Loop: yes", Machine.AUTO_REPLY),
        ("X-FreeScout-Mail-Type: auto.reply", Machine.AUTO_REPLY),
        ("X-POST-MessageClass: 9; Autoresponder", Machine.AUTO_REPLY),
        ("X-FC-MachineGenerated: true", Machine.AUTO_REPLY),
        ("X-AutoReply-From: a@example.jp", Machine.AUTO_REPLY),
        ("X-Mail-Autoreply: yes", Machine.AUTO_REPLY),
        ("Delivered-To: Autoresponder", Machine.AUTO_REPLY),
        ("X-Cron-Env: <SHELL=/bin/sh>", Machine.AUTO_REPLY),
        ("Preference: auto_reply", Machine.AUTO_REPLY),
        ("X-Precedence: auto-reply", Machine.AUTO_REPLY),
        ("X-Autogenerated: Reply", Machine.AUTO_REPLY),
        ("X-Nagios: 4.4", Machine.AUTO_REPLY),
        ("X-Jira-Fingerprint: 1f2e", Machine.AUTO_REPLY),
        ("X-Facebook-Notify: comment", Machine.AUTO_REPLY),
        ("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", Machine.AUTO_REPLY),
        ("X-Apple-Action: VACATION/1", Machine.AUTO_REPLY),
        ("User-Agent: Vacation/1.2.8.0", Machine.AUTO_REPLY),
        ("X-Apple-Unsubscribe: true\r\nAuto-Submitted: auto-replied", Machine.FEEDBACK),
        ("Mailing-List: contact list-help@example.jp; run by ezmlm", Machine.LIST),
        ("X-ML-Name: neko", Machine.LIST),
        ("X-BeenThere: talk@example.jp", Machine.LIST),
    ],
)
def test_a_vendors_mark_is_a_mark(header: str, expected: Machine) -> None:
    assert machine("yamada@example.jp", "在庫について", "在庫はありますか。", f"{header}\r\n") == expected


def test_a_providers_complaint_without_the_standard_form_returns_the_mail_it_is_about() -> None:
    subject = "complaint about message from 192.0.2.1"
    assert returning("staff@provider.example", subject, "") == Machine.FEEDBACK
    assert machine("taro@example.jp", subject, "I do not want this.") is None


def test_a_report_wrapped_by_a_gateway_is_still_a_report() -> None:
    raw = (
        b"From: gateway@example.jp\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n"
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nfailed\r\n--b\r\n"
        b"Content-Type: message/global-delivery-status\r\n\r\nReporting-MTA: dns; mx.example.jp\r\n--b--\r\n--a--\r\n"
    )
    assert parse(raw).machine == Machine.BOUNCE
