"""From one recipient's copy of a mail and what the desk knows to what shall be done. Pure: rehearsal calls it too."""

from gateway.desk import customer, desk_mail, practice, seller
from gateway.desk.effects import Bounced, Decision, PassToOperator
from gateway.desk.quiet import kept_quiet
from gateway.desk.situation import Incoming, Situation
from gateway.mail.addresses import (
    BounceAddress,
    DeskAddress,
    InquiryAddress,
    OperatorAddress,
    PracticeAddress,
    StoreAddress,
    parse_local_part,
    same_address,
)
from gateway.mail.values import Machine

REPORTS = frozenset({Machine.BOUNCE, Machine.DELIVERY_REPORT, Machine.AUTO_REPLY, Machine.FEEDBACK})


def decide(incoming: Incoming, situation: Situation) -> Decision:
    """What this mail does, and why. Never raises on any content."""
    address = incoming.address
    if situation.own_mail and not isinstance(address, BounceAddress):
        return Decision((), "recorded", "a mail of our own came back")  # a loop, whoever forwards (N15)
    if situation.bounced is not None and incoming.bounce is not None and incoming.bounce.failed:
        return _report(incoming, situation)
    match address:
        case OperatorAddress():
            return _operator()
        case BounceAddress():
            return _report(incoming, situation)
        case DeskAddress():
            return desk_mail.writes(incoming, situation)
        case PracticeAddress() if not situation.sellers:
            return _operator("the practice inquiry of a seller who is no more")
        case PracticeAddress():
            return practice.writes(incoming, situation, address)
        case StoreAddress() if situation.store is None:
            return _operator("an address of a store that is no more")
        case StoreAddress() if _is_for_a_seller(incoming):
            return _operator("another gateway takes this store for one of its sellers", automatic=True)
        case StoreAddress():
            return _heard(situation, customer.writes_to_store(incoming, situation, address))
        case InquiryAddress() if situation.named is None:
            return _operator("an address of an inquiry that is no more")
        case InquiryAddress(purpose="c"):
            return _heard(situation, customer.writes_to_inquiry(incoming, situation, situation.named))
        case InquiryAddress(purpose="send"):
            return seller.confirms(incoming, situation, situation.named)
        case InquiryAddress(action=action):
            return seller.writes(incoming, situation, situation.named, None if action == "s" else action)


def _heard(situation: Situation, decision: Decision) -> Decision:
    """Unless a seller silenced the sender."""
    return kept_quiet(decision) if situation.silenced else decision


def _is_for_a_seller(incoming: Incoming) -> bool:
    """A notification of a gateway like this one, its marks lost or not: two that have each other's stores as sellers
    would tell each other for ever (A13)."""
    address = parse_local_part(incoming.author.rpartition("@")[0])
    return isinstance(address, InquiryAddress) and address.purpose == "s"


def _operator(why: str = "for the operator", *, automatic: bool = False) -> Decision:
    return Decision((PassToOperator(why, automatic),), "operator", why)


def _report(incoming: Incoming, situation: Situation) -> Decision:
    """Mail at b<id>-…@ is never answered; a permanent failure marks its entry (RFC 3464, N35)."""
    entry, bounce = situation.bounced, incoming.bounce
    if entry is None:
        return _operator("a report about a mail that is no more")
    if bounce is not None and (bounce.failed or (bounce.names_nobody and incoming.mail.machine is Machine.BOUNCE)):
        matched_by = "address" if isinstance(incoming.address, BounceAddress) else "message_id"
        # Of our recipient alone: another is none that we wrote to (a forwarder's, or a forger's). And a Message-ID is
        # known to all who were sent a copy: the sellers are told of that mail, but no address is given up for it.
        theirs = any(same_address(address, entry.to_address) for address in bounce.dead)
        dead = theirs and matched_by == "address"
        effect = Bounced(entry.id, bounce.diagnostic, dead)
        return Decision((effect,), "recorded", "bounced", matched_by, entry.inquiry_number)
    if incoming.mail.machine in REPORTS or incoming.mail.auto_submitted:
        return Decision((), "recorded", f"report: {incoming.mail.machine}", "address", entry.inquiry_number)
    return _operator("no report, at a return address")
