"""Who may be written to: the answer to RCPT. What the mail says is never asked.

A refusal has the same words and the same time for every reason (A08, A27); the true reason stands in the log alone.
Trouble of ours, a database or a key that is missing, is 451 and never 550. A client that keeps naming addresses that
do not exist is sent away, while those that do exist stay open to it: others may share its address.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from gateway.intake import replies
from gateway.intake.failures import Failures
from gateway.log import masked
from gateway.mail.addresses import (
    BounceAddress,
    InquiryAddress,
    PracticeAddress,
    StoreAddress,
    normalise_address,
    parse_local_part,
)
from gateway.mail.keyring import Keyring
from gateway.store import key_fingerprints
from gateway.store.database import Database
from gateway.store.tables import Draft, Inquiry, Seller, Store

STORE_MEMORY = 5.0  # seconds a store is believed to be active without asking again
STORES_REMEMBERED = 10_000

log = structlog.get_logger("intake")


@dataclass(frozen=True)
class Refusal:
    """The reply for the client and the reason for the operator."""

    reply: str
    reason: str


class Admission:
    """Answers RCPT for `domain`. `keyring` gives the keys in use, or None while they are missing or foreign; each
    refusal is counted in `refused` by its true reason. A database gets `patience` seconds to answer (T08)."""

    def __init__(
        self,
        database: Database,
        domain: str,
        keyring: Callable[[], Keyring | None],
        failures: Failures,
        *,
        refusal_delay: float = 0.1,
        patience: float = 10.0,
        refused: Counter[str] | None = None,
    ) -> None:
        self._database = database
        self._domain = domain.lower()
        self._keyring = keyring
        self._refusal_delay = refusal_delay
        self._patience = patience
        self._refused = Counter[str]() if refused is None else refused
        self._failures = failures
        self._active_until: dict[str, float] = {}

    async def refusal(self, recipient: str, client: str, *, sender: str = "", trusted: bool = False) -> Refusal | None:
        """Why `recipient` (an addr-spec, or `postmaster` alone) is refused, or None when it is welcome. `client` is an
        IP address; a trusted one relays for many and is not counted. `sender` (an addr-spec, or empty) is for the log
        alone."""
        began = monotonic()
        try:
            async with asyncio.timeout(self._patience):
                refusal = await self._refusal(recipient)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            refusal = Refusal(replies.TRY_LATER, type(error).__name__)
        if refusal is not None:
            self._refused[refusal.reason] += 1
            if refusal.reply != replies.TRY_LATER and not trusted and not self._failures.note(client):
                refusal = Refusal(replies.TOO_MANY_ERRORS, refusal.reason)
            log.info(
                "recipient refused",
                sender=masked(sender),
                recipient=masked(recipient),
                reason=refusal.reason,
                reply=refusal.reply,
                client=client,
            )
            await asyncio.sleep(max(0.0, began + self._refusal_delay - monotonic()))
        return refusal

    async def _refusal(self, recipient: str) -> Refusal | None:
        local, at, domain = normalise_address(recipient).rpartition("@")
        if not at:
            # RFC 5321 4.5.1: postmaster is reached without a domain too.
            return None if domain == "postmaster" else Refusal(replies.UNKNOWN_RECIPIENT, "no domain")
        if domain != self._domain:
            return Refusal(replies.NO_RELAY, "not our domain")
        match parse_local_part(local):
            case None:
                return Refusal(replies.UNKNOWN_RECIPIENT, "no form of address")
            case StoreAddress(store=name):
                return None if await self._is_active(name) else Refusal(replies.UNKNOWN_RECIPIENT, "no such store")
            case InquiryAddress() as address:
                return await self._signed(address)
            case BounceAddress() as address:
                keyring = self._keyring()
                if keyring is None:
                    return _NO_KEYS
                return None if keyring.verifies_bounce(address) else await self._false_signature(keyring)
            case PracticeAddress() as address:
                return await self._practice(address)
            case _:
                return None

    async def _is_active(self, name: str) -> bool:
        now = monotonic()
        if self._active_until.get(name, 0.0) > now:
            return True
        async with self._database.read() as session:
            found = await session.exec(select(Store.id).where(col(Store.name) == name, col(Store.active).is_(True)))
            active = found.first() is not None
        if len(self._active_until) >= STORES_REMEMBERED:
            self._active_until.clear()
        if active:
            self._active_until[name] = now + STORE_MEMORY
        else:
            self._active_until.pop(name, None)
        return active

    async def _signed(self, address: InquiryAddress) -> Refusal | None:
        keyring = self._keyring()
        if keyring is None:
            return _NO_KEYS
        async with self._database.read() as session:
            nonce = (await session.exec(select(Inquiry.nonce).where(col(Inquiry.number) == address.number))).first()
            if nonce is None:
                return Refusal(replies.UNKNOWN_RECIPIENT, "no such inquiry")
            if address.purpose != "send":
                verified = [keyring.verifies(address, nonce)]
            else:
                # A draft that was sent or has expired keeps its address: the desk tells what became of it.
                drafts = await session.exec(select(Draft.nonce).where(col(Draft.inquiry_number) == address.number))
                verified = [keyring.verifies_draft(address, nonce, draft) for draft in drafts]
        return None if any(verified) else await self._false_signature(keyring)

    async def _practice(self, address: PracticeAddress) -> Refusal | None:
        keyring = self._keyring()
        if keyring is None:
            return _NO_KEYS
        async with self._database.read() as session:
            mailbox = (await session.exec(select(Seller.address).where(col(Seller.id) == address.seller))).first()
        if mailbox is None:
            return Refusal(replies.UNKNOWN_RECIPIENT, "no such seller")
        return None if keyring.verifies_practice(address, mailbox) else await self._false_signature(keyring)

    async def _false_signature(self, keyring: Keyring) -> Refusal:
        """Unless a key that was rotated in elsewhere, and has not come to this node yet, may have made it."""
        async with self._database.read() as session:
            in_use = await key_fingerprints.in_use(session)
        if in_use <= {key.id for key in keyring.keys}:
            return Refusal(replies.UNKNOWN_RECIPIENT, "false signature")
        return Refusal(replies.TRY_LATER, "a key is missing")


_NO_KEYS = Refusal(replies.TRY_LATER, "no keys")
