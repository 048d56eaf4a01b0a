"""Judges that no mail raises or takes long: every corpus file, and mutations of them."""

import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from gateway.mail.explain import explain
from tests import corpora
from tests.score.check import Check

RAISES = "mails that are explained without raising"
FILES = "files"
MUTATIONS = "mutations"
LIMIT = 1.0  # seconds that no mail may take
USUAL_SIZE = 100_000  # octets up to which 99 of 100 mails take less than
USUAL = 0.050  # seconds
WITHIN = "mails up to 100 KB within 50 ms"
BATCH = 500
_SCRAPS = (b"\0", b"\r", b"\n\n", b"=?", b"?=", b"\x1b$B", b'"', b"<", b"(", b";", b"--", b"> ", b"\xff", b"multipart/")


class Timing(NamedTuple):
    """What explaining one mail did: octets, seconds of processor time, and what it raised or "" ."""

    octets: int
    seconds: float
    raised: str


def explained(raw: bytes) -> Timing:
    """`raw` explained, whatever happens."""
    begin = time.process_time()
    try:
        explanation = explain(raw)
        json.dumps(explanation, ensure_ascii=False).encode()
        unread = [d for d in _listed(explanation["defects"]) if d.startswith("unreadable")]
        raised = unread[0] if unread else ""
    except Exception as error:
        raised = repr(error)
    return Timing(len(raw), time.process_time() - begin, raised)


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """`raw` with a few octets changed, removed, repeated or moved."""
    octets = bytearray(raw)
    for _ in range(chance.randint(1, 20)):
        start = chance.randrange(len(octets) + 1)
        end = min(len(octets), start + chance.randint(1, 40))
        piece = bytes(octets[start:end])
        match chance.randrange(5):
            case 0:
                octets[start:end] = chance.randbytes(chance.randint(0, 8))
            case 1:
                del octets[start:end]
            case 2:
                octets[start:start] = piece * chance.randint(1, 50)
            case 3:
                octets[start:start] = chance.choice(_SCRAPS)
            case _:
                place = chance.randrange(len(octets) + 1)
                octets[place:place] = piece
    return bytes(octets)


def checks(mutations: int) -> Iterator[Check]:
    """Every mail file of the corpora, then `mutations` of those that people could have sent."""
    for name, raw in corpora.mails():
        yield from _judged(FILES, name.partition("/")[0], name, explained(raw))
    seeds = range(0, mutations, BATCH)
    with ProcessPoolExecutor() as pool:
        for seed, timings in zip(seeds, pool.map(_batch, seeds), strict=True):
            for number, timing in enumerate(timings[: mutations - seed]):
                yield from _judged(MUTATIONS, MUTATIONS, f"{seed}+{number}", timing)


def _judged(corpus: str, group: str, case: str, timing: Timing) -> Iterator[Check]:
    in_time = timing.seconds < LIMIT
    said = timing.raised or f"{timing.seconds:.2f} s"
    yield Check(RAISES, corpus, group, case, not timing.raised and in_time, said)
    if timing.octets <= USUAL_SIZE:
        yield Check(WITHIN, corpus, group, case, timing.seconds < USUAL, f"{timing.seconds:.3f} s")


_mails: list[bytes] = []


def _batch(seed: int) -> list[Timing]:
    if not _mails:
        _mails.extend(raw for _, raw in corpora.mails() if 0 < len(raw) <= USUAL_SIZE)
    chance = random.Random(seed)
    return [explained(mutated(chance.choice(_mails), chance)) for _ in range(BATCH)]


def _listed(value: object) -> list[str]:
    assert isinstance(value, list)
    return value
