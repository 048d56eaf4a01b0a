"""Questions about the texts that stores keep to answer with (F6)."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.tables import Store
from gateway.store.template_tables import Template


async def of_store(session: AsyncSession, store_id: int) -> tuple[Template, ...]:
    """A store's templates, by name."""
    query = select(Template).where(Template.store_id == store_id).order_by(col(Template.name_key))
    return tuple((await session.exec(query)).all())


async def listing(session: AsyncSession, store: str | None = None) -> list[tuple[Template, Store]]:
    """Templates with their stores, by store and name."""
    query = (
        select(Template, Store)
        .join(Store, col(Store.id) == col(Template.store_id))
        .order_by(col(Store.name), col(Template.name_key))
    )
    if store is not None:
        query = query.where(Store.name == store)
    return [(template, of) for template, of in (await session.exec(query)).all()]


async def put(session: AsyncSession, store_id: int, name: str, key: str, text: str, now: datetime) -> bool:
    """Sets the template whose name has this key. True when there was none."""
    known = await _keyed(session, store_id, key)
    if known is not None:
        known.name, known.text, known.changed_at = name, text, now
        return False
    new = Template(store_id=store_id, name=name, name_key=key, text=text, created_at=now, changed_at=now)
    session.add(new)
    await session.flush()
    return True


async def remove(session: AsyncSession, store_id: int, key: str) -> bool:
    """False when there is none whose name has this key."""
    known = await _keyed(session, store_id, key)
    if known is None:
        return False
    await session.delete(known)
    await session.flush()
    return True


async def count_use(session: AsyncSession, template_id: int) -> None:
    """One more answer was sent with it."""
    step = update(Template).where(col(Template.id) == template_id).values(uses=col(Template.uses) + 1)
    await session.exec(step.execution_options(synchronize_session=False))


async def _keyed(session: AsyncSession, store_id: int, key: str) -> Template | None:
    query = select(Template).where(Template.store_id == store_id, Template.name_key == key)
    return (await session.exec(query)).first()
