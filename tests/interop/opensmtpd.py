"""A private OpenSMTPD as the other server. Its folders are compiled in: it sees its own in their places.

It takes mail in clear only: Debian's 6.8 on OpenSSL 3 fails in every client's TLS handshake, with any key ("EVP lib").
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.daemon import free_port
from tests.integration.house import DOMAIN
from tests.interop import servers
from tests.interop.peer import Peer
from tests.interop.servers import Certificate

USERS = ("opensmtpd", "opensmtpq")  # compiled in
CONFIG = """\
listen on 127.0.0.1 port %(smtp)d
action "elsewhere" relay host "%(scheme)s://localhost:%(gateway)d"
action "here" maildir "%(folder)s/mail/%%{rcpt.user}" virtual { "@" = nobody }
match from any for domain "%(domain)s" action "elsewhere"
match from any for any action "here"
"""


@contextmanager
def running(folder: Path, certificate: Certificate, _login: tuple[str, str], *, tls: bool) -> Iterator[Peer]:
    """`tls`: it goes to the gateway by STARTTLS only, with its certificate checked; else never."""
    smtpd = servers.find("smtpd")
    here = Peer(folder, smtp=free_port(), gateway=free_port())
    for name in ("spool/smtpd", "lib/opensmtpd/empty", "run", "mail"):
        (folder / name).mkdir(parents=True)
    (folder / "spool" / "smtpd").chmod(0o711)
    (folder / "mail").chmod(0o777)
    values = {"domain": DOMAIN, "scheme": "smtp+tls" if tls else "smtp+notls"}
    (folder / "smtpd.conf").write_text(CONFIG % {**vars(here), **values}, "utf-8")
    files = servers.users(folder, *USERS) | {
        "/var/spool": folder / "spool",
        "/var/lib": folder / "lib",
        "/run": folder / "run",
        "/usr/libexec": Path(smtpd).parents[1] / "libexec",
        "/etc/ssl/certs/ca-certificates.crt": certificate.authority,
    }
    command = [smtpd, "-d", "-f", str(folder / "smtpd.conf")]
    with servers.started(servers.with_files(command, files), folder / "smtpd.log", here.smtp):
        yield here
