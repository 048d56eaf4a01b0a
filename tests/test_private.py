"""A gateway does not start where others could read or change what customers wrote (A25)."""

import asyncio
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from sqlalchemy.engine import URL, make_url

from gateway import keys, private
from gateway.config import ConfigError, load
from gateway.parts import check_privacy
from gateway.store.database import Database
from tests.doctor.conftest import HEAD
from tests.postgres import PostgresServer

SSL_REQUEST = bytes.fromhex("0000000804d2162f")


def serve(folder: Path) -> tuple[int, str]:
    """Exit code and standard error of a gateway that ends by itself."""
    words = [sys.executable, "-m", "gateway", "--config", str(folder / "toiawase.toml"), "serve"]
    result = subprocess.run(words, capture_output=True, text=True, timeout=60)
    return result.returncode, result.stderr


def written(folder: Path, *lines: str) -> Path:
    file = folder / "toiawase.toml"
    file.write_text(HEAD + "\n".join(lines), "utf-8")
    return file


@pytest.mark.parametrize("ending", ["", "-wal"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a25_a_database_that_others_may_read_keeps_the_gateway_from_starting(
    tmp_path: Path, ending: str, mode: int
) -> None:
    file = tmp_path / f"toiawase.db{ending}"
    file.touch(0o600)
    file.chmod(mode)
    with pytest.raises(ConfigError, match=f"chmod 600 {file}"):
        check_privacy(load(written(tmp_path)))


def test_a25_the_refusal_is_one_line_and_exit_2(tmp_path: Path) -> None:
    written(tmp_path, 'database = "sqlite:///mail.db"', "[listen]", 'smtp = "127.0.0.1:0"')
    keys.create(tmp_path / "keys.toml", datetime.now(UTC))
    (tmp_path / "mail.db").touch()
    (tmp_path / "mail.db").chmod(0o644)
    code, said = serve(tmp_path)
    assert (code, said.count("\n"), f"chmod 600 {tmp_path / 'mail.db'}" in said) == (2, 1, True), said


def test_a25_a_folder_where_others_could_put_files_keeps_the_gateway_from_starting(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    config = load(written(tmp_path, 'state = "state"'))
    check_privacy(config)
    state.chmod(0o770)
    with pytest.raises(ConfigError, match=f"chmod go-w {state}"):
        check_privacy(config)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("postgresql://desk@127.0.0.1/desk", True),
        ("postgresql://desk@[::1]/desk", True),
        ("postgresql://desk@localhost/desk", True),
        ("postgresql:///desk?host=/var/run/postgresql", True),
        ("postgresql://desk@db.example.jp/desk?sslmode=verify-full", True),
        ("postgresql://desk@db.example.jp/desk", False),
        ("postgresql://desk@db.example.jp/desk?sslmode=require", False),
        ("postgresql://desk@192.0.2.7/desk", False),
        ("postgresql:///desk?host=db.example.jp", False),
    ],
)
def test_a25_mail_goes_to_another_machine_only_where_nobody_can_listen(tmp_path: Path, url: str, allowed: bool) -> None:
    config = load(written(tmp_path, f'database = "{url}"'))
    found = list(private.problems(config))
    assert (found == []) is allowed, found


def test_a25_a_database_elsewhere_is_not_even_asked_in_clear(tmp_path: Path) -> None:
    written(tmp_path, 'database = "postgresql://desk:canary@192.0.2.7/desk"')
    code, said = serve(tmp_path)
    assert (code, "sslmode=verify-full" in said, "canary" in said) == (2, True, False), said


@dataclass
class TlsFront:
    """Speaks TLS before a PostgreSQL that was built without it: only the client's half is ours to prove."""

    port: int
    encrypted: int = 0  # connections whose handshake the client finished


@asynccontextmanager
async def tls_front(server: PostgresServer, authority: trustme.CA) -> AsyncIterator[TlsFront]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            assert await reader.readexactly(8) == SSL_REQUEST
            writer.write(b"S")
            await writer.start_tls(context)
            front.encrypted += 1
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", server.port)
            await asyncio.gather(_pass_on(reader, behind_writer), _pass_on(behind_reader, writer))
        writer.close()

    listener = await asyncio.start_server(talk, "127.0.0.1", 0)
    front = TlsFront(listener.sockets[0].getsockname()[1])
    async with listener:
        yield front


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while octets := await reader.read(65536):
        writer.write(octets)
        await writer.drain()
    writer.close()


async def test_a25_the_database_s_name_and_authority_are_checked(
    postgres_server: PostgresServer, postgresql_url: str, tmp_path: Path
) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    stranger.cert_pem.write_to_path(tmp_path / "stranger.pem")
    async with tls_front(postgres_server, authority) as front:
        plain = make_url(postgresql_url).set(port=front.port)
        trusted = plain.update_query_dict({"sslmode": "verify-full", "sslrootcert": f"{tmp_path}/ca.pem"})
        await _ping(trusted)
        assert front.encrypted == 1
        for wrong in (
            trusted.set(host="localhost"),
            trusted.update_query_dict({"sslrootcert": f"{tmp_path}/stranger.pem"}),
        ):
            with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
                await _ping(wrong)
        assert front.encrypted == 1


async def _ping(url: URL) -> None:
    database = Database(url.render_as_string(hide_password=False))
    try:
        await database.ping()
    finally:
        await database.close()
