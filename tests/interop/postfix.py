"""A private Postfix as docs/postfix.md has it: in front of the gateway, its smarthost, and the shop's own server."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.daemon import free_port
from tests.interop import manual, servers

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = mx.example.jp
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
smtpd_peername_lookup = no
smtp_tls_security_level = may
in_flow_delay = 0
minimal_backoff_time = 1s
queue_run_delay = 1s
default_transport = smtp:[127.0.0.1]:{outside}
virtual_mailbox_domains = shop.example
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {{ suzuki@shop.example = suzuki/ }} }}
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
"""
MASTER = """\
postlog   unix-dgram n - n - 1 postlogd
pickup    unix  n - n 1 1 pickup
cleanup   unix  n - n - 0   cleanup
qmgr      unix  n - n 1 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - -   trivial-rewrite
bounce    unix  - - n - 0   bounce
defer     unix  - - n - 0   bounce
trace     unix  - - n - 0   bounce
verify    unix  - - n - 1   verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - -   proxymap
smtp      unix  - - n - -   smtp
relay     unix  - - n - -   smtp
error     unix  - - n - -   error
retry     unix  - - n - -   error
virtual   unix  - n n - -   virtual
anvil     unix  - - n - 1   anvil
scache    unix  - - n - 1   scache
"""
USES = ("Postfix in front", "with milters", "Postfix as smarthost")  # the page's blocks


@dataclass(frozen=True)
class Postfix:
    """Its ports: 25, 587 and 465, the gateway's behind it, the one where everybody else's mail goes, port 25 as it is
    with milters, and the milter's."""

    folder: Path
    smtp: int
    submission: int
    submissions: int
    gateway: int
    outside: int
    verifying: int
    milter: int

    @property
    def log(self) -> str:
        return (self.folder / "mail.log").read_text("utf-8", "replace")

    def maildir(self, user: str) -> Path:
        return self.folder / "mail" / user


@contextmanager
def running(folder: Path, certificate: Path) -> Iterator[Postfix]:
    """All its files in `folder`. `certificate`: a PEM file with its key. SASL is asked at `queue/private/auth`."""
    postfix = servers.find("postfix")
    ports = [free_port() for _ in range(7)]
    here = Postfix(folder, *ports)
    for name in ("etc", "queue", "data", "mail"):
        (folder / name).mkdir(parents=True)
    shutil.chown(folder / "data", "postfix")
    (folder / "mail").chmod(0o777)
    (folder / "etc" / "main.cf").write_text(_main(here, certificate), "utf-8")
    (folder / "etc" / "master.cf").write_text(_master(here), "utf-8")
    command = [postfix, "-c", str(folder / "etc")]
    with servers.started([*command, "start-fg"], folder / "start.log", *ports[:3]):
        try:
            yield here
        finally:
            subprocess.run([*command, "stop"], check=True, stdin=subprocess.DEVNULL, capture_output=True)


def _main(here: Postfix, certificate: Path) -> str:
    documented = "".join(manual.block(f"main.cf, {use}") for use in USES)
    return MAIN.format(folder=here.folder, outside=here.outside, nobody=servers.NOBODY) + manual.replaced(
        documented,
        ("inet:127.0.0.1:8891, inet:127.0.0.1:8893", f"inet:127.0.0.1:{here.milter}"),
        ("[127.0.0.1]:8025", f"[127.0.0.1]:{here.gateway}"),
        ("/etc/ssl/mx.example.jp.pem", certificate),
        ("/etc/ssl/mx.example.jp.key", certificate),
    )


def _master(here: Postfix) -> str:
    in_front, with_milters, smarthost = (manual.block(f"master.cf, {use}") for use in USES)
    return "".join(
        (
            MASTER,
            manual.replaced(in_front, ("smtp inet", f"{here.smtp} inet")),
            manual.replaced(with_milters, ("smtp inet", f"{here.verifying} inet")),
            manual.replaced(
                smarthost,
                ("submission inet", f"{here.submission} inet"),
                ("submissions inet", f"{here.submissions} inet"),
            ),
        )
    )
