"""Finds again, in a reply, the lines of the mails that we sent, however a client has wrapped, marked or widened them.

Both sides are compared by their letters and digits alone (NFKC, case folded), as one stream without lines, so that new
line breaks, quote marks, rules, bullets, tabs and full-width forms make no difference. A cursor walks along the stream:
what follows the last find is believed at any length, what stands elsewhere only if it is long, so that a writer's own
「はい」 or 「よろしくお願いします」 is not taken for ours. It does not decide what is quoted (quoting.py).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from gateway.mail.normal_forms import nfkc

MAX_SENT = 100_000  # characters of all sent mails that are looked at, newest first
GRAM = 12  # characters: the shortest piece that is recognised away from the cursor
MAX_LINE = 200  # characters of a text that is remembered with its letters
MAX_LINES = 200  # of ours in which words are looked for that a writer put in
MAX_TRIES = 100  # lines of one mail that are so looked at
MAX_PLACES = 8  # places at which the same twelve characters are tried
ENOUGH = 64  # look-ups that cost less than an index of all places
NEAR = 400  # characters ahead of the cursor in which a longer line is looked for
NEAR_SHORT = 12  # the same for a short line
SHORT = 8  # letters: a shorter line is short
SURE = 20  # letters: a line of ours that long is ours wherever it stands
PIECE = 4  # letters of each beginning of a line in a line made of several
SHORTEST = 3  # letters: a shorter line must follow at once

_DECORATION = re.compile(r"<[^<>]{1,2000}>|\[\d{1,3}\]|\[cid:[^\]]{1,200}\]")  # link targets that clients write out
_NO_LETTERS = re.compile(r"[\W_]+")  # all but what str.isalnum() takes
_NO_LETTERS_IN_LINES = re.compile(r"(?:[^\w\n]|_)+")
_LINKS = re.compile(r"[^\s<>]*(?:%[0-9A-Fa-f]{2}|://|mailto:|@[\w-]+\.)[^\s<>]*")
_CLOSING = "。.、,?？!！」』)） \t\u3000"
_END = "\n"  # between two sent mails: never part of a letter stream


def letters(text: str) -> str:
    """Only the letters and digits of `text`, NFKC, case folded."""
    return _letters_of_line(text) if len(text) <= MAX_LINE else _NO_LETTERS.sub("", _folded(text))


@lru_cache(maxsize=1024)
def _letters_of_line(line: str) -> str:
    """The same line is asked for many times while one mail is read, and `forget_letters` ends that."""
    return _NO_LETTERS.sub("", _folded(line))


forget_letters = _letters_of_line.cache_clear


def _folded(text: str) -> str:
    """NFKC, case folded; of several lines each for itself, since a line end takes part in no composition."""
    return nfkc(text).casefold()


def after_letters(text: str, count: int) -> str:
    """What remains of `text` when its first `count` letters and digits (as `letters` counts) are gone."""
    for index, character in enumerate(text):
        if count <= 0:
            return text[index:]
        count -= len(letters(character))
    return ""


def _keys(line: str) -> Iterator[str]:
    """The letters of a line, and those without what clients add, if they add something; the last is the barest."""
    yield letters(line)
    bare = _DECORATION.sub("", line)
    if bare != line:
        yield letters(bare)


def between_letters(text: str, begin: int, end: int) -> str:
    """What stands in `text` from its letter `begin` up to letter `end`, with the marks beside it."""
    rest = after_letters(text, end)
    while rest and not rest[0].isalnum():
        rest = rest[1:]
    return text[len(text) - len(after_letters(text, begin)) : len(text) - len(rest)].strip(_CLOSING)


def _is_of_links(text: str) -> bool:
    """Whether nothing but links and addresses stands there, whole or cut."""
    return not letters(_LINKS.sub("", _DECORATION.sub("", text)))


def _common(one: str, other: str) -> int:
    """How many characters at the beginning of both are the same."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


@dataclass(frozen=True)
class Place:
    """Where a line stands in the stream of what we sent: [start, end)."""

    start: int
    end: int


class Recall:
    """The mails that one reply may answer, searchable in linear time."""

    def __init__(self, sent: Sequence[str]) -> None:
        pieces: list[str] = []
        self._line_starts: set[int] = set()
        self._line_ends: set[int] = set()
        self._lines: list[tuple[int, int]] = []  # where the first MAX_LINES of ours that say something stand
        self._tries = MAX_TRIES
        self._signs: set[str] = set()  # lines of ours without letters, or with a link written out
        length = 0
        self.newest = 0  # letters of the newest of them
        left = MAX_SENT
        for text in sent:
            self._signs.update(line.strip() for line in text[:left].split("\n") if "<" in line)
            shown = _folded(_DECORATION.sub("", text[:left]))
            for line, said in zip(shown.split("\n"), _NO_LETTERS_IN_LINES.sub("", shown).split("\n"), strict=True):
                self._line_starts.add(length)
                pieces.append(said)
                if not said:
                    self._signs.add(line.strip())
                length += len(said)
                self._line_ends.add(length)
                if len(said) >= GRAM and len(self._lines) < MAX_LINES:
                    self._lines.append((length - len(said), length))
            self.newest = self.newest or length
            pieces.append(_END)
            length += 1
            left = max(0, left - len(text))
        self.stream = "".join(pieces) if self.newest else ""
        self._lookups = 0
        self._index: dict[str, list[int]] | None = None

    def __bool__(self) -> bool:
        return bool(self.stream)

    def find(self, line: str, cursor: int) -> Place | None:
        """Where the line stands: at the cursor, near behind it, or, if it is long, anywhere."""
        key = ""
        for key in _keys(line) if self else ():
            place = (self._ahead(key, cursor) or self._anywhere(key)) if key else None
            if place is not None:
                return place
        return self._in_pieces(key, cursor)

    def shown(self, line: str) -> str:
        """The letters of a line without the links that a client wrote out."""
        return letters(_DECORATION.sub("", line))

    def anywhere(self, text: str) -> Place | None:
        """Where the text stands, if it is long enough to be recognised away from the cursor."""
        return self._anywhere(letters(_DECORATION.sub("", text)))

    def continues(self, line: str, cursor: int) -> Place | None:
        """Where the line stands if it goes on exactly at the cursor."""
        for key in _keys(line):
            if key and self.stream.startswith(key, cursor):
                return self._whole(Place(cursor, cursor + len(key)))
        return None

    def goes_on_with(self, beginning: str, cursor: int) -> bool:
        """Whether these letters stand exactly at the cursor."""
        return self.stream.startswith(beginning, cursor)

    def added_to(self, line: str, cursor: int) -> tuple[Place, str] | None:
        """If the line is a line of ours with more behind it: its place, and those words; "" for a link written out."""
        key = letters(line)
        for start in (cursor, *self._places(key)) if self else ():
            end = start + _common(key, self.stream[start : start + len(key)])
            if end - start >= (SHORT if start == cursor else SURE) and end in self._line_ends:
                words = after_letters(line, end - start).lstrip(_CLOSING)
                cut = line.rfind("<") > line.rfind(">")  # a link goes on in the next line
                return Place(start, end), "" if cut or _is_of_links(words) else words
        return None

    def has_sign(self, line: str) -> bool:
        """Whether this line, without letters or with a link, is exactly one of ours."""
        return line.strip() in self._signs

    def inserted_in(self, text: str) -> tuple[Place, str] | None:
        """If the text is a line of ours with words put in between: its place, and those words."""
        if not self.stream or self._tries <= 0 or len(key := letters(text)) <= GRAM:
            return None
        self._tries -= 1
        if key in self.stream or self.shown(text) in self.stream:
            return None
        for start, end in self._lines:
            ours = self.stream[start:end]
            head, tail = _common(key, ours), _common(key[::-1], ours[::-1])
            if len(ours) < len(key) and min(head, tail) >= PIECE and head + tail >= len(ours):
                words = between_letters(text, head, head + len(key) - len(ours))
                return Place(start, end), "" if _is_of_links(words) else words
        return None

    def is_beginning(self, place: Place) -> bool:
        """Whether one of our mails begins there."""
        return place.start == 0 or self.is_end(place.start - 1)

    def is_end(self, cursor: int) -> bool:
        """Whether one of our mails ends before the cursor."""
        return self.stream[cursor : cursor + 1] == _END

    def _ahead(self, key: str, cursor: int) -> Place | None:
        reach = NEAR if len(key) >= SHORT else NEAR_SHORT if len(key) >= SHORTEST else 0
        start = self.stream.find(key, cursor, cursor + reach + len(key))
        return self._whole(Place(start, start + len(key))) if start >= 0 else None

    def _whole(self, place: Place) -> Place | None:
        """The place, unless it is half of a mail's short first line: 山田 is no quotation of 山田様."""
        cut = place.end - place.start < SHORT and place.end not in self._line_ends
        return None if cut and self.is_beginning(place) else place

    def _in_pieces(self, key: str, cursor: int) -> Place | None:
        """Beginnings of lines of ours, as a client shows our buttons in one line without their addresses."""
        if len(key) < SHORT:
            return None
        begin = None
        done = 0
        while done < len(key):
            start = self.stream.find(key[done : done + PIECE], cursor, cursor + NEAR)
            if len(key) - done < PIECE or start not in self._line_starts:
                return None
            begin = start if begin is None else begin
            cursor = start
            while done < len(key) and self.stream[cursor] == key[done]:
                cursor += 1
                done += 1
        return None if begin is None else Place(begin, cursor)

    def _anywhere(self, key: str) -> Place | None:
        for start in self._places(key):
            if self.stream.startswith(key, start):
                return Place(start, start + len(key))
        return None

    def _places(self, key: str) -> Sequence[int]:
        """The first places at which the first GRAM letters of a key stand; none for a shorter key."""
        gram = key[:GRAM]
        if len(gram) < GRAM:
            return ()
        self._lookups += 1
        if self._index is None and self._lookups > ENOUGH:
            self._index = self._indexed()
        return list(islice(self._searched(gram), MAX_PLACES)) if self._index is None else self._index.get(gram, ())

    def _searched(self, gram: str) -> Iterator[int]:
        place = self.stream.find(gram)
        while place >= 0:
            yield place
            place = self.stream.find(gram, place + 1)

    def _indexed(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = {}
        for place in range(len(self.stream) - GRAM + 1):
            places = index.setdefault(self.stream[place : place + GRAM], [])
            if len(places) < MAX_PLACES:
                places.append(place)
        return index
