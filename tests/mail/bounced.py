"""Bounces in a server's own words, invented, and what is expected of them."""

from typing import NamedTuple

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


def read(words: str) -> tuple[list[Told], str | None]:
    """Who is told as not reached, and of which mail, where a server writes `words` above the mail it returns."""
    raw = f"""From: MAILER-DAEMON@relay.example
To: b1-sig@desk.example
Subject: failure notice
Content-Type: text/plain; charset=utf-8

{words}
{RETURNED}"""
    bounce = bounces.read(raw.encode())
    told = [Told(failure.address, failure.action, failure.permanent, failure.dead) for failure in bounce.recipients]
    return told, bounce.original_message_id
