"""The mails of a run: each its own customer, Message-ID and words, half of them in ISO-2022-JP as old clients send; one
in four a thank-you that a rule answers by itself."""

import re
from dataclasses import dataclass
from email.header import Header

DOMAIN = "q.example.jp"
OPERATOR = "ops@example.jp"
AUTHSERV_ID = "mx.example.jp"
STORES = {"ichiban": ("owner@ichiban.example",), "niban": ("owner@niban.example", "desk@niban.example")}

MARK = re.compile(rb"L[0-9]{6}X")  # stands in a mail's subject and words, and so in what comes of it

WORDS = """お世話になっております。先日注文した商品についてお伺いします。
まだ届いていないようですが、いつごろ発送されますでしょうか。
お手数ですが、ご確認をお願いいたします。
"""


@dataclass(frozen=True)
class CustomerMail:
    number: int

    @property
    def mark(self) -> str:
        return f"L{self.number:06}X"

    @property
    def message_id(self) -> str:
        return f"<{self.mark.lower()}@customer.example>"

    @property
    def is_thanks(self) -> bool:
        return self.number % 4 == 3

    @property
    def mail_from(self) -> str:
        return f"c{self.number}@customer.example"

    @property
    def store(self) -> str:
        return list(STORES)[self.number % len(STORES)]

    @property
    def rcpt_to(self) -> str:
        return f"{self.store}@{DOMAIN}"

    @property
    def sellers(self) -> tuple[str, ...]:
        """Who must get a notification of it."""
        return STORES[self.store]

    def octets(self) -> bytes:
        """As a trusted relay hands it in, with CRLF, without the final dot; no line begins with a dot."""
        charset = "iso-2022-jp" if self.number % 2 else "utf-8"
        words = "ありがとうございました。\n" if self.is_thanks else f"控え {self.mark}\n{WORDS * 3}"
        header = [
            f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from=customer.example",
            f"From: {Header('山田花子', charset).encode()} <{self.mail_from}>",
            f"To: {self.rcpt_to}",
            f"Subject: {Header(f'発送について {self.mark}', charset).encode()}",
            "Date: Fri, 20 Nov 2026 14:03:00 +0900",
            f"Message-ID: {self.message_id}",
            "MIME-Version: 1.0",
            f"Content-Type: text/plain; charset={charset}",
            f"Content-Transfer-Encoding: {'7bit' if self.number % 2 else '8bit'}",
        ]
        text = "\n".join(header) + f"\n\n{words}"
        return text.replace("\n", "\r\n").encode(charset)
