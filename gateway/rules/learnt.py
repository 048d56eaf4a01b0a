"""How much a sentence asks for somebody, by weights that were learnt from labelled messages (docs/decisions/0013).

Phrases are a list, and nobody lists all that customers tell beside their thanks. A logistic regression over the
letter n-grams of a sentence (one to five letters) knows many more of them, and gives its reasons: the letters that
weighed most. `tests/rules/learn.py` makes the weights. Linear in the length of the sentence; nothing is compiled.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from math import sqrt
from pathlib import Path

from gateway.rules.normalise import fold

LONGEST = 5  # letters of an n-gram
BITS = 18  # of its place among the weights; n-grams that share one share a weight
REASONS = 2  # how many are given
_FILE = Path(__file__).with_name("learnt.bin")


@dataclass(frozen=True)
class Weights:
    """The weights, one octet for each place, and what one step of an octet is worth (log-odds)."""

    steps: memoryview
    step: float
    bias: float

    def openness(self, sentence: str) -> float:
        """The log-odds that somebody should see the sentence: below 0 it more likely tells than asks."""
        found = places(sentence)
        return self.bias + self.step * sum(self.steps[place] for place in found) / sqrt(len(found) or 1)

    def reasons(self, sentence: str) -> tuple[str, ...]:
        """The words that spoke most against it, none within another."""
        weighed = sorted((self.steps[place_of(gram)], gram) for gram in ngrams(sentence) if len(gram.strip("^$ ")) > 1)
        said: list[str] = []
        for weight, gram in weighed:
            words = gram.strip("^$ ")
            if weight >= 0 or len(said) == REASONS:
                break
            if not any(words in one or one in words for one in said):
                said.append(words)
        return tuple(said)


def places(sentence: str) -> set[int]:
    """Where the weights of a sentence stand."""
    return set(map(place_of, ngrams(sentence)))


def place_of(gram: str) -> int:
    return zlib.crc32(gram.encode()) & ((1 << BITS) - 1)


def ngrams(sentence: str) -> Iterator[str]:
    """The runs of one to `LONGEST` letters of the sentence in the spelling of `fold`; ^ and $ stand for its ends."""
    letters = f"^{fold(sentence)}$"
    sizes = (range(len(letters) - size + 1) for size in range(1, LONGEST + 1))
    return chain.from_iterable(
        (letters[start : start + size] for start in starts) for size, starts in enumerate(sizes, 1)
    )


@cache
def shipped() -> Weights:
    """The weights that this release was made with."""
    head, steps = _FILE.read_bytes().split(b"\n", 1)
    return Weights(memoryview(zlib.decompress(steps)).cast("b"), **json.loads(head))


def write(steps: bytes, step: float, bias: float) -> None:
    """Keeps weights for `shipped`: octets with a sign, 2 ** BITS of them."""
    head = json.dumps({"step": step, "bias": bias})
    _FILE.write_bytes(head.encode() + b"\n" + zlib.compress(steps, 9))
