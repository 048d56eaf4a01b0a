"""TLS to the smarthost: the server's name is checked, and neither a mail nor a password ever goes out without it."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from gateway.delivery.envelope import Envelope
from gateway.delivery.outcome import Deferred, Delivered, Held, Outcome
from gateway.delivery.session import Timeouts
from gateway.delivery.smarthost import Smarthost, SmarthostAddress
from tests.delivery.sink import Fault, Sink, Step, listening, server_tls

ENVELOPE = Envelope("1", "b1-x@q.example.jp", "yamada@example.jp")
MESSAGE = b"Subject: x\r\n\r\nx\r\n"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def smarthost(sink: Sink, authority: trustme.CA, scheme: str, password_file: Path | None = None) -> Smarthost:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    user = "user@" if password_file else ""
    address = SmarthostAddress.parse(f"{scheme}://{user}127.0.0.1:{sink.port}", password_file)
    return Smarthost(address, local_hostname="q.example.jp", tls=context, timeouts=Timeouts(2, 2, 2, 2, 2))


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("secret\n")
    return path


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_n23_a_mail_goes_through_tls(authority: trustme.CA, scheme: str) -> None:
    tls = server_tls(authority)
    sink = Sink(extensions=["STARTTLS"], tls=tls)
    async with listening(sink, tls if scheme == "smtps" else None):
        host = smarthost(sink, authority, scheme)
        assert isinstance(await host.send(ENVELOPE, MESSAGE), Delivered)
        assert isinstance(await host.send(ENVELOPE, MESSAGE), Delivered)
        assert sink.connections == 1
        assert sink.count("STARTTLS") == (scheme == "smtp+starttls")
        await host.close()


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
@pytest.mark.parametrize("fault", ["another name", "another authority", "expired", "old version"])
async def test_n23_a_server_that_cannot_prove_itself_gets_nothing(
    authority: trustme.CA, scheme: str, fault: str, password_file: Path
) -> None:
    tls = server_tls(authority, "other.example.jp" if fault == "another name" else "127.0.0.1")
    if fault == "another authority":
        tls = server_tls(trustme.CA())
    if fault == "expired":
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1", not_after=LONG_AGO).configure_cert(tls)
    if fault == "old version":
        with pytest.warns(DeprecationWarning):
            tls.minimum_version = tls.maximum_version = ssl.TLSVersion.TLSv1_1
        tls.set_ciphers("ALL:@SECLEVEL=0")
    sink = Sink(extensions=["STARTTLS", "AUTH PLAIN"], tls=tls)
    async with listening(sink, tls if scheme == "smtps" else None):
        host = smarthost(sink, authority, scheme, password_file)
        assert isinstance(await host.send(ENVELOPE, MESSAGE), Deferred)
        assert sink.mails == []
        assert sink.count("AUTH") == sink.count("MAIL") == 0


@pytest.mark.parametrize(
    ("extensions", "step"),
    [
        ([], "220 2.0.0 Go on"),
        (["STARTTLS"], "454 4.7.0 not now"),
        (["STARTTLS"], "554 5.7.0 never"),
        (["STARTTLS"], Fault.DROP),
        (["STARTTLS"], ("220 2.0.0 Go on", Fault.DROP)),
        (["STARTTLS"], ("220 2.0.0 Go on\r\n250 injected", Fault.SILENT)),
    ],
)
async def test_n22_a02_without_tls_there_is_no_mail(
    authority: trustme.CA, extensions: list[str], step: Step, password_file: Path
) -> None:
    sink = Sink(extensions=[*extensions, "AUTH PLAIN LOGIN"], tls=server_tls(authority))
    sink.answer("STARTTLS", step)
    async with listening(sink):
        host = smarthost(sink, authority, "smtp+starttls", password_file)
        host.timeouts = Timeouts(0.3, 0.3, 0.3, 0.3, 0.3)
        assert isinstance(await host.send(ENVELOPE, MESSAGE), Deferred)
        assert sink.mails == []
        assert sink.count("AUTH") == sink.count("MAIL") == 0


async def test_n22_what_the_server_offered_before_tls_is_forgotten(authority: trustme.CA) -> None:
    sink = Sink(extensions=["STARTTLS"], tls=server_tls(authority))
    clear = "250-mx.example.jp\r\n250-STARTTLS\r\n250-DSN\r\n250 SIZE 1"
    sink.answer("EHLO", clear)
    async with listening(sink):
        host = smarthost(sink, authority, "smtp+starttls")
        assert isinstance(await host.send(ENVELOPE, MESSAGE), Delivered)
        assert sink.mails[0].mail == "MAIL FROM:<b1-x@q.example.jp>"
        await host.close()


async def test_n24_the_login_is_made_inside_tls(authority: trustme.CA, password_file: Path) -> None:
    sink = Sink(extensions=["STARTTLS", "AUTH PLAIN"], tls=server_tls(authority))
    async with listening(sink):
        host = smarthost(sink, authority, "smtp+starttls", password_file)
        assert isinstance(await host.send(ENVELOPE, MESSAGE), Delivered)
        verbs = [command.split()[0] for command in sink.commands]
        assert verbs[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
        await host.close()


@pytest.mark.parametrize(
    ("step", "expected"),
    [("535 5.7.8 wrong", Held), ("534 5.7.9 too weak", Held), ("454 4.7.0 not now", Deferred), (Fault.DROP, Deferred)],
)
async def test_n24_a_refused_login_is_no_mails_fault(
    authority: trustme.CA, password_file: Path, step: Step, expected: type[Outcome]
) -> None:
    sink = Sink(extensions=["STARTTLS", "AUTH PLAIN"], tls=server_tls(authority))
    sink.answer("AUTH", step)
    async with listening(sink):
        host = smarthost(sink, authority, "smtp+starttls", password_file)
        assert isinstance(await host.send(ENVELOPE, MESSAGE), expected)
        assert isinstance(await host.send(ENVELOPE, MESSAGE), Delivered)
        await host.close()


async def test_n24_a_password_that_cannot_be_read_holds_the_mail(authority: trustme.CA, tmp_path: Path) -> None:
    tls = server_tls(authority)
    sink = Sink(extensions=["AUTH PLAIN"])
    async with listening(sink, tls):
        outcome = await smarthost(sink, authority, "smtps", tmp_path / "missing").send(ENVELOPE, MESSAGE)
        assert isinstance(outcome, Held)
        assert str(tmp_path) not in outcome.reply
