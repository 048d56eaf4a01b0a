"""How much CPU time it takes to understand a mail, beside the libraries that read mail.

usage: python -m benchmarks.understand [--rounds 9] [--seconds 0.1]

The mails are those of sample_mails.py. In each round every variant has its turn at every mail, for so many seconds of
CPU time, after one pass that is not counted; so what else the machine does meets all alike. The ratio to the reference,
mail-parser, is taken within a round. Of the libraries the fields, texts and files are read, since they wait for that.

What the worker does with the bytes of a mail is `parse`, then `divide` with the texts of the mails that it may answer,
which come from the database: `renderings`, which makes them from a mail, is counted apart, with the notification that
the replies answer. What says that it is a bounce is also read by `bounces.read`.
"""

import argparse
import email
import email.policy
import statistics
from collections.abc import Callable, Iterator
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from importlib import import_module
from importlib.util import find_spec
from time import process_time
from typing import Any

import mailparser

from benchmarks.sample_mails import MAILS, NOTIFICATION
from gateway.mail import bounces, bounds
from gateway.mail.explain import explain
from gateway.mail.parse import parse, renderings
from gateway.mail.reply import divide

Read = Callable[[bytes], object]
REFERENCE = "mail-parser"
FIELDS = ("from", "to", "subject", "date", "message-id")


def mail_parser(raw: bytes) -> object:
    mail = mailparser.parse_from_bytes(raw)  # type: ignore[no-untyped-call]
    fields = mail.from_, mail.to, mail.subject, mail.date, mail.message_id
    return fields, mail.text_plain, mail.text_html, mail.attachments


def email_default(raw: bytes) -> object:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    leaves = [part for part in message.walk() if not part.is_multipart()]
    return [str(message[name]) for name in FIELDS], [(part.get_content(), part.get_filename()) for part in leaves]


def email_compat32(raw: bytes) -> object:
    message = email.message_from_bytes(raw)
    leaves = [part for part in message.walk() if not part.is_multipart()]
    fields = [str(make_header(decode_header(message[name] or ""))) for name in FIELDS]
    return fields, [(compat32_content(part), part.get_filename()) for part in leaves]


def compat32_content(part: Message) -> str | bytes:
    octets = part.get_payload(decode=True)
    assert isinstance(octets, bytes)
    is_text = part.get_content_maintype() == "text"
    return octets.decode(part.get_content_charset("utf-8"), "replace") if is_text else octets


def all_fields(mail: Any) -> object:
    return mail.subject, mail.date, mail.headers, mail.text_plain, mail.text_html, mail.attachments


def variants() -> dict[str, Read]:
    libraries: dict[str, Read] = {
        REFERENCE: mail_parser,
        "email, policy.default": email_default,
        "email, compat32": email_compat32,
    }
    if find_spec("fast_mail_parser"):
        fast_parse = import_module("fast_mail_parser").parse_email
        libraries["fast-mail-parser"] = lambda raw: all_fields(fast_parse(raw))
    else:
        print("fast-mail-parser is not installed: left out")
    sent = renderings(NOTIFICATION)
    return libraries | {
        "bounds.measure": bounds.measure,
        "parse": parse,
        "parse, divide": lambda raw: divide(parse(raw).text),
        "parse, divide, answered mail known": lambda raw: divide(parse(raw).text, sent),
        "parse, bounces.read": lambda raw: (parse(raw), bounces.read(raw)),
        "explain": explain,
    }


def cases() -> Iterator[tuple[str, str, Read, bytes]]:
    """(mail, variant, how, raw); only what makes sense."""
    for variant, read in variants().items():
        for mail, raw in MAILS.items():
            if variant == "parse, divide, answered mail known" and "reply" not in mail:
                continue
            if variant == "parse, bounces.read" and mail != "bounce":
                continue
            yield mail, variant, read, raw
    yield "notification", REFERENCE, mail_parser, NOTIFICATION
    yield "notification", "renderings", renderings, NOTIFICATION


def milliseconds(read: Read, raw: bytes, seconds: float) -> float:
    """CPU time of one pass."""
    read(raw)
    passes, start = 0, process_time()
    while (spent := process_time() - start) < seconds:
        read(raw)
        passes += 1
    return spent / passes * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.1)
    options = parser.parse_args()
    todo = list(cases())
    runs: dict[tuple[str, str], list[float]] = {(mail, variant): [] for mail, variant, _, _ in todo}
    for _ in range(options.rounds):
        for mail, variant, read, raw in todo:
            runs[mail, variant].append(milliseconds(read, raw, options.seconds))
    print(f"CPU ms a mail, {options.rounds} rounds of {options.seconds} s, medians")
    for title, raw in {**MAILS, "notification": NOTIFICATION}.items():
        print(f"\n{f'{title} ({len(raw)} octets)':36} {'ms':>7} {'min-max':>14}   x {REFERENCE}")
        for variant in [variant for mail, variant in runs if mail == title]:
            times, reference = runs[title, variant], runs[title, REFERENCE]
            ratios = [ours / theirs for ours, theirs in zip(times, reference, strict=True)]
            print(
                f"{variant:36} {statistics.median(times):7.3f} {min(times):6.3f}-{max(times):<7.3f}"
                f"   {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
            )


if __name__ == "__main__":
    main()
