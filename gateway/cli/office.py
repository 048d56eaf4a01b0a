"""The desk's office for a command that writes mail: what it puts into the outbox, the running gateway sends."""

from datetime import UTC, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.config import Config
from gateway.desk.post import Office
from gateway.keys import check_fingerprints, load_keys


async def office_of(session: AsyncSession, config: Config) -> Office:
    """For a session that may write. Raises KeysError where the keys are not those of this database."""
    keyring = await check_fingerprints(session, load_keys(config.keys), datetime.now(UTC))
    return Office(config.domain, config.operator, keyring, config.delivery.give_up, config.retention.drafts)
