"""What becomes of a mail whose sender a seller silenced (#迷惑): it is kept, and told to nobody. Pure."""

from gateway.desk.effects import AddMessage, Decision, Effect, OpenInquiry, Record, SetStatus
from gateway.desk.silencing import KEPT_QUIET
from gateway.store.states import InquiryStatus


def kept_quiet(decision: Decision) -> Decision:
    """The same mail, with nothing of it but its entry. No rule looks at it, no state changes, nothing is public; an
    inquiry that it opens is done."""
    kept: list[Effect] = [e for e in decision.effects if isinstance(e, OpenInquiry | AddMessage | Record)]
    why = "its sender was silenced"
    if any(isinstance(effect, OpenInquiry) for effect in kept):
        kept.append(SetStatus(InquiryStatus.DONE, "gateway", why))
    kept.append(Record(KEPT_QUIET, "gateway", why))
    return Decision(tuple(kept), "recorded", why, decision.matched_by, decision.inquiry)
