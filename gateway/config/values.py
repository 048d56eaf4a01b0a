"""The kinds of value that a key can have beyond TOML's own: how each is written, checked and written again.

A check raises ValueError with the end of a sentence that begins with the key's name: "must be …, not …".
"""

import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, ValidationInfo
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from gateway.durations import parse_duration
from gateway.mail.addresses import address_problem, normalise_address

SMARTHOSTS = ("smtp", "smtps", "smtp+starttls", "maildir")

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1123 2.1


def checked(check: Callable[[str], Any]) -> BeforeValidator:
    """A validator for a value that is written as a text."""

    def validate(value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError(f"must be a text in quotes, not {shown(value)}")
        return check(value)

    return BeforeValidator(validate)


def shown(value: object) -> str:
    """A value as TOML writes it, short enough for an error."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _domain(text: str) -> str:
    name = text.lower()
    labels = name.split(".")
    if (
        len(name) > 253
        or len(labels) < 2
        or not all(_LABEL.fullmatch(label) for label in labels)
        or labels[-1].isdigit()
    ):
        raise ValueError(f'must be a full host name such as "q.example.jp", not {shown(text)}')
    return name


def _address(text: str) -> str:
    if problem := address_problem(text):
        raise ValueError(f"must be a mail address, not {shown(text)}: {problem}")
    return normalise_address(text)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError:
        raise ValueError(f'must hold networks such as "192.0.2.0/24" or "127.0.0.1/32", not {shown(text)}') from None


def split_endpoint(text: str) -> tuple[str, int]:
    """`127.0.0.1:25` or `[::1]:25` as (IP address, port). Raises ValueError."""
    host, _, port = text.rpartition(":")
    try:
        address = ip_address(host[1:-1] if host.startswith("[") and host.endswith("]") else host)
        if (
            not port.isascii()
            or not port.isdigit()
            or int(port) > 65535
            or (address.version == 6) != host.startswith("[")
        ):
            raise ValueError
    except ValueError:
        raise ValueError(f'must be ADDRESS:PORT such as "127.0.0.1:8025" or "[::1]:8025", not {shown(text)}') from None
    return str(address), int(port)


def _listener(text: str) -> str:
    if text != "systemd":
        split_endpoint(text)
    return text


def _selector(text: str) -> str:
    if text and (len(text) > 63 or not all(_LABEL.fullmatch(label) for label in text.lower().split("."))):
        raise ValueError(f'must be a name such as "2026a", not {shown(text)}')
    return text.lower()


def _name_server(text: str) -> str:
    split_endpoint(text)
    return text


def _optional_endpoint(text: str) -> str:
    if text:
        split_endpoint(text)
    return text


def _loopback(text: str) -> str:
    # Health and metrics are for this machine's own monitoring (A24).
    if text and not ip_address(split_endpoint(text)[0]).is_loopback:
        raise ValueError(f"must be on a loopback address, not {shown(text)}")
    return text


def _path(value: Any, info: ValidationInfo) -> Path:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError(f"must be a path in quotes, not {shown(value)}")
    return _folder(info) / Path(value).expanduser()


def _optional_path(value: Any, info: ValidationInfo) -> Path | None:
    return None if value == "" else _path(value, info)


def _database(value: Any, info: ValidationInfo) -> str:
    wrong = ValueError('must be "sqlite:///FILE" or "postgresql://USER@HOST/NAME"')
    try:
        url = make_url(value)
    except ArgumentError:
        raise wrong from None
    if url.drivername == "postgresql" and url.database:
        return str(value)
    if url.drivername != "sqlite" or not url.database or url.database == ":memory:" or url.host:
        raise wrong
    file = _folder(info) / url.database
    if file.is_dir():
        raise ValueError(f"must name a file, and {file} is a folder")
    return f"sqlite:///{file}"


def _smarthost(value: Any, info: ValidationInfo) -> str:
    wrong = 'must be "smtp://HOST:PORT", "smtps://…", "smtp+starttls://USER@HOST:PORT" or "maildir:FOLDER"'
    if not isinstance(value, str):
        raise ValueError(wrong)
    scheme, _, rest = value.partition(":")
    if scheme == "maildir" and rest and not rest.startswith("//"):
        return f"maildir:{_folder(info) / rest}"
    try:
        url = urlsplit(value)
        fits = scheme in SMARTHOSTS and scheme != "maildir" and url.hostname and url.port != 0 and url.path in ("", "/")
    except ValueError:
        fits = None
    if not fits:
        raise ValueError(f"{wrong}, not {shown(without_password(value))}")
    if url.password is not None:
        raise ValueError("must not hold the password: write that to a file and name it in smarthost.password_file")
    if url.username is not None and scheme == "smtp":
        raise ValueError("must be smtps:// or smtp+starttls:// to log in: a password never goes out in clear")
    return value


def without_password(url: str) -> str:
    """The URL with `***` in the place of a password."""
    return re.sub(r"(?<=//)([^/@:]*):[^/]*@", r"\1:***@", url)


def _list(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError(f"must be a list in [ ], not {shown(value)}")
    return tuple(value)


def _folder(info: ValidationInfo) -> Path:
    assert info.context is not None, "validated without the file's folder"
    return Path(info.context["folder"])


Duration = Annotated[timedelta, checked(parse_duration)]
Domain = Annotated[str, checked(_domain)]
Address = Annotated[str, checked(_address)]
Network = Annotated[IPv4Network | IPv6Network, checked(_network)]
Listener = Annotated[str, checked(_listener)]  # ADDRESS:PORT or "systemd"
Selector = Annotated[str, checked(_selector)]  # RFC 6376 3.1; "" for none
NameServer = Annotated[str, checked(_name_server)]  # ADDRESS:PORT
Endpoint = Annotated[str, checked(_optional_endpoint)]  # ADDRESS:PORT or "" for none
LoopbackEndpoint = Annotated[str, checked(_loopback)]
FilePath = Annotated[Path, BeforeValidator(_path)]  # relative to the configuration's folder
OptionalPath = Annotated[Path | None, BeforeValidator(_optional_path)]  # "" for none
DatabaseURL = Annotated[str, BeforeValidator(_database)]
SmarthostURL = Annotated[str, BeforeValidator(_smarthost)]
AsTuple = BeforeValidator(_list)
