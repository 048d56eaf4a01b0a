"""A private Postfix to compare with: its own queue on the same disk, durable as ever, its deliveries discarded.

The system's own Postfix, its configuration and its queue are never touched. Needs root, as Postfix does.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = bench.example
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
default_transport = discard:
in_flow_delay = 0
smtpd_client_connection_count_limit = 0
smtpd_peername_lookup = no
default_process_limit = 200
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix  n - n - 0   cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - -   trivial-rewrite
bounce    unix  - - n - 0   bounce
defer     unix  - - n - 0   bounce
trace     unix  - - n - 0   bounce
verify    unix  - - n - 1   verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - -   proxymap
discard   unix  - - n - -   discard
error     unix  - - n - -   error
retry     unix  - - n - -   error
anvil     unix  - - n - 1   anvil
"""


def is_installed() -> bool:
    return shutil.which("postfix") is not None


@contextmanager
def running(folder: Path, port: int) -> Iterator[int]:
    """Postfix listening on 127.0.0.1:`port`, all its files in `folder`, stopped at the end; yields its master's pid."""
    configuration = folder / "etc"
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir(parents=True)
    shutil.chown(folder / "data", "postfix")
    (configuration / "main.cf").write_text(MAIN.format(folder=folder))
    (configuration / "master.cf").write_text(MASTER.format(port=port))
    command = ["postfix", "-c", str(configuration)]
    # Its output would keep our pipe open for as long as the daemon lives.
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([*command, "start"], check=True, **quiet)  # type: ignore[call-overload]
    try:
        yield int((folder / "queue" / "pid" / "master.pid").read_text())
    finally:
        subprocess.run([*command, "stop"], check=False, **quiet)  # type: ignore[call-overload]
