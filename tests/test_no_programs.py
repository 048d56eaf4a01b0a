"""A28: no mail can become a command: the gateway starts no program, makes no code, and unpickles nothing.

What is not seen here, a library that does, meets the seccomp filter and the sandbox of tests/systemd/test_boot.py.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

GATEWAY = Path(__file__).parents[1] / "gateway"
DEMO = GATEWAY / "demo"  # starts the gateway itself, for a day of made-up mail

MODULES = {"subprocess", "pty", "pickle", "marshal", "shelve", "dill", "code", "runpy", "webbrowser"}
CALLS = {"eval", "exec", "compile", "__import__"}
METHODS = {"system", "popen", "posix_spawn", "posix_spawnp", "create_subprocess_exec", "create_subprocess_shell"} | {
    f"{way}{how}" for way in ("exec", "spawn") for how in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")
}


def _dangers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, name.name) for name in names if name.name.split(".")[0] in MODULES)
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in MODULES:
                yield node.lineno, module
            case ast.ImportFrom(module="os" | "asyncio", names=names):
                yield from ((node.lineno, name.name) for name in names if name.name in METHODS)
            case ast.Call(func=ast.Name(id=name)) if name in CALLS | METHODS:
                yield node.lineno, name
            case ast.Call(func=ast.Attribute(attr=name)) if name in METHODS:
                yield node.lineno, name


def test_a28_the_gateway_starts_no_program_and_makes_no_code() -> None:
    found = [
        f"{file.relative_to(GATEWAY)}:{line}: {what}"
        for file in sorted(GATEWAY.rglob("*.py"))
        if not file.is_relative_to(DEMO)
        for line, what in _dangers(ast.parse(file.read_text("utf-8")))
    ]
    assert found == []


def test_a28_the_search_finds_what_it_looks_for() -> None:
    text = "import subprocess\nfrom os import execv\nos.system(x)\neval(x)\nawait asyncio.create_subprocess_exec(x)\n"
    assert [line for line, _ in sorted(_dangers(ast.parse(text)))] == [1, 2, 3, 4, 5]
