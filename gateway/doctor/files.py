"""The files that the configuration names: readable for us, closed to others, and what they must be."""

import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from gateway import private
from gateway.config import Config, ConfigError
from gateway.doctor.finding import Finding, note, ok, wrong
from gateway.keys import KeysError, load_keys
from gateway.parts import signers
from gateway.rules.problems import RulesError
from gateway.rules.ready import ready
from gateway.rules.shipped import folder_in_force

SOON = timedelta(days=14)  # a certificate that ends within these should have been renewed


def privacy(config: Config) -> Iterator[Finding]:
    """What keeps a gateway from starting (A25), and whose its files are."""
    found = list(private.problems(config))
    for problem in found:
        text, _, remedy = problem.rpartition(": " if "?sslmode" in problem else "; ")
        yield wrong("privacy", text, f"{remedy[:1].upper()}{remedy[1:]}.")
    if private.is_open(config.file, private.WRITABLE_BY_OTHERS):
        found.append("")
        yield wrong("privacy", f"{config.file} may be changed by others", f"`chmod go-w {config.file}`.")
    if not found:
        yield ok("privacy", "the database and the state folder are closed to others")


def rights(config: Config) -> Iterator[Finding]:
    """Whether whoever asks, who should be the gateway's own user, may do what the gateway does."""
    folder = config.state_folder
    if not folder.is_dir():
        yield wrong(
            "rights", f"there is no state folder {folder}", f"`install -d -m 700 {folder}`, for the gateway's user."
        )
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield wrong(
            "rights", f"{folder} is not ours to write to", f"Ask as the gateway's user, or `chown` {folder} to it."
        )
        return
    strangers = [file for file in _beside_the_database(config) if file.stat().st_uid != file.parent.stat().st_uid]
    for file in strangers:
        remedy = f"`chown --reference={file.parent} {file}`."
        yield wrong("rights", f"{file} belongs to another user than its folder", remedy)
    if not strangers:
        yield ok("rights", f"{folder} and the database belong to one user")


def _beside_the_database(config: Config) -> list[Path]:
    """SQLite's files and those that the gateway keeps beside them: its locks, its reserve."""
    return [file for whole in private.sqlite_files(config)[:1] for file in sorted(whole.parent.glob(f"{whole.name}*"))]


def keys(config: Config) -> Iterator[Finding]:
    """The file alone; whether it belongs to the database is databases.py's question."""
    try:
        load_keys(config.keys)
    except KeysError as error:
        text, _, remedy = str(error).partition("; ")
        yield wrong(
            "keys", text, f"{remedy[:1].upper()}{remedy[1:]}." if remedy else "Restore the file from your copy."
        )


def certificate(config: Config) -> Iterator[Finding]:
    """That which is offered to those who send mail to us."""
    file, key = config.tls.certificate, config.tls.key
    if file is None or key is None:
        yield note(
            "tls", "STARTTLS is not offered", "Name a certificate in [tls], unless a mail server stands before us."
        )
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(file, key)
        leaf = x509.load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError) as error:  # OpenSSL's too
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        yield wrong("tls", f"{file} and {key} cannot be used: {said}", "Name a certificate and its own key in [tls].")
        return
    left = leaf.not_valid_after_utc - datetime.now(UTC)
    ends = f"ends {leaf.not_valid_after_utc:%Y-%m-%d}"
    if left < timedelta():
        yield wrong("tls", f"the certificate {file} has ended", "Renew it, then `systemctl reload toiawase`.")
    elif left < SOON:
        yield wrong("tls", f"the certificate {file} {ends}", "Renew it, then `systemctl reload toiawase`.")
    else:
        yield ok("tls", f"the certificate {ends}")
    if private.is_open(key, private.READABLE_BY_OTHERS):
        yield wrong("tls", f"{key} may be read by others", f"`chmod 600 {key}`.")


def dkim(config: Config) -> Iterator[Finding]:
    """The keys that sign what we send. The credentials of systemd are guarded by their folder."""
    if not config.dkim.keys:
        remedy = "Set [dkim] selector and key, and the record that `toiawase dns` then prints."
        yield note("dkim key", "what we send is not signed here", remedy)
    try:
        kinds = [signer.kind for signer in signers(config)]
    except ConfigError as error:
        remedy = f"`openssl genpkey -algorithm ed25519 -out {config.dkim.key}` makes one."
        yield wrong("dkim key", str(error).removeprefix(f"{config.file}: "), remedy)
        return
    for (selector, file), kind in zip(config.dkim.keys, kinds, strict=True):
        if file in (config.dkim.key, config.dkim.second_key) and private.is_open(file, private.READABLE_BY_OTHERS):
            yield wrong("dkim key", f"{file} may be read by others", f"`chmod 600 {file}`, and use a new key.")
        else:
            yield ok("dkim key", f"{selector}, {kind}")


def password(config: Config) -> Iterator[Finding]:
    """That of the smarthost. The credentials of systemd are guarded by their folder."""
    file = config.smarthost.credential
    if file is None:
        return
    if not os.access(file, os.R_OK):
        yield wrong(
            "password", f"{file} cannot be read", f"Write the smarthost's password alone into {file}, mode 600."
        )
    elif file == config.smarthost.password_file and private.is_open(file, private.READABLE_BY_OTHERS):
        yield wrong("password", f"{file} may be read by others", f"`chmod 600 {file}`.")
    else:
        yield ok("password", f"{file} can be read")


def rules(config: Config) -> Iterator[Finding]:
    folder = folder_in_force(config.rules)
    try:
        found = ready(folder)
    except RulesError as error:
        first, many = str(error.problems[0].within(folder)).partition("\n")[0], len(error.problems)
        more = f" (and {many - 1} more)" if many > 1 else ""
        yield wrong("rules", f"{first}{more}", "Mend what `toiawase rules check` names.")
        return
    shipped = "" if folder == config.rules else ", the shipped ones"
    yield ok("rules", f"{len(found.rules)} of version {found.version}{shipped}")
