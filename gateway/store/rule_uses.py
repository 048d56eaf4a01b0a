"""Which rules were in use when, and their files: every query on `rule_use` and `rule_files`.

What rules are is not known here: a version is a name, and its files are octets by their path.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.rule_tables import RuleFiles, RuleUse

Cause = Literal["start", "signal", "change"]

REFUSAL_LENGTH = 1000  # characters of a problem that are kept


@dataclass(frozen=True)
class InUse:
    """What a node works with: `version`, which has so many `rules`, since `since`. `refused` is the first of the
    `problems` that what it should work with has since `refused_since`; None where nothing is wrong."""

    node: str
    version: str
    since: datetime
    refused: str | None = None
    problems: int = 0
    refused_since: datetime | None = None
    rules: int | None = None


async def take(
    session: AsyncSession,
    node: str,
    cause: Cause,
    version: str,
    files: Mapping[str, bytes],
    rules: int,
    now: datetime,
) -> RuleUse:
    """The node uses these files from now on. They are kept, once for all nodes; they must be UTF-8."""
    packed = {"version": version, "first_at": now, "rules": rules, "files": _packed(files)}
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    await session.exec(make(RuleFiles).values(**packed).on_conflict_do_nothing())
    return await _added(session, RuleUse(at=now, node=node, version=version, cause=cause))


async def refuse(
    session: AsyncSession, node: str, cause: Cause, version: str, first: str, problems: int, now: datetime
) -> RuleUse:
    """The node could not use what it found, and goes on with `version`. `first` is the first of the `problems`."""
    refused = first[:REFUSAL_LENGTH]
    use = RuleUse(at=now, node=node, version=version, cause=cause, refused=refused, problems=problems)
    return await _added(session, use)


async def newest(session: AsyncSession, node: str) -> RuleUse | None:
    """What the node did last: of a node that did nothing yet, what any did."""
    latest = select(RuleUse).order_by(col(RuleUse.id).desc()).limit(1)
    own = (await session.exec(latest.where(RuleUse.node == node))).first()
    return own or (await session.exec(latest)).first()


async def in_use(session: AsyncSession, node: str) -> InUse | None:
    """What the node works with: of a node that did nothing yet, what the last that did something does. None before the
    first start."""
    last = await newest(session, node)
    if last is None:
        return None
    of_node = select(RuleUse).where(RuleUse.node == last.node)
    taken = (
        await session.exec(of_node.where(col(RuleUse.refused).is_(None)).order_by(col(RuleUse.id).desc()).limit(1))
    ).first()
    rules = (await session.exec(select(RuleFiles.rules).where(RuleFiles.version == last.version))).first()
    if last.refused is None:
        return InUse(last.node, last.version, last.at, rules=rules)
    later = of_node.where(col(RuleUse.id) > (taken.id or 0)) if taken else of_node
    first = (await session.exec(later.order_by(col(RuleUse.id)).limit(1))).one()
    since = taken.at if taken and taken.version == last.version else first.at
    return InUse(last.node, last.version, since, last.refused, last.problems, first.at, rules)


async def files_of(session: AsyncSession, version: str) -> Mapping[str, bytes] | None:
    """The files of a version, or None where it was never in use."""
    row = await session.get(RuleFiles, version)
    return None if row is None else _unpacked(row.files)


async def versions(session: AsyncSession, beginning: str) -> list[RuleFiles]:
    """The versions whose name begins so, two at most: enough to know whether it names one."""
    named = select(RuleFiles).where(col(RuleFiles.version).startswith(beginning, autoescape=True)).limit(2)
    return list(await session.exec(named))


async def forget(session: AsyncSession, before: datetime) -> int:
    """Takes away what each node did before the last that it took then, and the files of versions that none has used
    since. Returns how many rows went."""
    uses = list(await session.exec(select(RuleUse).order_by(col(RuleUse.id))))
    taken = {use.node: use.id or 0 for use in uses if use.refused is None and use.at < before}
    ended = [use for use in uses if (use.id or 0) < taken.get(use.node, 0)]
    used = {use.version for use in uses if use not in ended}
    gone = delete(RuleFiles).where(col(RuleFiles.version).not_in(used), col(RuleFiles.first_at) < before)
    removed = (await session.exec(gone)).rowcount
    await session.exec(delete(RuleUse).where(col(RuleUse.id).in_([use.id for use in ended])))
    return removed + len(ended)


async def history(session: AsyncSession, limit: int) -> list[tuple[RuleUse, int | None]]:
    """What the nodes took and refused, the newest first, each with how many rules it then had."""
    rows = (
        select(RuleUse, RuleFiles.rules)
        .join(RuleFiles, col(RuleFiles.version) == RuleUse.version, isouter=True)
        .order_by(col(RuleUse.id).desc())
        .limit(limit)
    )
    return list((await session.exec(rows)).all())


async def _added(session: AsyncSession, use: RuleUse) -> RuleUse:
    session.add(use)
    await session.flush()
    return use


def _packed(files: Mapping[str, bytes]) -> bytes:
    texts = {name: content.decode() for name, content in sorted(files.items())}
    return zlib.compress(json.dumps(texts, ensure_ascii=False).encode())


def _unpacked(packed: bytes) -> Mapping[str, bytes]:
    texts: dict[str, str] = json.loads(zlib.decompress(packed))
    return {name: text.encode() for name, text in texts.items()}
