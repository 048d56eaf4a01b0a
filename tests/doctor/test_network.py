"""Our own ports and the smarthost, over real sockets."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult

from gateway.delivery import probe
from gateway.delivery.probe import Step, trouble_with
from gateway.delivery.smarthost import SmarthostAddress
from gateway.doctor import network
from gateway.doctor.finding import Finding, Result
from tests.doctor.conftest import Configure


@asynccontextmanager
async def server(said: str) -> AsyncIterator[int]:
    """Says this to whoever connects (an HTTP client first asks), and hangs up; yields its port."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if said.startswith("HTTP"):
            await reader.readuntil(b"\r\n\r\n")
        writer.write(said.encode())
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    listener = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with listener:
        yield listener.sockets[0].getsockname()[1]


async def ports(configure: Configure, smtp: int, http: int | None = None) -> list[Finding]:
    health = f"127.0.0.1:{http}" if http else ""
    config = configure(f'[listen]\nsmtp = "127.0.0.1:{smtp}"\nhttp = "{health}"')
    return [one async for one in network.ports(config)]


async def test_a_gateway_that_answers_and_is_ready(configure: Configure) -> None:
    async with server("220 q.example.jp ESMTP\r\n") as smtp, server("HTTP/1.1 200 OK\r\n\r\nok\n") as http:
        assert [one.result for one in await ports(configure, smtp, http)] == [Result.OK, Result.OK]


async def test_a_gateway_that_is_not_ready_says_why(configure: Configure) -> None:
    said = "HTTP/1.1 503 Service Unavailable\r\n\r\ndelivery makes no rounds\n"
    async with server("220 q.example.jp ESMTP\r\n") as smtp, server(said) as http:
        _, health = await ports(configure, smtp, http)
    assert (health.result, "delivery makes no rounds" in health.text) == (Result.WRONG, True)


async def test_nobody_and_somebody_else_at_our_port_are_told_apart(configure: Configure) -> None:
    async with server("220 mail.example.jp ESMTP Other\r\n") as other:
        [finding] = await ports(configure, other)
    assert (finding.result, "another server" in finding.text) == (Result.WRONG, True)
    [finding] = await ports(configure, other)
    assert (finding.result, "systemctl start toiawase.socket" in finding.remedy) == (Result.WRONG, True)


@asynccontextmanager
async def smarthost(context: ssl.SSLContext | None, password: bytes = b"right") -> AsyncIterator[int]:
    def authenticate(_server: object, _session: object, _envelope: object, _mechanism: str, data: object) -> AuthResult:
        return AuthResult(success=getattr(data, "password", b"") == password, handled=False)

    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        lambda: SMTP(object(), tls_context=None, authenticator=authenticate, auth_require_tls=False, loop=loop),
        "127.0.0.1",
        0,
        ssl=context,
    )
    async with listener:
        yield listener.sockets[0].getsockname()[1]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_side(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def client_side(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.mark.parametrize(
    ("name", "password", "step"),
    [
        ("127.0.0.1", "right", None),
        ("127.0.0.1", "wrong", Step.LOGIN),
        ("127.0.0.1", None, Step.LOGIN),
        ("elsewhere.example", "right", Step.TLS),
    ],
)
async def test_n23_n24_how_far_a_login_goes(
    tmp_path: Path, authority: trustme.CA, name: str, password: str | None, step: Step | None
) -> None:
    file = tmp_path / "password"
    if password is not None:
        file.write_text(password)
    async with smarthost(server_side(authority, name)) as port:
        address = SmarthostAddress("smtps", "127.0.0.1", port, "user", file)
        trouble = await trouble_with(address, "q.example.jp", client_side(authority))
    assert (trouble.step if trouble else None) is step, trouble


async def test_a_server_without_starttls_is_a_matter_of_tls() -> None:
    async with smarthost(None) as port:
        trouble = await trouble_with(SmarthostAddress("smtp+starttls", "127.0.0.1", port), "q.example.jp")
    assert trouble is not None
    assert trouble.step is Step.TLS


async def test_a_smarthost_is_greeted_and_left_alone(configure: Configure) -> None:
    async with smarthost(None) as port:
        config = configure(f'[smarthost]\nurl = "smtp://127.0.0.1:{port}"')
        [finding] = [one async for one in network.smarthost(config)]
    assert finding.result is Result.OK, finding
    [finding] = [one async for one in network.smarthost(config)]
    assert (finding.result, "firewall" in finding.remedy) == (Result.WRONG, True)


async def test_a_silent_smarthost_is_not_waited_for_long(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "PATIENCE", 0.2)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()

    listener = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with listener:
        config = configure(f'[smarthost]\nurl = "smtp://127.0.0.1:{listener.sockets[0].getsockname()[1]}"')
        [finding] = [one async for one in network.smarthost(config)]
    assert finding.result is Result.WRONG


async def test_maildirs_are_a_way_out_that_somebody_should_know_of(configure: Configure, tmp_path: Path) -> None:
    config = configure('[smarthost]\nurl = "maildir:var/out"')
    [finding] = [one async for one in network.smarthost(config)]
    assert (finding.result, str(tmp_path / "var/out") in finding.text) == (Result.NOTE, True)
