"""What a story needs to know of another server, whichever it is: the one where everybody but the gateway is at home."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Peer:
    """Port `smtp` takes any mail, and so does `smtps`, if it is not 0, which knows a login too. Mail for the gateway's
    domain goes to port `gateway`, all other into Maildirs. `pipelined`: its log's word for commands sent in one go."""

    folder: Path
    smtp: int
    gateway: int
    smtps: int = 0
    pipelined: str = ""

    @property
    def log(self) -> str:
        return "".join(file.read_text("utf-8", "replace") for file in sorted(self.folder.glob("*log")))

    def maildir(self, user: str) -> Path:
        return self.folder / "mail" / user
