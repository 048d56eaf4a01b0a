"""Delivery into Maildirs, one for each recipient: for the demo, development, and machines without a mail server.

Written as https://cr.yp.to/proto/maildir.html says (tmp, fsync, new), with LF line ends as mail clients expect there.
"""

import asyncio
import os
import re
from hashlib import sha256
from pathlib import Path

from gateway.delivery.envelope import Envelope
from gateway.delivery.outcome import Deferred, Delivered, Outcome

FOLDER_LIMIT = 100  # characters

_PLAIN = re.compile(r"[A-Za-z0-9_+@-][A-Za-z0-9._+@=-]*")


class MaildirTransport:
    """Maildirs under `root`, made when needed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    async def send(self, envelope: Envelope, message: bytes) -> Outcome:
        try:
            folder = await asyncio.to_thread(self._store, envelope, message)
        except OSError as error:
            return Deferred(None, f"4.3.0 {error.strerror}")
        return Delivered(250, f"2.0.0 stored in {folder}")

    async def abort(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def _store(self, envelope: Envelope, message: bytes) -> str:
        folder = self.root / folder_name(envelope.rcpt_to)
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary, final = folder / "tmp" / envelope.id, folder / "new" / envelope.id
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(f"Return-Path: <{envelope.mail_from}>\nDelivered-To: {envelope.rcpt_to}\n".encode())
            file.write(message.replace(b"\r\n", b"\n"))
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(final)  # the same mail again takes its own place
        _sync_folder(final.parent)
        return folder.name


def folder_name(address: str) -> str:
    """The address where it is a plain file name; else a safe form of it that no other address has (A22)."""
    if len(address) <= FOLDER_LIMIT and _PLAIN.fullmatch(address):
        return address
    return re.sub(r"[^A-Za-z0-9@-]", "_", address)[:60] + "-" + sha256(address.encode()).hexdigest()[:12]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
