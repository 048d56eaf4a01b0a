"""What comes of a seller's mail that is not carried out at once, for a doubt, as values. Part of `effects`."""

from dataclasses import dataclass

from gateway.mail.values import AttachedFile, Reply


@dataclass(frozen=True)
class HoldDraft:
    """A seller's mail is kept and a one-time confirmation goes to the registered addresses."""

    reason: str  # unauthenticated, to_others, unregistered, automatic, repeated, newer, colleague, personal_data
    to: tuple[str, ...]
    reply: Reply
    action: str | None  # the button it was sent to
    subject: str
    attachments: tuple[AttachedFile, ...]
    message_id: str | None
    seller_id: int | None
    since: tuple[int, ...] = ()  # the entries of the thread that the seller did not know of
    senders: tuple[str, ...] = ()  # the addresses that the mail names as its own


@dataclass(frozen=True)
class AskAgain:
    """A #送信 of which it is not sure who wrote it: the seller gets the confirmation of their held draft once more."""

    draft_id: str
    reason: str  # unauthenticated, to_others, automatic
    to: tuple[str, ...]
    senders: tuple[str, ...]


@dataclass(frozen=True)
class NotAsked:
    """A mail that nobody can tell who wrote is kept, and the sellers were asked about too many like it."""

    reason: str  # as that of AskAgain, or unregistered
    to: tuple[str, ...]
