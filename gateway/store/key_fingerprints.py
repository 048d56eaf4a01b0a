"""Questions about the reply-address keys that this database was used with."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.tables import Inquiry, KeyFingerprint


async def all_rows(session: AsyncSession) -> list[KeyFingerprint]:
    return list((await session.exec(select(KeyFingerprint).order_by(KeyFingerprint.key_id))).all())


async def in_use(session: AsyncSession) -> frozenset[str]:
    """The keys that sign or verify, here or on another node."""
    query = select(KeyFingerprint.key_id).where(col(KeyFingerprint.revoked_at).is_(None))
    return frozenset((await session.exec(query)).all())


async def has_inquiries(session: AsyncSession) -> bool:
    """True when addresses were signed that people may still write to."""
    return (await session.exec(select(Inquiry.number).limit(1))).first() is not None


async def add(session: AsyncSession, fingerprints: Mapping[str, str], now: datetime) -> None:
    """Notes keys, by id, that the database does not know yet; another node may be noting the same."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for key_id, value in fingerprints.items():
        row = {"key_id": key_id, "fingerprint": value, "first_seen_at": now}
        await session.exec(make(KeyFingerprint).values(**row).on_conflict_do_nothing())


async def replace_all(session: AsyncSession, fingerprints: Mapping[str, str], now: datetime) -> None:
    """Forgets what was noted before: nothing was signed yet that anybody holds."""
    noted = {row.key_id: row.fingerprint for row in await all_rows(session)}
    if noted != dict(fingerprints):
        await session.exec(delete(KeyFingerprint))
        await add(session, fingerprints, now)


async def revoke(session: AsyncSession, key_id: str, now: datetime) -> bool:
    """Marks a key as ended. False when the database does not know it or has it as ended already."""
    step = (
        update(KeyFingerprint)
        .where(col(KeyFingerprint.key_id) == key_id, col(KeyFingerprint.revoked_at).is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool((await session.exec(step)).rowcount)
