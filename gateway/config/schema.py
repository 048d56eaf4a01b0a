"""Every key of the configuration: its type, its default and one sentence. Nothing else defines one.

A default is written as the file would write it; `validate_default` makes the value from it.
"""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from gateway.config.values import (
    Address,
    AsTuple,
    DatabaseURL,
    Domain,
    Duration,
    Endpoint,
    FilePath,
    Listener,
    LoopbackEndpoint,
    NameServer,
    Network,
    OptionalPath,
    Selector,
    SmarthostURL,
    split_endpoint,
)

REQUIRED_EXAMPLES = {"domain": "q.example.jp", "operator": "ops@example.jp"}  # what `init` writes for them


def systemd_credential(name: str) -> Path | None:
    """The file of a credential that systemd handed to this unit (LoadCredential=), or None."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    file = Path(folder) / name if folder else None
    return file if file and file.is_file() else None


class CombinationError(ValueError):
    """A value that is wrong only beside another: the dotted key to point at, and the end of the sentence."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(problem)
        self.key = key


def _key(default: Any, description: str = "", **bounds: Any) -> Any:
    """A key with its default as TOML writes it."""
    return Field(default=default, description=description, **bounds)


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)


class Listen(Section):
    """Where the gateway takes connections."""

    smtp: Listener = _key("127.0.0.1:8025", description='ADDRESS:PORT for mail, or "systemd" for socket activation.')
    http: LoopbackEndpoint = _key(
        "127.0.0.1:8080", description='Loopback ADDRESS:PORT for health and metrics; "" for none.'
    )
    public: Endpoint = _key("127.0.0.1:8081", description='ADDRESS:PORT for the public product questions; "" for none.')


class Limits(Section):
    """Bounds that protect the gateway and other people's mailboxes."""

    message_size: int = _key(26_214_400, ge=65_536, description="Octets of one mail at most (RFC 1870).")
    connections: int = _key(4000, ge=1, description="SMTP connections at once; more are answered 421.")
    connections_per_client: int = _key(
        20, ge=1, description="SMTP connections at once of one IPv4 address or IPv6 /64; trusted relays have no limit."
    )
    free_space: int = _key(
        268_435_456, ge=1_048_576, description="Octets of the disk that stay free; below, mail is answered 452."
    )
    backlog: int = _key(20_000, ge=1, description="Mails that may wait to be understood; above, mail is answered 451.")
    spool_size: int = _key(
        536_870_912, ge=1_048_576, description="Octets of mails on their way in at once; above, 452."
    )
    attachments: int = _key(50, ge=1, description="Files attached to one mail of ours at most.")
    attachments_size: int = _key(
        20_971_520,
        ge=65_536,
        description="Octets of the files attached to one mail of ours at most; as sent a third more.",
    )
    unknown_recipients: int = _key(
        200,
        ge=1,
        description="Recipients that do not exist which one client may name in an hour; then 421. Not for relays.",
    )
    auto_per_hour: int = _key(
        200, ge=0, description="Automatic answers of the whole gateway in one hour; more wait for a person."
    )
    auto_per_store_per_hour: int = _key(
        60, ge=0, description="Automatic answers of one store in one hour; more wait for a person."
    )


class Smarthost(Section):
    """The server that takes every mail we send."""

    url: SmarthostURL = _key(
        "smtp://127.0.0.1:8026",
        description="smtp://HOST:PORT, smtps://USER@HOST:PORT, smtp+starttls://USER@HOST:PORT or maildir:FOLDER.",
    )
    password_file: OptionalPath = _key(
        "", description="File with the password alone; the systemd credential smarthost-password goes before."
    )
    pool: int = _key(10, ge=1, le=100, description="Connections kept open to it at most.")

    @property
    def credential(self) -> Path | None:
        """The file to read the password from, if there is one."""
        return systemd_credential("smarthost-password") or self.password_file


class Trust(Section):
    """Whose word about a sender's authentication we take (RFC 8601)."""

    relays: Annotated[tuple[Network, ...], AsTuple] = _key(
        [], description="Networks of the relays whose Authentication-Results we believe; none by default."
    )
    authserv_id: str = _key(
        "", max_length=255, description='The authserv-id that these relays write; "" believes nobody.'
    )


class Dns(Section):
    """Whom we ask for the keys of signed mail (RFC 6376); the nearer and the better guarded, the truer the answer."""

    servers: Annotated[tuple[NameServer, ...], AsTuple] = _key(
        [], description='Name servers as ADDRESS:PORT, such as "127.0.0.1:53"; none: those of /etc/resolv.conf.'
    )

    @property
    def endpoints(self) -> tuple[tuple[str, int], ...]:
        """Each as IP address and port."""
        return tuple(split_endpoint(server) for server in self.servers)


class Delivery(Section):
    """When an outgoing mail is tried again, and when it is given up."""

    retry: Annotated[tuple[Duration, ...], AsTuple] = _key(
        ["1m", "5m", "15m", "30m", "1h", "2h", "4h"],
        min_length=1,
        description="Waiting times after each failed attempt; the last repeats.",
    )
    give_up: Duration = _key("5d", description="Life of a mail that cannot be delivered (RFC 5321 4.5.4.1).")
    dot_timeout: Duration = _key("600s", description="Wait for the answer after the final dot (RFC 5321 4.5.3.2.6).")
    settle: Duration = _key(
        "60s", description="Undisturbed running time before a mail that may have left already is sent again."
    )


class Tls(Section):
    """STARTTLS for those who send mail to us; without a certificate it is not offered."""

    certificate: OptionalPath = _key("", description="PEM file with the certificate and its chain.")
    key: OptionalPath = _key("", description="PEM file with its private key.")

    @model_validator(mode="after")
    def _both(self) -> "Tls":
        if (self.certificate is None) != (self.key is None):
            raise ValueError("needs both certificate and key, or neither")
        return self


class Dkim(Section):
    """Our own signature on the mails we send (RFC 6376)."""

    selector: Selector = _key("", description='Selector of the key\'s DNS record; "" signs nothing.')
    key: OptionalPath = _key(
        "", description="PEM file with the private key, RSA or Ed25519; the systemd credential dkim-key goes before."
    )
    second_selector: Selector = _key(
        "", description="A second signature, of the other kind of key: not everybody knows Ed25519 (RFC 8463)."
    )
    second_key: OptionalPath = _key("", description="Its key; the systemd credential dkim-second-key goes before.")

    @property
    def keys(self) -> tuple[tuple[str, Path], ...]:
        """Selector and key file of each signature."""
        first = (self.selector, systemd_credential("dkim-key") or self.key)
        second = (self.second_selector, systemd_credential("dkim-second-key") or self.second_key)
        return tuple((selector, file) for selector, file in (first, second) if selector and file)

    @model_validator(mode="after")
    def _both(self) -> "Dkim":
        if bool(self.selector) != (self.key is not None):
            raise ValueError("needs both selector and key, or neither")
        if bool(self.second_selector) != (self.second_key is not None):
            raise ValueError("needs both second_selector and second_key, or neither")
        if self.second_selector and self.selector in ("", self.second_selector):
            raise ValueError("needs a first selector before the second, and another name for each")
        return self


class Retention(Section):
    """How long things are kept after their use."""

    raw: Duration = _key("180d", description="Received mails as they came, once they are understood.")
    drafts: Duration = _key("14d", description="Held drafts; their owner is told before one goes.")
    history: Duration = _key(
        "1095d", description="Closed inquiries, with all that is kept of them; then as `inquiry erase` leaves them."
    )
    rule_files: Duration = _key("1095d", description="Versions of the rules that no node uses any more.")


class Config(Section):
    """The whole file."""

    domain: Domain = Field(description="The gateway's own mail domain, used for nothing else.")
    operator: Address = Field(description="Gets postmaster mail and alarms; an address outside the gateway's domain.")
    database: DatabaseURL = _key("sqlite:///toiawase.db", description="sqlite:///FILE or postgresql://USER@HOST/NAME.")
    rules: FilePath = _key("rules", description="Folder of the rules; where it is missing, the shipped ones apply.")
    keys: FilePath = _key(
        "keys.toml",
        description="Reply-address keys, mode 0600; the systemd credential reply-token-key goes before.",
    )
    state: OptionalPath = _key(
        "",
        description="Folder for spooled mails; \"\" is the SQLite file's own, or this file's with PostgreSQL.",
    )
    workers: int = _key(1, ge=0, le=64, description="Processes that understand mails; 0 does it in the main process.")
    listen: Listen = _key({})
    limits: Limits = _key({})
    smarthost: Smarthost = _key({})
    trust: Trust = _key({})
    dns: Dns = _key({})
    delivery: Delivery = _key({})
    tls: Tls = _key({})
    dkim: Dkim = _key({})
    retention: Retention = _key({})
    _file: Path = PrivateAttr(default_factory=Path)

    @property
    def file(self) -> Path:
        """The file this was read from, for the reload."""
        return self._file

    @property
    def state_folder(self) -> Path:
        """Where mails are spooled while they come in."""
        if self.state is not None:
            return self.state
        sqlite = self.database.startswith("sqlite:///")
        return Path(self.database.removeprefix("sqlite:///")).parent if sqlite else self._file.parent

    @model_validator(mode="after")
    def _no_loops(self) -> "Config":
        if self.operator.rpartition("@")[2] == self.domain:
            # Mail to it would come back to us (A05, A13).
            raise CombinationError("operator", f"must not be at {self.domain}, the gateway's own domain")
        if self.smarthost.url == f"smtp://{self.listen.smtp}":
            raise CombinationError("smarthost.url", "must not be the gateway's own listen.smtp")
        return self

    def model_post_init(self, context: Any, /) -> None:
        self._file = context["file"]
