"""Answers to our own notification from typical clients, above, below and between its lines."""

from pathlib import Path

import pytest

from gateway.mail.parse import parse, renderings
from gateway.mail.reply import divide_seller

FOLDER = Path(__file__).parent / "samples" / "replies"
NAMES = sorted(path.stem for path in FOLDER.glob("*.txt"))
NOTIFICATION = (FOLDER / "notification.eml").read_bytes()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sent", [(parse(NOTIFICATION).text,), renderings(NOTIFICATION)], ids=["text", "renderings"])
def test_what_a_seller_wrote_is_found_in_every_clients_reply(name: str, sent: tuple[str, ...]) -> None:
    mail = parse((FOLDER / f"{name}.eml").read_bytes())
    reply = divide_seller(mail.text, sent)
    assert reply.text == (FOLDER / f"{name}.txt").read_text("utf-8").rstrip("\n")
    assert reply.refused == ()


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(("outlook", "no-marks"))])
def test_marked_quotations_need_no_knowledge_of_what_we_sent(name: str) -> None:
    mail = parse((FOLDER / f"{name}.eml").read_bytes())
    assert divide_seller(mail.text).text == (FOLDER / f"{name}.txt").read_text("utf-8").rstrip("\n")
