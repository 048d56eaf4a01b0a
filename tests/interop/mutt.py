"""A seller at mutt or neomutt, in a terminal of its own: opens the last mail by IMAP, presses reply, writes, sends."""

import fcntl
import os
import pty
import shlex
import struct
import subprocess
import termios
from contextlib import suppress
from pathlib import Path
from threading import Thread

PATIENCE = 30.0  # seconds until the program must have ended by itself

SETTINGS = """\
set folder = "imap://suzuki@127.0.0.1:{imap}/"
set spoolfile = "+INBOX"
set imap_pass = "{password}"
set smtp_url = "smtp://suzuki@localhost:{submission}"
set smtp_pass = "{password}"
set smtp_authenticators = "plain"
set ssl_starttls = yes
set ssl_force_tls = no
set certificate_file = "{authority}"
set realname = "鈴木"
set from = "suzuki@shop.example"
set use_from = yes
set envelope_from_address = "suzuki@shop.example"
set use_envelope_from = yes
set hostname = "shop.example"
set charset = "utf-8"
set send_charset = "utf-8"
set record = ""
set postponed = ""
set editor = "{editor}"
set abort_unmodified = no
set fast_reply = yes
set include = yes
set sort = date
set sleep_time = 0
push "<last-entry><reply><send-message><quit>"
"""


def replies(
    program: str, folder: Path, text: str, *, imap: int, submission: int, password: str, authority: Path
) -> None:
    """Answers the last mail with this text above the quotation."""
    (folder / "text").write_text(text + "\n", "utf-8")
    editor = folder / "editor"
    editor.write_text(f'#!/bin/sh\ncat {shlex.quote(str(folder / "text"))} "$1" > "$1.new" && mv "$1.new" "$1"\n')
    editor.chmod(0o755)
    settings = SETTINGS.format(
        imap=imap,
        submission=submission,
        password=password,
        authority=authority,
        editor=editor,
    )
    (folder / "muttrc").write_text(settings, "utf-8")
    _in_a_terminal([program, "-n", "-F", str(folder / "muttrc")], folder)


def _in_a_terminal(command: list[str], folder: Path) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "vt100", "LANG": "C.UTF-8"}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=folder)
    os.close(theirs)
    screen: list[bytes] = []

    def read() -> None:
        with suppress(OSError):  # the terminal has gone with its program
            while piece := os.read(ours, 65536):
                screen.append(piece)

    reader = Thread(target=read)
    reader.start()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError(f"{command[0]} still shows: {b''.join(screen)[-3000:]!r}") from None
    finally:
        reader.join(5)
        os.close(ours)
