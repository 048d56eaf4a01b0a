"""sd_notify's protocol, on real datagram sockets."""

import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.sdnotify import notify


@pytest.fixture
def manager() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.settimeout(10)
        yield listening


def test_the_manager_hears_each_state_as_one_datagram(
    manager: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a path in tmp_path may be longer than a socket's may be
    manager.bind("n")
    monkeypatch.setenv("NOTIFY_SOCKET", "n")
    notify("READY=1\nSTATUS=受け付け中")
    notify("STOPPING=1")
    assert [manager.recv(4096), manager.recv(4096)] == ["READY=1\nSTATUS=受け付け中".encode(), b"STOPPING=1"]


def test_the_manager_may_listen_in_the_abstract_namespace(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"toiawase-{uuid4()}"
    manager.bind(f"\0{name}")
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    notify("WATCHDOG=1")
    assert manager.recv(4096) == b"WATCHDOG=1"


def test_without_a_manager_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")


def test_a_manager_that_went_away_does_not_stop_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify("WATCHDOG=1")


def test_a_manager_that_does_not_read_does_not_block_the_service(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"toiawase-{uuid4()}"
    manager.bind(f"\0{name}")
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    for _ in range(5000):
        notify("WATCHDOG=1")
