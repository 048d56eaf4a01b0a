"""A private Exim as the customers' server."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.daemon import free_port
from tests.integration.house import DOMAIN
from tests.interop import servers
from tests.interop.peer import Peer
from tests.interop.servers import Certificate

USER = "Debian-exim"  # compiled in
TLS = """\
  hosts_require_tls = *
  tls_verify_hosts = *
  tls_verify_certificates = %s
  tls_verify_cert_hostnames = :
"""
CLEAR = """\
  hosts_avoid_tls = *
"""
CONFIG = """\
exim_path = %(exim)s
exim_user = %(user)s
exim_group = %(user)s
keep_environment =
spool_directory = %(folder)s/spool
log_file_path = %(folder)s/%%slog
log_selector = +pipelining +8bitmime
pid_file_path = %(folder)s/exim.pid
primary_hostname = mx.customer.example
local_interfaces = 127.0.0.1
daemon_smtp_ports = %(smtp)d : %(smtps)d
tls_on_connect_ports = %(smtps)d
tls_certificate = %(certificate)s
tls_privatekey = %(certificate)s
tls_advertise_hosts = *
auth_advertise_hosts = *
smtputf8_advertise_hosts = *
host_lookup =
rfc1413_query_timeout = 0s
acl_smtp_rcpt = accept
acl_smtp_data = accept

begin routers
here:
  driver = accept
  domains = ! %(domain)s
  local_parts = hanako : suzuki : 花子
  transport = maildir
elsewhere:
  driver = manualroute
  route_list = * 127.0.0.1::%(gateway)d
  self = send
  transport = smtp

begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = %(folder)s/mail/$local_part_data
  user = %(user)s
  return_path_add
smtp:
  driver = smtp
%(tls)s
begin retry
* * F,1h,1s

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${if and {{eq{$auth2}{%(login)s}}{eq{$auth3}{%(password)s}}}}
  server_advertise_condition = ${if def:tls_in_cipher}
"""


@contextmanager
def running(folder: Path, certificate: Certificate, login: tuple[str, str], *, tls: bool) -> Iterator[Peer]:
    """`tls`: it goes to the gateway by STARTTLS only, with its certificate checked; else never."""
    exim = servers.find("exim4")
    here = Peer(folder, smtp=free_port(), gateway=free_port(), smtps=free_port(), pipelined=" L ")
    for name in (".", "spool", "mail"):
        (folder / name).mkdir(exist_ok=True)
        (folder / name).chmod(0o777)
    for file in (certificate.server, certificate.authority):
        shutil.copy(file, folder)
        (folder / file.name).chmod(0o644)
    user, password = login
    (folder / "exim.conf").write_text(
        CONFIG
        % {
            **vars(here),
            "exim": exim,
            "user": USER,
            "certificate": folder / certificate.server.name,
            "domain": DOMAIN,
            "tls": TLS % (folder / certificate.authority.name) if tls else CLEAR,
            "login": user,
            "password": password,
        },
        "utf-8",
    )
    command = [exim, "-C", str(folder / "exim.conf"), "-bdf", "-q1s"]
    files = servers.users(folder, USER)
    with servers.started(servers.with_files(command, files), folder / "start.log", here.smtp, here.smtps):
        yield here
