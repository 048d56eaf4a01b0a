"""Time-ordered identifiers for mails we accept and mails we send.

They are made before the row is written, so that a mail has its name before any database has seen it, and they are
never used again after a restore, which a sequence could do.
"""

import secrets
import time
from datetime import datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base32: survives case folding, no i l o u
TIME_LENGTH = 9  # 45 bits of milliseconds: until the year 3084
RANDOM_LENGTH = 9  # 45 bits


def new_id() -> str:
    """An 18-character identifier, `[0-9a-z]`, that sorts by the time of its making (1 ms)."""
    return _base32(time.time_ns() // 1_000_000, TIME_LENGTH) + _base32(secrets.randbits(45), RANDOM_LENGTH)


def first_id(moment: datetime) -> str:
    """The smallest identifier that could be made at `moment`: what a range of identifiers begins or ends with."""
    return _base32(int(moment.timestamp() * 1000), TIME_LENGTH) + ALPHABET[0] * RANDOM_LENGTH


def new_nonce() -> str:
    """80 random bits as 16 characters: what makes a signed address of this thing unlike any other's."""
    return _base32(secrets.randbits(80), 16)


def _base32(value: int, length: int) -> str:
    digits = []
    for _ in range(length):
        value, digit = divmod(value, 32)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
