"""Trace fields: what the intake writes above a mail, and the forged Authentication-Results it takes out.

Pure, on the octets of the header block alone: the body is never looked at, nothing is parsed further than field names,
and any octets will do. A field keeps its folds and its order.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

HOP_LIMIT = 50  # Received fields (N15, RFC 5321 6.3): a mail that passed so many is in a loop
HEADER_LIMIT = 1 << 18  # octets that are looked at; Postfix cuts a field at 100 KB, honest headers end far below

_AUTHSERV_ID = re.compile(rb'(?:"((?:[^"\\]|\\.)*)"|([^\s;()"]+))')
_TOKEN = re.compile(r"[^A-Za-z0-9.:\-_\[\]]")


@dataclass(frozen=True)
class Hop:
    """One SMTP transaction, as its Received field tells it. `remote_address` is an IP address in text form."""

    helo: str
    remote_address: str
    by: str
    esmtp: bool
    tls: bool
    smtputf8: bool
    queue_id: str
    mail_from: str
    rcpt_to: tuple[str, ...]
    at: datetime


def trace_fields(hop: Hop) -> bytes:
    """Return-Path and Received (RFC 5321 4.4, N09), CRLF line ends, ready to stand above the mail.

    The recipient is named only when there is one: several would tell each of the others.
    """
    prefix = "UTF8" if hop.smtputf8 else "E" if hop.esmtp else ""  # RFC 6531 4.3, RFC 3848
    protocol = f"{prefix}SMTP{'S' if hop.tls else ''}"
    helo = _TOKEN.sub("?", hop.helo)[:255] or "unknown"
    literal = f"IPv6:{hop.remote_address}" if ":" in hop.remote_address else hop.remote_address
    lines = [
        f"Return-Path: <{hop.mail_from}>",
        f"Received: from {helo} ([{literal}])",
        f"\tby {hop.by} with {protocol} id {hop.queue_id}",
    ]
    if len(hop.rcpt_to) == 1:
        lines.append(f"\tfor <{hop.rcpt_to[0]}>")
    lines[-1] += ";"
    lines.append(f"\t{format_datetime(hop.at)}")
    return "\r\n".join([*lines, ""]).encode()


def header_length(raw: bytes) -> int:
    """The octets before the empty line, the last field's CRLF included, or the whole lines within HEADER_LIMIT."""
    if raw.startswith(b"\r\n"):
        return 0
    end = raw.find(b"\r\n\r\n", 0, HEADER_LIMIT)
    if end < 0:
        end = raw.rfind(b"\r\n", 0, HEADER_LIMIT)
    return 0 if end < 0 else end + 2


def count_hops(header: bytes) -> int:
    """How many Received fields the header block has."""
    return sum(name == b"received" for name, _ in fields_of(header))


def without_forged_results(header: bytes, authserv_id: str, *, trusted: bool) -> bytes:
    """The header block without the Authentication-Results that claim our id (RFC 8601 5, N39).

    From a trusted relay the topmost one is the relay's own and stays; from anyone else all are forgeries.
    """
    if b"authentication-results" not in header.lower():
        return header
    ours = authserv_id.lower().encode()
    kept: list[bytes] = []
    spare = trusted
    for name, field in fields_of(header):
        if name == b"authentication-results" and _claimed_id(field) == ours:
            if not spare:
                continue
            spare = False
        kept.append(field)
    return b"".join(kept)


def fields_of(header: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name in lower case, the whole field with its folds) for each field; what is no field has the name b""."""
    start = 0
    while start < len(header):
        end = start
        while True:
            line_end = header.find(b"\r\n", end)
            end = len(header) if line_end < 0 else line_end + 2
            if end >= len(header) or header[end] not in b" \t":
                break
        name, colon, _ = header[start : min(end, start + 80)].partition(b":")
        yield (name.rstrip(b" \t").lower() if colon else b""), header[start:end]
        start = end


def _claimed_id(field: bytes) -> bytes:
    """The authserv-id of an Authentication-Results field, in lower case, comments before it skipped."""
    value = field[field.index(b":") + 1 :][:4096]
    position = 0
    while True:
        while value[position : position + 1] in (b" ", b"\t", b"\r", b"\n"):
            position += 1
        if value[position : position + 1] != b"(":
            break
        position = _after_comment(value, position)
    match = _AUTHSERV_ID.match(value, position)
    if match is None:
        return b""
    quoted, plain = match.groups()
    return (re.sub(rb"\\(.)", rb"\1", quoted) if quoted is not None else plain).lower()


def _after_comment(value: bytes, position: int) -> int:
    """The position after the comment that begins at `position`; comments nest (RFC 5322 3.2.2)."""
    depth = 0
    while position < len(value):
        octet = value[position : position + 1]
        if octet == b"\\":
            position += 1
        elif octet == b"(":
            depth += 1
        elif octet == b")":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return position
