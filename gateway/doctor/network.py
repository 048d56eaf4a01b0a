"""What is reached over sockets: our own ports, and the smarthost."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from gateway.config import Config
from gateway.config.values import split_endpoint
from gateway.delivery.probe import Step, trouble_with
from gateway.delivery.smarthost import SmarthostAddress
from gateway.doctor.finding import Finding, note, ok, wrong

PATIENCE = 5.0  # seconds
SOCKET_UNIT = ("127.0.0.1", 25)  # where toiawase.socket listens
MAILDIR = "maildir:"

REMEDIES = {
    Step.REACH: "Check [smarthost] url, that the server runs, and that a firewall lets us through.",
    Step.TLS: "Give the smarthost a certificate for the name in [smarthost] url, from an authority known here.",
    Step.LOGIN: "Put the right password into smarthost.password_file, then `toiawase outbox retry --all`.",
}


async def smarthost(config: Config) -> AsyncIterator[Finding]:
    url = config.smarthost.url
    if url.startswith(MAILDIR):
        folder = Path(url.removeprefix(MAILDIR))
        there = next(path for path in (folder, *folder.parents) if path.exists())
        if os.access(there, os.W_OK | os.X_OK):
            yield note(
                "smarthost", f"mails go to Maildirs in {folder}", "Name a server in [smarthost] url to send them."
            )
        else:
            yield wrong("smarthost", f"{there} is not ours to write to", f"`chown` {there} to the gateway's user.")
        return
    address = SmarthostAddress.parse(url, config.smarthost.credential)
    trouble = await trouble_with(address, config.domain)
    if trouble is not None:
        yield wrong("smarthost", f"{address.host}:{address.port}: {trouble.said}", REMEDIES[trouble.step])
    elif address.is_open_to_read:
        remedy = "Use smtps:// or smtp+starttls:// in [smarthost] url, unless the way there is your own."
        yield note("smarthost", f"{address.host}:{address.port} greets us, and others may read along: no TLS", remedy)
    elif address.scheme == "smtp":
        yield ok("smarthost", f"{address.host}:{address.port} greets us, without TLS")
    else:
        yield ok(
            "smarthost", f"{address.host}:{address.port} greets us over TLS{', logged in' if address.user else ''}"
        )


async def ports(config: Config) -> AsyncIterator[Finding]:
    """Asked as a client would."""
    smtp = config.listen.smtp
    host, port = SOCKET_UNIT if smtp == "systemd" else split_endpoint(smtp)
    greeting = await _said_at(_near(host), port)
    start = "`systemctl start toiawase.socket toiawase`, or `toiawase serve`."
    if greeting is None:
        yield wrong("port", f"nobody answers at {host}:{port}", f"Start the gateway: {start}")
    elif not greeting.startswith(f"220 {config.domain} "):
        remedy = "Stop the other server, or choose another address in listen.smtp."
        yield wrong("port", f"another server answers at {host}:{port}: {greeting[:80]!r}", remedy)
    else:
        yield ok("port", f"{host}:{port} answers for {config.domain}")
    if config.listen.http:
        yield await _ready(*split_endpoint(config.listen.http))


async def silent_at(config: Config) -> str | None:
    """Where the gateway of this machine should answer and nobody does: its health, else its port for mail."""
    if config.listen.http:
        host, port = split_endpoint(config.listen.http)
        shown, request = _health_of(host, port)
    else:
        host, port = SOCKET_UNIT if config.listen.smtp == "systemd" else split_endpoint(config.listen.smtp)
        shown, request = f"{host}:{port}", ""
    if port == 0:  # a free one, which it alone knows
        return None
    return shown if await _said_at(_near(host), port, request) is None else None


def _health_of(host: str, port: int) -> tuple[str, str]:
    """Where it is asked, as text, and the question."""
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return shown, f"GET /readyz HTTP/1.0\r\nHost: {shown}\r\n\r\n"


async def _ready(host: str, port: int) -> Finding:
    shown, request = _health_of(host, port)
    answer = await _said_at(host, port, request, whole=True)
    if answer is None:
        return wrong("health", f"nobody answers at {shown}", "Start the gateway, or change listen.http and reload.")
    head, _, body = answer.partition("\r\n\r\n")
    if " 200 " in head.partition("\r\n")[0]:
        return ok("health", "the gateway says that it is ready")
    said = "; ".join(body.split("\n")[:3]).strip("; ") or head.partition("\r\n")[0]
    return wrong("health", f"the gateway says: {said}", "`journalctl -u toiawase -p err` tells why.")


async def _said_at(host: str, port: int, request: str = "", *, whole: bool = False) -> str | None:
    """The first line, or all, that is said there; None where nobody speaks."""
    writer = None
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(request.encode())
            octets = await (reader.read(65536) if whole else reader.readline())
            while whole and (more := await reader.read(65536)):
                octets += more
    except (OSError, TimeoutError):
        return None
    finally:
        if writer is not None:
            with suppress(OSError):
                writer.write(b"QUIT\r\n" if not request else b"")
                writer.close()
    return octets.decode("utf-8", "replace").strip() or None


def _near(host: str) -> str:
    """Where a listener on every address is asked."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared, not bound
