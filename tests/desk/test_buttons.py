"""A button fills a mail rightly in any client: read back by an independent decoder of RFC 6068, and by neomutt."""

import os
import pty
import re
import select
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.desk.page import URL_LIMIT, Button, Page
from gateway.texts import Texts, catalogue, languages

ADDRESS = "q1042-progress-" + "a" * 24 + "@q.example.jp"
HARD = Button(
    "非表示にする",
    ADDRESS,
    "【確認】A&B + C #1 100% \"引用\" 'x' <y> ?=;/ [Q-1042]",
    "#非表示 タイトル＋１\n理由を、ここに書いてください。\n\nA&B=C+D#E%20 【】 ~\\`^|{}",
)
PATIENCE = 20.0  # seconds


def decoded(url: str) -> dict[str, str]:
    """RFC 6068 2, written from its grammar alone: nothing in a mailto URL means a space but %20."""
    match = re.fullmatch(r"mailto:([^?]*)\?(.*)", url)
    assert match, url
    assert re.fullmatch(r"(?:[A-Za-z0-9\-._~@=&]|%[0-9A-F]{2})*", match[1] + match[2]), "a character that needs quoting"
    fields = dict(field.split("=") for field in match[2].split("&"))
    return {"to": _octets(match[1]), **{name: _octets(value) for name, value in fields.items()}}


def _octets(value: str) -> str:
    parts = re.findall(r"%([0-9A-F]{2})|([^%])", value)
    return b"".join(bytes([int(code, 16)]) if code else plain.encode("ascii") for code, plain in parts).decode("utf-8")


def _every_button() -> list[Button]:
    """Those of the catalogues, as they are filled in."""
    buttons = []
    for language in languages():
        texts = Texts(language)
        for name in (key.rpartition(".")[2] for key in catalogue(language) if key.startswith("button.subject.")):
            subject, body = (texts(f"button.{part}.{name}", number=123456789) for part in ("subject", "body"))
            buttons.append(Button(texts(f"button.{name}"), ADDRESS, subject, body))
    return buttons


@pytest.mark.parametrize("button", [HARD, *_every_button()], ids=lambda button: button.subject[:20])
def test_a_button_says_what_it_was_made_of(button: Button) -> None:
    filled = decoded(button.url)
    assert filled == {
        "to": ADDRESS,
        "subject": button.subject,
        "body": button.body.rstrip("\n").replace("\n", "\r\n"),
    }


@pytest.mark.parametrize("button", _every_button(), ids=lambda button: button.subject[:20])
def test_a_button_is_short_enough_for_windows(button: Button) -> None:
    assert len(button.url) <= URL_LIMIT


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])), st.text(st.characters(codec="utf-8")))
def test_no_words_escape_from_a_button(subject: str, body: str) -> None:
    filled = decoded(Button("x", ADDRESS, subject, body).url)
    assert (filled["to"], filled["subject"]) == (ADDRESS, subject)
    assert filled["body"] == "\r\n".join(body.splitlines())


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if (tag, name) == ("a", "href")]


def test_the_html_part_holds_the_same_url() -> None:
    page = Page("ja").buttons([HARD])
    assert Links(page.html).found == [HARD.url]


@pytest.mark.skipif(shutil.which("neomutt") is None, reason="neomutt is not installed")
def test_neomutt_fills_it_rightly(tmp_path: Path) -> None:
    draft, editor = tmp_path / "draft", tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\ncp "$1" {draft}.part && mv {draft}.part {draft}\n')
    editor.chmod(0o700)
    settings = (
        *("autoedit", "edit_headers", f'editor="{editor}"', 'from="suzuki@shop.example"', 'charset="utf-8"'),
        *("mbox_type=Maildir", f'folder="{tmp_path}"', f'spoolfile="{tmp_path}/inbox"', 'record=""', "postpone=no"),
    )
    (tmp_path / "muttrc").write_text("".join(f"set {setting}\n" for setting in settings))
    for name in ("cur", "new", "tmp"):
        (tmp_path / "inbox" / name).mkdir(parents=True)
    _in_a_terminal(["neomutt", "-n", "-F", str(tmp_path / "muttrc"), HARD.url], draft)
    head, _, body = draft.read_text("utf-8").partition("\n\n")
    assert f"To: {ADDRESS}" in head.splitlines()
    assert f"Subject: {HARD.subject}" in head.splitlines()
    assert body.rstrip("\n") == HARD.body


def _in_a_terminal(command: list[str], result: Path) -> None:
    """Runs it until it has made the file."""
    outside, inside = pty.openpty()
    settings = os.environ | {"TERM": "xterm", "LC_ALL": "C.UTF-8", "HOME": str(result.parent)}
    child = subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside, env=settings, start_new_session=True)
    os.close(inside)
    try:
        waited = 0.0
        while not result.exists() and waited < PATIENCE:
            if select.select([outside], [], [], 0.1)[0]:
                os.read(outside, 65536)
            else:
                waited += 0.1
    finally:
        child.kill()
        child.wait()
        os.close(outside)
    assert result.exists(), "the editor was not asked"
