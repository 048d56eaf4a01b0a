"""`rules history`: which rules were in use when, what they were, and what was changed between two versions."""

from collections.abc import Mapping
from difflib import unified_diff
from typing import Annotated, Any

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import CommandError, reading
from gateway.cli.output import Json, Limit, day_and_time, print_json, print_table, print_text
from gateway.store import rule_uses
from gateway.store.inquiry_views import NO_STORE, iso
from gateway.store.rule_tables import RuleUse

Texts = Mapping[str, str]  # of the files of a version


def history(
    context: typer.Context,
    version: Annotated[str | None, typer.Argument(metavar="VERSION", help="Show the files of this version.")] = None,
    other: Annotated[str | None, typer.Argument(metavar="OTHER", help="What changed from VERSION to this.")] = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """Which rules came into use when and where, and what was refused; the newest first.

    The beginning of a version's name is enough.
    """
    if version is None:
        rows = reading(context, lambda session: rule_uses.history(session, limit))
        views = [_view(use, rules) for use, rules in rows]
        print_json(views) if json else print_table(COLUMNS, map(_line, views))
        return

    async def work(session: AsyncSession) -> list[tuple[str, Texts]]:
        return [await _named(session, name) for name in (version, other) if name is not None]

    (name, texts), *others = reading(context, work)
    if not others:
        print_json({"version": name, "files": texts}) if json else _print_files(texts)
        return
    [(to, new)] = others
    diffs = dict(_diffs(texts, new, name, to))
    if json:
        print_json({"from": name, "to": to, "diffs": diffs})
    else:
        print_text("\n".join(diffs.values()) or f"{name} and {to} are the same")


COLUMNS = ("at", "node", "cause", "in use", "rules", "refused")


def _view(use: RuleUse, rules: int | None) -> dict[str, Any]:
    refused = None if use.refused is None else {"problem": use.refused, "problems": use.problems}
    at = iso(use.at, NO_STORE)
    return {
        "at": at,
        "node": use.node,
        "cause": use.cause,
        "version": use.version,
        "rules": rules,
        "refused": refused,
    }


def _line(view: dict[str, Any]) -> list[object]:
    refused = view["refused"]
    told = refused and refused["problem"] + (
        f" (and {refused['problems'] - 1} more)" if refused["problems"] > 1 else ""
    )
    return [day_and_time(view["at"]), view["node"], view["cause"], view["version"], view["rules"], told]


async def _named(session: AsyncSession, beginning: str) -> tuple[str, Texts]:
    found = await rule_uses.versions(session, beginning)
    if len(found) != 1:
        problem = "is the beginning of several versions" if found else "is no version that was in use"
        raise CommandError(f"{beginning} {problem}; `toiawase rules history` names them")
    files = await rule_uses.files_of(session, found[0].version)
    return found[0].version, {name: content.decode() for name, content in (files or {}).items()}


def _print_files(texts: Texts) -> None:
    for name, text in texts.items():
        print_text(f"==> {name} <==\n{text}")


def _diffs(old: Texts, new: Texts, old_version: str, new_version: str) -> list[tuple[str, str]]:
    """By file, as `diff -u` writes it; only of files that differ."""
    found = []
    for name in sorted(old.keys() | new.keys()):
        before, after = (texts.get(name, "").splitlines() for texts in (old, new))
        lines = unified_diff(before, after, f"{old_version}/{name}", f"{new_version}/{name}", lineterm="")
        if diff := "\n".join(lines):
            found.append((name, diff))
    return found
