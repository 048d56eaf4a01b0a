"""The octets after DATA: where they end, their transparency dots, and whether only CRLF ends a line (N01, N02, A01).

Pure and incremental, so that it does not matter how the network cut the stream. Nothing is stored here.
"""

_END = b"\r\n.\r\n"


class BadOctetError(Exception):
    """A bare CR, a bare LF or a NUL: what other servers may take for the end of a line, or of the mail."""


class DataDecoder:
    """Feeds on blocks of any length; `ended` once CRLF.CRLF was seen, then `rest` is what came after it."""

    def __init__(self) -> None:
        self.ended = False
        self.rest = b""
        # DATA begins at the start of a line, so that a first line "." is the end of an empty mail.
        self._held = b"\r\n"
        self._begun = False

    def feed(self, block: bytes) -> bytes:
        """The mail's next octets, without transparency dots. Raises BadOctetError."""
        octets = self._held + block
        end = octets.find(_END)
        if end >= 0:
            self.ended = True
            self.rest = octets[end + len(_END) :]
            octets = octets[: end + 2]
            self._held = b""
        else:
            # What could be the beginning of the end waits for the next block.
            held = next((n for n in range(min(4, len(octets)), 0, -1) if octets.endswith(_END[:n])), 0)
            self._held = octets[len(octets) - held :]
            octets = octets[: len(octets) - held]
        lines = octets.count(b"\r\n")
        if lines != octets.count(b"\r") or lines != octets.count(b"\n") or b"\0" in octets:
            raise BadOctetError
        octets = octets.replace(b"\r\n.", b"\r\n")
        if not self._begun and octets:
            self._begun = True
            octets = octets[2:]
        return octets


def has_bad_octet(line: bytes) -> bool:
    """True for a command line, read up to its LF, unless CRLF at its end is its only CR, LF or NUL."""
    return not line.endswith(b"\r\n") or line.count(b"\r") != 1 or b"\0" in line
