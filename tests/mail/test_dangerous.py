"""What could harm whoever opens it gets a name under which it cannot, and nothing else does."""

import pytest

from gateway.mail.dangerous import SUFFIX, is_renamed, made_harmless
from gateway.mail.values import AttachedFile

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("請求書.exe", "application/octet-stream", b""),
        ("写真.jpg.SCR", "image/jpeg", b"\xff\xd8"),
        ("a.js", "text/plain", b""),
        ("ショートカット.lnk", "application/octet-stream", b""),
        ("disk.iso", "application/octet-stream", b""),
        ("お知らせ.html", "text/html", b"<p>"),
        ("logo.svg", "image/svg+xml", b"<svg>"),
        ("見積.xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12", b"PK"),
        ("見積.doc", "application/msword", OLE + "_VBA_PROJECT".encode("utf-16-le")),
        ("写真.jpg", "image/jpeg", b"MZ\x90\0"),
        ("run", "text/plain", b"#!/bin/sh\n"),
        ("attachment-1.bin", "application/x-msdownload", b""),
        ("note.onepkg", "application/octet-stream", b""),
    ],
)
def test_what_runs_when_opened_is_renamed(name: str, kind: str, content: bytes) -> None:
    made = made_harmless(AttachedFile(name, kind, content))
    assert made == AttachedFile(name + SUFFIX, "application/octet-stream", content)
    assert is_renamed(made.name)
    assert made_harmless(made) is made


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("写真.jpg", "image/jpeg"),
        ("見積.pdf", "application/pdf"),
        ("注文書.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("資料.zip", "application/zip"),
        ("名簿.csv", "text/csv"),
        ("転送.eml", "message/rfc822"),
        ("動画.mp4", "video/mp4"),
        ("メモ", "text/plain"),
    ],
)
def test_what_people_send_each_other_keeps_its_name(name: str, kind: str) -> None:
    file = AttachedFile(name, kind, b"PK\x03\x04")
    assert made_harmless(file) is file
    assert made_harmless(AttachedFile("見積.doc", "application/msword", OLE)).name == "見積.doc"


def test_the_ending_stands_under_the_longest_name() -> None:
    made = made_harmless(AttachedFile("長" * 96 + ".exe", "application/octet-stream", b""))
    assert len(made.name) == 100
    assert made.name.endswith(SUFFIX)
