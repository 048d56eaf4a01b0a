"""Each item of the plan (N01-N43, A01-A28, T01-T24) has a test with its ID in the name. A failure prints the others."""

import re
from pathlib import Path

HERE = Path(__file__).parent
ITEMS = [f"{kind}{number:02}" for kind, last in (("N", 43), ("A", 28), ("T", 24)) for number in range(1, last + 1)]
ELSEWHERE = {  # item: where it is proved instead, because it takes minutes to say anything
    "T12": "torture/t12_flood.py",
    "T14": "torture/t14_bombs.py",
    "T21": "torture/t21_soak.py",
}


def named_items() -> set[str]:
    """Items in the names of tests, and of the files that a test is made from."""
    names = [file.stem for file in HERE.rglob("*.expected")]
    for file in HERE.rglob("test_*.py"):
        names += re.findall(r"^ *(?:async )?def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
    return {item.upper() for name in names for item in re.findall(r"(?i)(?<=_)[nat][0-9]{2}(?![0-9])", name)}


def test_every_item_of_the_plan_has_a_test() -> None:
    missing = [item for item in ITEMS if item not in named_items() | ELSEWHERE.keys()]
    assert not missing, " ".join(missing)


def test_what_is_proved_elsewhere_is_there() -> None:
    assert [place for place in ELSEWHERE.values() if not (HERE / place).exists()] == []


def test_each_torture_module_is_of_the_plan_and_says_what_it_does() -> None:
    modules = list((HERE / "torture").glob("t[0-9][0-9]_*.py"))
    assert {module.stem[:3].upper() for module in modules} <= set(ITEMS)
    assert all(module.read_text("utf-8").startswith('"""') for module in modules)
