"""A received mail as the other side may have it: without the fields that can hold its sender's address. Pure.

Its body is its writer's own words, and stays as it came.
"""

import re

from gateway.mail.trace import header_length

_KEPT = re.compile(rb"(?:subject|date|mime-version|content-[a-z-]+)\s*:", re.IGNORECASE)


def without_addresses(raw: bytes) -> bytes:
    """The mail with only Subject, Date and the MIME fields in its header. Linear; any bytes."""
    end = header_length(raw)
    kept: list[bytes] = []
    keeping = False
    for line in raw[:end].splitlines(keepends=True):
        if line[:1] not in b" \t" or not line.strip():
            keeping = _KEPT.match(line) is not None
        if keeping:
            kept.append(line)
    body = end + 2 if raw.startswith(b"\r\n", end) else end
    return b"".join([*kept, b"\r\n", memoryview(raw)[body:]])  # a big one is copied once
