"""Programs at the far end that answer mail by themselves: one that keeps to RFC 3834, and what loops are made of.

Each is given a mail that our smarthost took and writes its answer, or none. `MOST` stops what would never end.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from tests.integration.house import AUTHSERV_ID, Arrived, House
from tests.integration.relay import at_rest, relay

MOST = 40  # answers of one program
_numbers = count(1)


@dataclass(frozen=True)
class Answer:
    raw: bytes
    mail_from: str
    to: str


Responder = Callable[[Arrived], Answer | None]


@dataclass
class Machine:
    """A responder at work; `answers` is what it wrote so far."""

    responder: Responder
    mails: "asyncio.Queue[Arrived]" = field(default_factory=asyncio.Queue)
    answers: list[Answer] = field(default_factory=list)
    busy: bool = False


@asynccontextmanager
async def machine(house: House, responder: Responder, *, into: House | None = None) -> AsyncIterator[Machine]:
    """Lets `responder` answer what `house` sends; its answers go `into` another house where one is given."""
    at_work = Machine(responder)
    house.readers.append(at_work.mails.put_nowait)
    async with relay(into or house) as hands_in:

        async def work() -> None:
            while True:
                at_work.busy = False
                mail = await at_work.mails.get()
                at_work.busy = True
                answer = responder(mail)
                if answer is not None and len(at_work.answers) < MOST:
                    at_work.answers.append(answer)
                    await hands_in(answer.raw, answer.mail_from, answer.to)

        task = asyncio.create_task(work())
        try:
            yield at_work
        finally:
            house.readers.remove(at_work.mails.put_nowait)
            task.cancel()


async def silence(houses: Sequence[House], machines: Sequence[Machine]) -> None:
    """Until nobody has anything to say any more."""
    while True:
        before = [len(house.arrived) for house in houses]
        for house in houses:
            await at_rest(house)
        busy = any(one.busy or not one.mails.empty() for one in machines)
        if not busy and before == [len(house.arrived) for house in houses]:
            return
        await asyncio.sleep(0.02)


def mail(author: str, to: str, text: str, **fields: str) -> bytes:
    """A mail as the relay hands it in, with a verdict that nothing can be said against unless `fields` has another."""
    domain = author.rpartition("@")[2]
    header = {
        "Authentication-Results": f"{AUTHSERV_ID}; dmarc=pass header.from={domain}",
        "From": author,
        "To": to,
        "Subject": "テスト2",
        "Message-ID": f"<{next(_numbers)}.machine@{domain}>",
        "Content-Type": "text/plain; charset=utf-8",
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in header.items())
    return (lines + "\r\n" + text.replace("\n", "\r\n") + "\r\n").encode()


class Vacation:
    """A vacation responder that keeps to RFC 3834: never to what is automatic, once to each sender, from nobody."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._answered: set[str] = set()

    def __call__(self, arrived: Arrived) -> Answer | None:
        automatic = str(arrived.mail["Auto-Submitted"] or "no").lower() != "no"
        if arrived.rcpt_to != self._owner or not arrived.mail_from or automatic or arrived.mail_from in self._answered:
            return None
        self._answered.add(arrived.mail_from)
        ids = {"In_Reply_To": str(arrived.mail["Message-ID"]), "References": str(arrived.mail["Message-ID"])}
        marks = {"Subject": f"自動応答: {arrived.mail['Subject']}", "Auto_Submitted": "auto-replied"}
        text = "ただいま休暇をいただいております。11月30日に戻ります。"
        return Answer(mail(self._owner, arrived.mail_from, text, **ids, **marks), "", arrived.mail_from)


@dataclass
class Careless:
    """Answers every mail to `owner` as a person would, without a mark and in a thread of its own, always with the same
    text, or with its `number` in it: a vacation responder of the bad kind, or a ticket system whose marks get lost."""

    owner: str
    text: str
    subject: str = "{subject}"
    to: str = ""  # the address in From, where none is given
    threads: bool = False  # names the mail that it answers
    marks: Mapping[str, str] = field(default_factory=dict)  # where it has some after all

    def __call__(self, arrived: Arrived) -> Answer | None:
        if arrived.rcpt_to != self.owner:
            return None
        to = self.to or arrived.from_address
        number = next(_numbers)
        subject = self.subject.format(subject=arrived.mail["Subject"], number=number)
        ids = {"In_Reply_To": str(arrived.mail["Message-ID"])} if self.threads else {}
        return Answer(
            mail(self.owner, to, self.text.format(number=number), Subject=subject, **ids, **self.marks), self.owner, to
        )


@dataclass
class Carrier:
    """What brings our mail to another gateway: its relay vouches for us. `strips` takes every mark of a machine away,
    as some forwarders do, and gives each mail a name of its own."""

    domain: str  # the other gateway's
    strips: bool = False

    def __call__(self, arrived: Arrived) -> Answer | None:
        if arrived.rcpt_to.rpartition("@")[2] != self.domain:
            return None
        sender = arrived.from_address
        if self.strips:
            raw = mail(sender, arrived.rcpt_to, arrived.text.rstrip("\n"), Subject=str(arrived.mail["Subject"]))
            return Answer(raw, sender, arrived.rcpt_to)
        verdict = f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from={sender.rpartition('@')[2]}\r\n"
        return Answer(verdict.encode() + arrived.raw, arrived.mail_from, arrived.rcpt_to)


def automatic(house: House) -> Counter[str]:
    """How many mails of rules each address got."""
    return Counter(
        arrived.rcpt_to
        for arrived in house.arrived
        if arrived.mail["Auto-Submitted"] == "auto-replied" and not arrived.mail_from
    )
