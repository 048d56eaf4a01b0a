"""A million mails from hostile names, subjects and texts: only what was meant, and three readers agree on it."""

import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.mail.test_compose import INJECTIONS, readers_agree
from tests.torture.report import Report

BATCH = 1000
BREAKS_HEADERS = "\r\n\t\v\f\0\x1b\x85\u2028\u2029\u202e\u200b=?_:;,<>@()\"\\' "
RANGES = (
    (0x20, 0x7F),
    (0x80, 0x250),
    (0x3041, 0x30FF),
    (0x4E00, 0x9FFF),
    (0x600, 0x6FF),
    (0x1F300, 0x1FAFF),
    (0, 0x10FFFF),
)
PIECES = ("Bcc: x@example.jp", "=?utf-8?b?", "=?iso-2022-jp?B?", "?=", "\r\n\r\n", "a" * 90, "あ" * 40, *INJECTIONS)


def run(full: bool, folder: Path) -> Report:
    return play(1_000_000 if full else 1000)


def play(mails: int) -> Report:
    with ProcessPoolExecutor() as pool:
        failures = tuple(failure for found in pool.map(_batch, range(0, mails, BATCH)) for failure in found)
    return Report(f"{mails} mails", {}, failures)


def _batch(seed: int) -> list[str]:
    chance, found = random.Random(seed), []
    for number in range(BATCH):
        values = ["".join(_pieces(chance)) for _ in range(3)]
        try:
            readers_agree(*values)
        except Exception as error:
            found.append(f"mail {seed}+{number}: {error!r:.200} with {values!r:.300}")
    return found


def _pieces(chance: random.Random) -> Iterator[str]:
    for _ in range(chance.randint(0, 25)):
        kind = chance.random()
        if kind < 0.3:
            yield chance.choice(BREAKS_HEADERS)
        elif kind < 0.4:
            yield chance.choice(PIECES)
        else:
            yield "".join(chr(chance.randint(*chance.choice(RANGES))) for _ in range(chance.randint(1, 6)))
