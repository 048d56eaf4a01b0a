"""What the configuration says, as the gateway's parts want it. What cannot be so on this machine is refused here."""

import os
import resource
import socket
import ssl
from contextlib import suppress
from pathlib import Path

import structlog

from gateway import private
from gateway.config import Config, ConfigError
from gateway.delivery.transport import Transport, transport_for
from gateway.http.health import health_app
from gateway.http.public import public_app
from gateway.http.server import HttpServer
from gateway.http.vitals import Vitals
from gateway.intake.settings import IntakeSettings
from gateway.intake.sockets import open_socket, systemd_sockets
from gateway.mail.dkim_signing import DkimKeyError, Signer
from gateway.store import people
from gateway.store.database import Database
from gateway.store.retention import Periods

FILES_OF_A_CONNECTION = 2  # itself, and the mail that it is sending where that is a big one
FILES_BESIDE = 200  # database, smarthost, HTTP, logs

log = structlog.get_logger("app")


class ListenError(Exception):
    """Nobody can reach us now; the text is for the operator."""


def listening_sockets(config: Config) -> list[socket.socket]:
    """Raises ListenError, and ConfigError for what will not pass by itself."""
    smtp = config.listen.smtp
    if smtp != "systemd":
        try:
            return [open_socket(smtp)]
        except PermissionError:
            text = f'listen.smtp {smtp} is not ours to open; let systemd open it: "systemd", and start toiawase.socket'
            raise ConfigError(f"{config.file}: {text}") from None
        except OSError as error:
            raise ListenError(f"cannot listen on {smtp}: {error.strerror}") from None
    sockets = systemd_sockets()
    if not sockets:
        text = 'listen.smtp is "systemd", but systemd handed over no socket; start toiawase.socket'
        raise ConfigError(f"{config.file}: {text}")
    return sockets


def http_servers(config: Config, database: Database, vitals: Vitals) -> dict[str, HttpServer]:
    """Those that the configuration asks for, by its key, on bound sockets. Raises ListenError and ConfigError."""
    wanted = {"http": config.listen.http, "public": config.listen.public}
    servers = {}
    for key, endpoint in wanted.items():
        if not endpoint:
            continue
        try:
            listener = open_socket(endpoint)
        except PermissionError:
            allow = f"SocketBindAllow=tcp:{endpoint.rpartition(':')[2]} in the unit allows it under systemd"
            raise ConfigError(f"{config.file}: listen.{key} {endpoint} is not ours to open; {allow}") from None
        except OSError as error:
            raise ListenError(f"cannot listen on {endpoint} (listen.{key}): {error.strerror}") from None
        address = endpoint.rpartition(":")[0]
        app = health_app(database, vitals, address) if key == "http" else public_app(database)
        servers[key] = HttpServer(app, listener, vitals.requests_refused)
    return servers


def check_privacy(config: Config) -> None:
    """Raises ConfigError where others could read or change what customers wrote (A25)."""
    for problem in private.problems(config):
        raise ConfigError(f"{config.file}: {problem}")


async def check_domain(config: Config, database: Database) -> None:
    """Raises ConfigError where people read mail at the gateway's domain: a stranger whom some service writes to there
    could pass for one of them (A05), and mail to them would come back (A13)."""
    async with database.read() as session:
        number = await people.at_domain(session, config.domain)
    if number:
        text = f"{number} sellers or staff read mail there; the gateway needs one of its own, such as q.{config.domain}"
        raise ConfigError(f"{config.file}: domain: {text}")


def check_state_folder(config: Config) -> None:
    """Raises ConfigError where mails cannot be spooled."""
    folder = config.state_folder
    if not folder.is_dir():
        raise ConfigError(f"{config.file}: state: there is no folder {folder}; make it")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"{config.file}: state: the folder {folder} is not ours to write to")


def places_for(connections: int) -> int:
    """As many of these SMTP connections as this process may have open files for; it takes what it may get."""
    wanted = connections * FILES_OF_A_CONNECTION + FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < wanted:
            places = max(1, (soft - FILES_BESIDE) // FILES_OF_A_CONNECTION)
            log.warning("connections.fewer", places=places, asked=connections, open_files=soft, wanted=wanted)
            return places
    return connections


def intake_settings(config: Config) -> IntakeSettings:
    return IntakeSettings(
        domain=config.domain,
        state_dir=config.state_folder,
        authserv_id=config.trust.authserv_id,
        trusted_relays=config.trust.relays,
        message_size=config.limits.message_size,
        tls=_tls_context(config.tls.certificate, config.tls.key),
        max_connections=places_for(config.limits.connections),
        connections_per_client=config.limits.connections_per_client,
        free_space=config.limits.free_space,
        backlog=config.limits.backlog,
        max_unknown=config.limits.unknown_recipients,
        spool_budget=config.limits.spool_size,
    )


def needed_space(config: Config) -> int:
    """Octets of the disk below which mail is refused (N18)."""
    limits = config.limits
    settings = IntakeSettings(
        config.domain, config.state_folder, message_size=limits.message_size, free_space=limits.free_space
    )
    return settings.needed_space


def signers(config: Config) -> tuple[Signer, ...]:
    """Who signs what we send. Raises ConfigError."""
    found = []
    for selector, file in config.dkim.keys:
        try:
            found.append(Signer.from_pem(config.domain, selector, file.read_bytes()))
        except OSError as error:
            raise ConfigError(f"{config.file}: dkim: {file} cannot be read: {error.strerror}") from None
        except DkimKeyError as error:
            raise ConfigError(f"{config.file}: dkim: {file} {error}") from None
    return tuple(found)


def transport(config: Config) -> Transport:
    return transport_for(
        config.smarthost.url,
        local_hostname=config.domain,
        password_file=config.smarthost.credential,
        dot_timeout=config.delivery.dot_timeout,
    )


def _tls_context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if certificate is None or key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:  # also what OpenSSL says
        raise ConfigError(f"tls: {certificate} and {key} cannot be used: {error.strerror or error}") from None
    return context


def periods(config: Config) -> Periods:
    return Periods(config.retention.raw, config.retention.history, config.retention.rule_files)
