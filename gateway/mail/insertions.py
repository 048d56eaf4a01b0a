"""Finds the writer's words within a quotation of ours: typed behind its marks, into its lines, or quoted by hand.

What is quoted at all is decided in quoting.py; this gives back what went with it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.mail.quoteforms import Forms, is_marker, unmark
from gateway.mail.recall import Place, Recall, letters

_MACHINERY = re.compile(  # the source of a quoted mail, the tag that a client shows for a part, a link in pieces
    r"\A(?:--[^\s-]\S{7,}|</?[a-z][a-z0-9]{0,9}\b[^<>]{0,300}>|content-(?:type|transfer-encoding|disposition|id):"
    r"|\[[\d.]{1,9}\s.{0,200}<[\w.+-]{1,40}/[\w.+-]{1,80}\b)|(?:%[0-9a-f]{2}){2}|<mailto:",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Insertions:
    """One reply's lines, as they are and without marks, their forms, and the places of those that are ours; `added` are
    the words that stand in a line of ours."""

    lines: Sequence[str]
    texts: Sequence[str]
    forms: Forms
    recall: Recall
    places: Sequence[Place | None]
    added: Mapping[int, str]

    def restore(self, written: list[str | None]) -> None:
        """Puts into `written` the words typed inside the quotation, after its marks, as phones do: behind a line of
        ours, between two that follow each other without a gap, or after our end where there are no others."""
        cursor: int | None = None
        pending: list[int] = []
        for index, place in enumerate(self.places):
            if place is not None:
                if cursor == place.start:
                    self._restore(written, pending)
                cursor, pending = place.end, []
                written[index] = self.added.get(index)
            elif written[index] is not None and self.lines[index].strip():
                cursor, pending = None, []
            elif letters(self.lines[index]):
                pending.append(index)
        others = any(line is not None and line.strip() for line in written)
        if cursor is not None and self.recall.is_end(cursor) and not others:
            self._restore(written, pending)
        self._restore_own_quotations(written)

    def _restore_own_quotations(self, written: list[str | None]) -> None:
        """Lines that the writer marked above the quotation of ours, from a page or another mail: between words of the
        writer's, and nothing of ours."""
        end = next((index for index, place in enumerate(self.places) if place is not None), 0)
        index = 0
        while index < end:
            begin = index
            while index < end and (self.forms.marked[index] or not self.lines[index].strip()):
                index += 1
            beside = (written[begin - 1] if begin else None, written[index])
            ours = any(self.recall.find(self.texts[line], 0) for line in range(begin, index))
            if index > begin and not ours and all(line is not None and line.strip() for line in beside):
                written[begin:index] = self.lines[begin:index]
            index += 1

    def _restore(self, written: list[str | None], pending: Sequence[int]) -> None:
        lines = {index: unmark(self.lines[index]) for index in pending}
        if not any(
            self.forms.head[index] or is_marker(line) or _MACHINERY.search(line) for index, line in lines.items()
        ):
            for index, line in lines.items():
                written[index] = line
