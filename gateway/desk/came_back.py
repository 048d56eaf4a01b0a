"""What came back: what a delivery report says (RFC 3464), and which of our mails it is about (N35)."""

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.situation import Incoming, Report
from gateway.mail import bounces
from gateway.mail.addresses import BounceAddress, same_address
from gateway.mail.bounces import Failure
from gateway.store import outbox
from gateway.store.tables import Outbox


def report_in(raw: bytes) -> Report:
    """Never raises on any bytes."""
    bounce = bounces.read(raw)
    failed = [failure for failure in bounce.recipients if failure.action == "failed"]
    return Report(
        bool(failed),
        _diagnostic(failed[0]) if failed else "",
        tuple(failure.address for failure in failed if failure.dead),
        not bounce.recipients,
        bounce.original_message_id,
    )


async def mail_of_ours(session: AsyncSession, incoming: Incoming) -> Outbox | None:
    """By the signed address of the return path. Of a report that a server sent to the mail's author instead (against
    RFC 5321 3.6.3), by the Message-ID, which is not to be guessed. Any other report is about no mail that we know."""
    if isinstance(incoming.address, BounceAddress):
        return await session.get(Outbox, incoming.address.outbox_id)
    report = incoming.bounce
    row = await outbox.of_message_id(session, report.message_id) if report and report.message_id else None
    return row if row is not None and same_address(row.from_address, incoming.recipient) else None


def _diagnostic(failure: Failure) -> str:
    """The far server's words, with the status that they lack."""
    return failure.diagnostic if failure.status in failure.diagnostic else f"{failure.status} {failure.diagnostic}"
