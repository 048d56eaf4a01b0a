"""The catalogues against each other, and against every place that asks for a text."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from gateway.desk import grammar
from gateway.store.states import InquiryStatus, Origin
from gateway.texts import Texts, catalogue, customers_languages, languages, texts_for_customers

PACKAGE = Path(__file__).parents[1] / "gateway"
SECTIONS = {key.partition(".")[0] for key in catalogue("en")}
KEY = re.compile(r"[a-z_]+(?:\.(?:[a-z_]|\{\})+)+")
CALLERS = re.compile(r"texts|Texts\(.*\)")  # the names under which the code asks for texts


@dataclass(frozen=True)
class Asked:
    """A place in the code. `key` has `{}` for a part that is known only when it runs; `fields` is None where a mapping
    is handed on."""

    place: str
    key: str
    fields: frozenset[str] | None

    def means(self, key: str) -> bool:
        return re.fullmatch(re.escape(self.key).replace(r"\{\}", "[a-z_0-9]+"), key) is not None


def _shape(node: ast.expr) -> str:
    """A string as far as it is written in the code, "" for what is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


def _asked(file: Path) -> Iterator[Asked]:
    tree = ast.parse(file.read_bytes())
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        place = f"{file.name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call) and node.args and CALLERS.fullmatch(ast.unparse(node.func)):
            names = [keyword.arg for keyword in node.keywords]
            fields = None if None in names else frozenset(name for name in names if name)
            yield Asked(place, _shape(node.args[0]), fields)
        elif isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in parts:
            shape = _shape(node)
            if shape.partition(".")[0] in SECTIONS and KEY.fullmatch(shape):
                yield Asked(place, shape, None)


@cache
def _everywhere() -> tuple[Asked, ...]:
    rooms = (PACKAGE / room for room in ("desk", "cli", "http", "worker"))
    return tuple(asked for room in rooms for file in sorted(room.rglob("*.py")) for asked in _asked(file))


def _fields(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def _catalogue(language: str) -> Path:
    return PACKAGE / "texts" / f"{language}.toml"


@pytest.mark.parametrize("language", customers_languages())
def test_no_catalogue_misses_a_text_or_has_one_that_the_others_have_not(language: str) -> None:
    wanted = set(catalogue("en")) if language in languages() else texts_for_customers()
    assert set(catalogue(language)) ^ wanted == set()


@pytest.mark.parametrize("language", customers_languages())
def test_a_text_has_the_same_fields_in_every_language(language: str) -> None:
    texts = catalogue(language)
    assert [key for key in texts if _fields(texts[key]) != _fields(catalogue("en")[key])] == []


@pytest.mark.parametrize("language", customers_languages())
def test_no_text_is_empty_and_no_line_has_spaces_at_its_end(language: str) -> None:
    texts = catalogue(language)
    assert [key for key, text in texts.items() if not text.strip() or re.search(r"[ \t\u3000]\n", text)] == []


def test_every_text_that_the_code_asks_for_is_there() -> None:
    missing = [asked for asked in _everywhere() if asked.key and not any(map(asked.means, catalogue("en")))]
    assert missing == []


def test_every_text_is_asked_for_somewhere() -> None:
    assert [key for key in catalogue("en") if not any(asked.means(key) for asked in _everywhere() if asked.key)] == []


def test_every_place_fills_exactly_the_fields_of_its_text() -> None:
    wrong = [
        f"{asked.place}: {key} wants {sorted(_fields(text))}, gets {sorted(asked.fields)}"
        for asked in _everywhere()
        for key, text in catalogue("en").items()
        if asked.fields is not None and asked.key == key and asked.fields != _fields(text)
    ]
    assert wrong == []


def test_every_state_and_origin_has_its_name() -> None:
    texts = Texts("ja")
    assert [texts(f"status.{status}") for status in InquiryStatus] == ["未回答", "処理中", "処理完了"]
    assert all(texts.has(f"origin.{origin}") for origin in Origin)


def test_whatever_a_seller_can_ask_for_is_described_before_it_is_confirmed() -> None:
    acts = {"answer", "auto", "note", "hide", "status", "label", *grammar.ALONE} - {"send", "help"}
    assert [act for act in acts if not Texts("ja").has(f"confirmation.action_{act}")] == []


def test_sellers_work_in_two_languages_and_customers_are_written_to_in_four() -> None:
    assert (languages(), customers_languages()) == (("en", "ja"), ("en", "ja", "ko", "zh"))
    assert Texts("ko")("answer.quote", date="x") != Texts("en")("answer.quote", date="x")
    assert Texts("fr").language == "en"


def test_a_missing_text_and_a_missing_field_are_found(tmp_path: Path) -> None:
    file = tmp_path / "some.py"
    file.write_text('texts("status.nowhere"); texts("failure.reply", other=1); texts(f"returned.nothing_like.{x}")')
    missing = [asked for asked in _asked(file) if asked.key and not any(map(asked.means, catalogue("en")))]
    assert {asked.key for asked in missing} == {"status.nowhere", "returned.nothing_like.{}"}
    assert {asked.fields for asked in _asked(file) if asked.key == "failure.reply"} >= {frozenset({"other"})}


def test_every_reason_to_refuse_has_its_text() -> None:
    """The code makes their keys, so that nothing else would miss one."""
    asked = {
        node.args[0].value
        for file in (PACKAGE / "desk").glob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Refusal" and node.args
        if isinstance(node.args[0], ast.Constant)
    }
    assert len(asked) > 20
    assert {*asked, "too_many_files", "files_too_big"} - {key.rpartition(".")[2] for key in catalogue("en")} == set()
