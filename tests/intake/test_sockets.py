"""Where we listen: our own sockets, and those systemd hands over."""

import os
import socket
import subprocess
import sys

import pytest

from gateway.intake.sockets import open_socket, parse_endpoint, systemd_sockets


@pytest.mark.parametrize(
    ("endpoint", "parsed"),
    [
        ("127.0.0.1:8025", ("127.0.0.1", 8025)),
        ("[::]:25", ("::", 25)),
        ("localhost:0", ("localhost", 0)),
        (":25", ("0.0.0.0", 25)),
    ],
)
def test_an_endpoint_is_a_host_and_a_port(endpoint: str, parsed: tuple[str, int]) -> None:
    assert parse_endpoint(endpoint) == parsed


@pytest.mark.parametrize("endpoint", ["", "25", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "a:70000", "::1:25", "a:²"])
def test_anything_else_is_an_error(endpoint: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        parse_endpoint(endpoint)


def test_our_socket_names_tcp_so_that_asyncio_turns_nagle_off() -> None:
    with open_socket("127.0.0.1:0") as listener:
        assert listener.proto == socket.IPPROTO_TCP
        assert listener.getsockname()[1] > 0


def test_a_taken_port_is_an_error() -> None:
    with open_socket("127.0.0.1:0") as listener:
        listener.listen()
        with pytest.raises(OSError, match="in use"):
            open_socket(f"127.0.0.1:{listener.getsockname()[1]}")


def test_without_systemd_there_are_no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_PID", str(os.getpid() + 1))
    monkeypatch.setenv("LISTEN_FDS", "1")
    assert systemd_sockets() == []
    assert "LISTEN_FDS" not in os.environ


CHILD = """
import os, socket
os.environ["LISTEN_PID"] = str(os.getpid())
from gateway.intake.sockets import systemd_sockets
taken = systemd_sockets("smtp")
ports, protos = [one.getsockname()[1] for one in taken], [one.proto for one in taken]
print(ports, protos, systemd_sockets("smtp"))
"""


@pytest.mark.parametrize(("names", "expected"), [("smtp:http", [0]), ("http:smtp", [1]), ("a.socket:a.socket", [0, 1])])
def test_systemds_sockets_are_taken_by_their_name(names: str, expected: list[int]) -> None:
    with open_socket("127.0.0.1:0") as one, open_socket("127.0.0.1:0") as other:
        ports = [listener.getsockname()[1] for listener in (one, other)]
        one.set_inheritable(True)
        other.set_inheritable(True)
        # As systemd does: the descriptors begin at 3.
        script = f"exec 3<&{one.fileno()} 4<&{other.fileno()}; exec {sys.executable} -c '{CHILD}'"
        result = subprocess.run(
            ["bash", "-c", script],
            env={**os.environ, "LISTEN_FDS": "2", "LISTEN_FDNAMES": names},
            pass_fds=(one.fileno(), other.fileno()),
            capture_output=True,
            text=True,
            check=True,
        )
    taken = [ports[index] for index in expected]
    assert result.stdout.strip() == f"{taken} {[socket.IPPROTO_TCP] * len(taken)} []"
