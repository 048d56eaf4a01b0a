"""Whether a customer's mail lacks the proof that earlier ones of its inquiry had (A11)."""

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.privacy import UNVERIFIED_STAFF
from gateway.desk.situation import Incoming
from gateway.mail.authentication import passes
from gateway.store import messages
from gateway.store.states import Author, Direction
from gateway.store.tables import Inquiry, Message, Received

MARKED_OTHERWISE = ("other_address", UNVERIFIED_STAFF)


async def lacks_its_proof(session: AsyncSession, incoming: Incoming, inquiry: Inquiry, entry: Message) -> bool:
    """True when nothing shows who sent this entry, and that of an earlier mail of the customer's was shown. A customer
    who never proves it is as ever, and no mail of a stranger's makes the next one ordinary."""
    if entry.direction is not Direction.IN or entry.author is not Author.CUSTOMER or entry.remark in MARKED_OTHERWISE:
        return False
    if await _is_proved(session, incoming, entry):
        return False
    numbers = [number for number in (inquiry.number, inquiry.follows) if number is not None]
    return any(map(passes, await messages.proofs(session, numbers, entry.id or 0)))


async def _is_proved(session: AsyncSession, incoming: Incoming, entry: Message) -> bool:
    if entry.received_id == incoming.queue_id:
        return incoming.mail.authenticated  # its row is written last
    mail = await session.get(Received, entry.received_id) if entry.received_id else None
    return mail is not None and passes(mail.authentication)
