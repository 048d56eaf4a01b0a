"""A private Dovecot: the seller's mail by IMAP from the Maildir that Postfix fills, and the passwords for Postfix."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.integration.daemon import free_port
from tests.interop import manual, servers
from tests.interop.postfix import Postfix

CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
mail_location = maildir:{mail}/%u
mail_uid = {nobody}
mail_gid = {nobody}
first_valid_uid = 100
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={nobody} gid={nobody} home={mail}/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


@contextmanager
def running(postfix: Postfix, passwords: Mapping[str, str]) -> Iterator[int]:
    """Yields its IMAP port. `passwords` of its users, in clear."""
    dovecot = servers.find("dovecot")
    port, folder = free_port(), postfix.folder.with_name("dovecot")
    folder.mkdir()
    (folder / "users").write_text("".join(f"{user}:{{PLAIN}}{word}\n" for user, word in passwords.items()), "utf-8")
    (folder / "users").chmod(0o644)
    documented = manual.replaced(
        manual.block("dovecot.conf, Postfix as smarthost"), ("/var/spool/postfix", postfix.folder / "queue")
    )
    values = {"folder": folder, "mail": postfix.folder / "mail", "nobody": servers.NOBODY, "port": port}
    (folder / "dovecot.conf").write_text(CONFIG.format(**values) + documented, "utf-8")
    with servers.started([dovecot, "-F", "-c", str(folder / "dovecot.conf")], folder / "start.log", port):
        yield port
