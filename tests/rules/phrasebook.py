"""A phrasebook of a few words for tests of the engine, and where the broken rules are."""

import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from gateway.rules.files import read
from gateway.rules.load import load
from gateway.rules.problems import Problem, RulesError
from gateway.rules.reading import Evidence, Reading
from gateway.rules.ruleset import RuleSet
from gateway.rules.trials import failures

BROKEN = sorted(file for file in (Path(__file__).parents[1] / "bad_rules").iterdir() if file.suffix != ".expected")

_CLASSES = {
    "thanks": r"ありがとうございま(?:す|した)|thank you(?: very much)?|감사합니다|谢谢",
    "acknowledged": r"承知(?:いた)?しました",
    "received": r"(?:商品が|昨日)?届きました",
    "solved": r"(?:自己)?解決しました",
    "withdrawn": r"取り消します|お騒がせしました",
    "waiting": r"ご連絡お待ちしております|기다릴게요",
}
_ASKS = re.compile(r"[?？]|か$|ください")


@dataclass(frozen=True)
class FewWords:
    """A message cut at its marks, each piece of one class or of none."""

    pieces: tuple[tuple[str, str], ...]  # class, words

    def only(self, classes: Collection[str]) -> Evidence | None:
        known = bool(self.pieces) and all(name in classes for name, _ in self.pieces)
        return tuple(words for _, words in self.pieces) if known else None

    def says(self, classes: Collection[str]) -> Evidence | None:
        return tuple(words for name, words in self.pieces if name in classes) or None

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(words for name, words in self.pieces if not name)

    @property
    def asks(self) -> Evidence | None:
        return tuple(words for _, words in self.pieces if _ASKS.search(words)) or None


class Phrasebook:
    classes: Collection[str] = (*_CLASSES, "greeting", "closing", "question")

    def read(self, text: str, subject: str = "") -> Reading:
        pieces = (piece.strip("(^) ").lower() for piece in re.findall(r"[^。.！!？?\n]+[？?]?", text))
        return FewWords(tuple((self._class_of(piece), piece) for piece in pieces if piece))

    def _class_of(self, piece: str) -> str:
        return next((name for name, words in _CLASSES.items() if re.fullmatch(words, piece)), "")


def placed(broken: Path, folder: Path) -> str:
    """A rules folder with one broken file, and the folder's sound text; the name under which problems tell it."""
    (folder / "replies").mkdir(parents=True)
    (folder / "replies" / "handled.ja.txt").write_text("ご対応させていただきました。", "utf-8")
    name = broken.name if broken.suffix == ".yaml" else f"replies/{broken.name}"
    shutil.copyfile(broken, folder / name)
    return name


def written(folder: Path, rules: str, name: str = "rules.yaml") -> RuleSet:
    """The rules of a folder with this file and a text `handled`. Raises RulesError."""
    (folder / "replies").mkdir(parents=True, exist_ok=True)
    (folder / "replies" / "handled.ja.txt").write_text("ご対応させていただきました。", "utf-8")
    (folder / name).write_text(rules, "utf-8")
    return load(read(folder), Phrasebook())


def problems_in(folder: Path) -> tuple[Problem, ...]:
    """Everything that `rules check` says about a folder."""
    try:
        return tuple(failures(load(read(folder), Phrasebook())))
    except RulesError as error:
        return error.problems
