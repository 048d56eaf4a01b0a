"""Who surely wrote what comes to a seller's address, and how often a seller is asked where nobody can tell. Pure.

Whoever has such an address can make us ask with every mail. So a seller is asked so many times an hour about one
inquiry and for one reason: counted in its history, and anew once a seller confirms a mail. Of what comes beyond the
operator has the mail as it came, and the sellers one mail an hour that says so.
"""

from datetime import timedelta

from gateway.desk.addressed import is_written_to_us
from gateway.desk.effects import Decision, Effect, Help, Record, ReturnDraft
from gateway.desk.hold_effects import AskAgain, NotAsked
from gateway.desk.intent import Intent
from gateway.desk.situation import Incoming, Situation
from gateway.store.tables import Seller

MOST_ASKED, ASKED_WITHIN = 20, timedelta(hours=1)  # a person answers one inquiry less often
WHY_NOT_ASKED = "nobody was asked, too many in an hour"


def doubt(incoming: Incoming, seller: Seller | None, situation: Situation) -> str:
    """Why it is not sure that a seller wrote it, and wrote it for this inquiry; "" when it is."""
    if seller is None:
        return "unregistered"
    if not incoming.mail.authenticated:
        return "unauthenticated"
    if situation.elsewhere or not is_written_to_us(incoming):
        return "to_others"
    return "automatic" if incoming.mail.auto_submitted else ""  # known as no machine: a person may say it is theirs


def may_ask(reason: str, situation: Situation) -> bool:
    """Whether one more mail may be about this doubt."""
    return situation.asked.get(reason, 0) < MOST_ASKED


def not_asked(reason: str, to: tuple[str, ...], number: int | None) -> Decision:
    """No mail for it alone; it is kept as it came, as every mail is, and floods no thread."""
    return Decision((NotAsked(reason, to),), "recorded", f"{reason}; {WHY_NOT_ASKED}", "address", number)


def asked_for(
    asked: Intent,
    situation: Situation,
    seller: Seller | None,
    reason: str,
    to: tuple[str, ...],
    number: int | None,
    senders: tuple[str, ...],
) -> Decision:
    """What has no words that could be held: the seller gets the button of what waits already, or a plain answer."""
    effects: tuple[Effect, ...]
    if seller is None:
        lines = "\n".join(command.line for command in asked.commands)
        effects = tuple(ReturnDraft(address, "unregistered_command", lines) for address in to)
    elif asked.act == "help":
        effects = (Help(seller.address),)
    elif situation.draft is not None:
        effects = (AskAgain(situation.draft.id, reason, to, senders),)
    else:
        effects = (ReturnDraft(seller.address, "no_draft", ""),)
    counted = Record("doubted", "gateway", reason)
    return Decision((*effects, counted), "returned", f"{asked.act}, {reason}", "address", number)
