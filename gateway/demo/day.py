"""The day itself: who writes what, what must come of it, and how it is shown."""

import json
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from email.utils import parseaddr
from importlib import resources
from typing import Any
from urllib.parse import parse_qs, urlsplit

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from gateway.demo.gateway import DemoGateway, StepError

SELLER, HANAKO, SATO = "suzuki@shop.example", "hanako@customer.example", "sato@customer.example"
PAGE = "/stores/testshop/products/598405570/questions"
SHOWN_LINES = 14
AUTO_RESPONSE = [
    "お問い合わせの件はご対応させていただきました。",
    "その他ご不明点がございましたら、お気軽にお問い合わせ下さい。",
]


class Day:
    def __init__(self, gateway: DemoGateway, console: Console) -> None:
        self.gateway, self.console = gateway, console
        self._step = 0

    def play(self) -> None:
        """Every step in order. Raises StepError at the first that does not hold."""
        notified = self._question()
        answer = self._answer(notified)
        again = self._follow_up(answer, notified)
        answer = self._answer_from_phone(again)
        notice = self._thanks(answer)
        again = self._reopen(notice)
        self._hide(again)
        self._order()
        self._wrong_address()
        self._accounts()

    def _set_up(self) -> None:
        products = self.gateway.folder / "products.csv"
        products.write_text(
            "product_code,product_name,product_category,product_page,store\n"
            "598405570,テスト商品（ラップ）,その他（ラップ）,https://shop.example/598405570,testshop\n",
            "utf-8",
        )
        orders = self.gateway.folder / "orders.csv"
        orders.write_text(
            "order_number,cart_number,product_code,ordered_at,country,store\n"
            "B-7788,C-100,598405570,2026-11-18,JP,testshop\n",
            "utf-8",
        )
        self.gateway.set_up()
        self.gateway.command("store", "add", "testshop", "--title", "テストショップ", "--seller", SELLER)
        self.gateway.command("product", "import", str(products))
        self.gateway.command("order", "import", str(orders))

    def open_shop(self) -> None:
        self._says("The operator sets up a shop and starts the gateway.")
        self._set_up()
        self.gateway.start()
        self._did(
            f"toiawase serve listens on 127.0.0.1:{self.gateway.port}; mail goes to Maildirs in {self.gateway.mail}"
        )

    def _question(self) -> EmailMessage:
        self._says("10:02  A customer asks on a product's page, in ISO-2022-JP, with a photograph.")
        self._hands_in(_mail("1-question"))
        notified = self._gets(SELLER, "[Q-1]")
        self._must("山田 花子様" in str(notified["From"]), "the seller sees the customer's name")
        self._must(HANAKO not in notified.as_string(), "and not the customer's address")
        self._must(
            [part.get_filename() for part in notified.iter_attachments()] == ["商品の写真.png"], "and the photograph"
        )
        self._must("テスト商品（ラップ）" in _text(notified), "and the product's facts")
        self._must(self._inquiry()["status"] == "unanswered", "the inquiry is 未回答")
        return notified

    def _answer(self, notified: EmailMessage) -> EmailMessage:
        self._says("10:15  The seller presses Reply, writes #処理中 in the first line, and an answer under it.")
        self._hands_in(_reply("2-answer", notified))
        answer = self._gets(HANAKO, "Re: サイズについて教えてください")
        text = _text(answer)
        self._must(
            answer["In-Reply-To"] == "<20261120100211.8F1A@customer.example>", "the answer is in the customer's thread"
        )
        self._must("在庫を確認して" in text and "#処理中" not in text, "the words are there, the command is not")
        self._must(SELLER not in answer.as_string().replace("-- \n", ""), "the seller's address is nowhere")
        self._must(self._inquiry()["status"] == "in_progress", "the inquiry is 処理中")
        self._gets(SELLER, "送信しました")
        return answer

    def _follow_up(self, answer: EmailMessage, first: EmailMessage) -> EmailMessage:
        self._says("10:31  The customer replies. It is the same conversation.")
        self._hands_in(_reply("3-follow-up", answer))
        again = self._gets(SELLER, "[Q-1]")
        self._must(str(first["Message-ID"]) in str(again["References"]), "the seller's client shows one thread")
        self._must(self._inquiry()["matched_by"] == "address", "it was matched by its signed address")
        self._must(self._inquiry()["status"] == "unanswered", "the inquiry is 未回答 again")
        return again

    def _answer_from_phone(self, again: EmailMessage) -> EmailMessage:
        self._says("11:20  The seller answers from a telephone, whose mail nobody could verify: it is held.")
        self._hands_in(_reply("4-answer-from-phone", again), authenticated=False)
        asked = self._gets(SELLER, "【確認してください】")
        self._must(self._inquiry()["status"] == "unanswered", "nothing was sent")
        self._says("11:21  One press on the button in the confirmation, and it goes out.")
        self._hands_in(_press("5-confirm", asked, "この内容で送信する"), authenticated=False)
        answer = self._gets(HANAKO, "Re: サイズについて教えてください")
        self._must("赤のLサイズをご用意できます" in _text(answer), "the customer has the answer")
        self._must("iPhoneから送信" not in _text(answer), "without the telephone's footer")
        self._must(self._inquiry()["status"] == "done", "the inquiry is 処理完了")
        self._gets(SELLER, "送信しました")
        return answer

    def _thanks(self, answer: EmailMessage) -> EmailMessage:
        self._says("11:48  The customer says thank you, from a telephone. A rule answers; nobody has to read it.")
        self._hands_in(_reply("6-thanks", answer))
        response = self._gets(HANAKO, "Re: サイズについて教えてください")
        self._must(_text(response).splitlines() == AUTO_RESPONSE, "she gets the shop's two lines, and nothing else")
        marks = (response["Auto-Submitted"], response["Return-Path"])
        self._must(marks == ("auto-replied", "<>"), "marked as automatic, so that no machine answers it (RFC 3834)")
        self._must(response["In-Reply-To"] == "<9f31@customer.example>", "in her thread")
        notice = self._gets(SELLER, "[Q-1]")
        text = _text(notice)
        self._must("thank-you after the answer" in text, "the seller is told, and by which rule")
        self._must("決め手の言葉: ありがとうございました" in text, "and by which words")
        inquiry = self._inquiry()
        self._must(inquiry["status"] == "done" and inquiry["thread"][-1]["author"] == "rule", "it stays 処理完了")
        return notice

    def _reopen(self, notice: EmailMessage) -> EmailMessage:
        self._says("11:55  The seller wants to see to it after all: one press on 要対応 undoes what the rule did.")
        self._hands_in(_press("7-reopen", notice, "要対応に戻す"))
        self._gets(SELLER, "変更しました")
        again = self._gets(SELLER, "[Q-1]")
        self._must("ご対応ありがとうございました" in _text(again), "the customer's mail comes as any other")
        self._must(self._inquiry()["status"] == "unanswered", "the inquiry is 未回答 again")
        self._says("11:58  There was nothing to do: one press on 処理完了.")
        self._hands_in(_press("8-done", again, "処理完了にする"))
        self._gets(SELLER, "変更しました")
        self._must(self._inquiry()["status"] == "done", "the inquiry is 処理完了")
        mails = len(list((self.gateway.mail / HANAKO / "new").iterdir()))
        self._must(mails == 3, "and the customer got one automatic mail and two answers, no more")
        return again

    def _hide(self, notified: EmailMessage) -> None:
        self._says("12:15  The product's page shows what was asked and answered, in a frame on any shop's page.")
        (question,) = self._sees()
        self._must("Lサイズもありますか" in question["question"], "the question is there")
        asked = [question, *question["follow_ups"]]
        self._must([len(one["answers"]) for one in asked] == [1, 1], "and the second one, each with its answer")
        self._must("山田" not in json.dumps(asked, ensure_ascii=False), "and nobody's name")
        self._says("12:20  An answer was wrong: the seller presses 非表示 and fills in title and reason.")
        title = "商品ページの回答について"
        reason = "回答に誤りがありましたため、\r\n商品ページから非表示にいたしました。"
        self._hands_in(_filled_in("10-hide", notified, {"件名：": title, "理由：": reason}))
        notice = self._gets(HANAKO, title)
        self._must("回答に誤りがありましたため" in _text(notice), "the customer is told why, always")
        self._must("> 写真の色のものは、Lサイズもありますか。" in _text(notice), "and of which question")
        self._gets(SELLER, "送信しました")
        self._must(self._sees() == [], "and the product's page does not show it any more")
        self._must(self._inquiry()["status"] == "done", "the inquiry stays 処理完了")

    def _sees(self) -> list[dict[str, Any]]:
        """The questions on the product's page, as everyone gets them."""
        found: list[dict[str, Any]] = json.loads(self.gateway.page(f"{PAGE}.json"))
        lines = []
        for question in (one for first in found for one in (first, *first["follow_ups"])):
            lines += [f"Q  {question['question']}", *(f"A  {answer['text']}" for answer in question["answers"])]
        shown = "\n".join(lines) or "(no questions)"
        self.console.print(Panel(escape(shown), title=escape(f"everyone sees at {PAGE}"), width=100))
        return found

    def _order(self) -> None:
        self._says("13:05  Another customer asks about an order; the same mail comes twice, as mail sometimes does.")
        self._hands_in(_mail("9-order"))
        self._hands_in(_mail("9-order"))
        notified = self._gets(SELLER, "[Q-2]")
        self._must("カート番号: C-100" in _text(notified), "the order's facts are there")
        duplicates = self.gateway.until(
            "the copy is recognised", lambda: self.gateway.json("mail", "list", "--state", "duplicate")
        )
        self._must(len(duplicates) == 1, "the second copy was accepted, recognised and dropped")
        self._must(len(self.gateway.json("inquiry", "list")) == 2, "there are two inquiries, not three")

    def _wrong_address(self) -> None:
        self._says("14:00  Mail to an address that does not exist is refused at once.")
        raw = _mail("9-order").replace(b"testshop+oB-7788@", b"nosuchshop@")
        reply = self.gateway.hand_in(raw)
        self._must(reply.startswith("550 5.1.1"), reply)

    def _accounts(self) -> None:
        self._says("18:00  The operator closes the books.")
        self.gateway.until("all mail is out", lambda: not self._waiting())
        self._did(self.gateway.command("inquiry", "list").rstrip())
        ledger = self.gateway.command("ledger", "check")
        self._did(ledger.rstrip())
        self._must(self.gateway.stop() == 0, "every mail has its account, and the gateway ended cleanly")

    def _waiting(self) -> list[Any]:
        return [row for row in self.gateway.json("outbox", "list") if row["state"] in ("queued", "sending")]

    def _inquiry(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.gateway.json("inquiry", "show", "Q-1")
        incoming = [message for message in shown["thread"] if message["direction"] == "in"]
        return shown | {"matched_by": incoming[-1]["matched_by"]}

    def _hands_in(self, raw: bytes, *, authenticated: bool = True) -> None:
        reply = self.gateway.hand_in(raw, authenticated=authenticated)
        self._must(reply.startswith("250 "), reply)

    def _gets(self, address: str, subject: str) -> EmailMessage:
        mail = self.gateway.receives(address, subject)
        if not isinstance(mail, EmailMessage):
            raise StepError("no mail")
        head = [f"{name}: {mail[name]}" for name in ("From", "To", "Subject")]
        lines = _text(mail).strip().split("\n")
        shown = lines[:SHOWN_LINES] + (["…"] if len(lines) > SHOWN_LINES else [])
        self.console.print(
            Panel(escape("\n".join([*head, "", *shown])), title=escape(f"{address} receives"), width=100)
        )
        return mail

    def _says(self, text: str) -> None:
        self._step += 1
        self.console.print(f"\n[bold]{self._step}. {escape(text)}[/bold]")

    def _did(self, text: str) -> None:
        self.console.print(escape(text))

    def _must(self, held: bool, what: str) -> None:
        if not held:
            raise StepError(f"this does not hold: {what}")
        self.console.print(f"   [green]✓[/green] {escape(what)}")


def _mail(name: str) -> bytes:
    return resources.files("gateway.demo").joinpath(f"mails/{name}.eml").read_bytes()


def _press(name: str, letter: EmailMessage, label: str) -> bytes:
    """The mail that a button of a letter opens, sent as it is."""
    line = next(line for line in _text(letter).splitlines() if line.startswith(label))
    return _mail(name).replace(b"@BUTTON@", line.partition("mailto:")[2].encode()).replace(b"@BODY@", b"")


def _filled_in(name: str, letter: EmailMessage, fields: Mapping[str, str]) -> bytes:
    """The mail that the 非表示 button opens, its lines completed."""
    html = letter.get_body(("html",))
    links = str(html.get_content()).split('"') if html is not None else []
    url = urlsplit(next(link for link in links if "-hide-" in link).replace("&amp;", "&"))
    body = parse_qs(url.query)["body"][0]
    for label, words in fields.items():
        body = body.replace(label, f"{label}{words}")
    return _mail(name).replace(b"@BUTTON@", url.path.encode()).replace(b"@BODY@", body.encode())


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def _reply(name: str, to: EmailMessage) -> bytes:
    """The mail a client makes from a person's Reply: addressed, threaded, and with the quotation under it."""
    display, address = parseaddr(str(to["From"]))
    quoted = "\r\n".join(f"> {line}".rstrip() for line in _text(to).rstrip("\n").splitlines())
    references = f"{to['References'] or ''} {to['Message-ID']}".split()
    raw = _mail(name)
    for mark, value in _values(address, display, quoted, str(to["Message-ID"]), references):
        raw = raw.replace(mark, value.encode())
    return raw


def _values(
    address: str, display: str, quoted: str, message_id: str, references: list[str]
) -> Iterator[tuple[bytes, str]]:
    yield b"@FROM@", address
    yield b"@ADDRESS@", address
    yield b"@NAME@", display
    yield b"@MESSAGE_ID@", message_id
    yield b"@REFERENCES@", "\r\n ".join(references)
    yield b"@QUOTE@", quoted
