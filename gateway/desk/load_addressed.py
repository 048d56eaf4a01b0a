"""Which inquiry a seller's mail was written to, where To and Cc tell."""

from itertools import islice

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.addressed import named_inquiries
from gateway.mail.keyring import Keyring
from gateway.mail.values import Mail
from gateway.store import inquiries

NAMES_READ = 20  # addresses in To and Cc that are looked up


async def is_for_another_inquiry(session: AsyncSession, keyring: Keyring, mail: Mail, number: int) -> bool:
    """True when To and Cc have signed addresses of other inquiries of ours and none of inquiry `number`: whoever was
    sent a copy of that mail hands it in here."""
    named = list(named_inquiries(mail))
    if any(address.number == number for address in named):
        return False
    for address in islice(named, NAMES_READ):
        row = await inquiries.with_customer(session, address.number)
        if row is not None and keyring.verifies(address, row[0].nonce):
            return True
    return False
