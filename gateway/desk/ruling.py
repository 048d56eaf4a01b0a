"""What the rules make of a customer's mail: the decision that the mail alone led to, changed as they say. Pure.

Rules only look (match.py); here their verdict meets what no rule can override (answerable.py). Whether a limit of
number is reached is found out when the decision is carried out.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.desk.answerable import bar
from gateway.desk.effects import CallBack, Decision, Effect, Notify, OpenInquiry, Publish, SetStatus
from gateway.desk.publicity import RULE
from gateway.desk.reminders import remind_at
from gateway.desk.rule_effects import FollowRules, Label, Remind
from gateway.desk.rule_facts import Standing
from gateway.desk.situation import Incoming, Situation
from gateway.rules.conditions import Look
from gateway.rules.facts import Facts
from gateway.rules.from_mail import HeaderLater, text_facts
from gateway.rules.match import decide
from gateway.rules.ruleset import Effects, Match, RuleSet, Verdict
from gateway.store.states import InquiryStatus, RuleOutcome
from gateway.store.tables import Customer, Inquiry

LARGEST_INPUT = 64 * 1024  # octets of text that rules look at (A17)


class RuleFailedError(Exception):
    """A rule could not be judged, against its promise; its name."""


@dataclass(frozen=True)
class Known:
    """What the database knows of a mail that rules look at: the inquiry that it joins, None when it opens one, and the
    facts before it."""

    joined: tuple[Inquiry, Customer] | None
    standing: Standing


def under_rules(
    rules: RuleSet, incoming: Incoming, situation: Situation, decision: Decision, known: Known, header: bytes
) -> Decision:
    """`decision` has a new text; `header` is the mail's header block. Raises RuleFailedError."""
    written = decision.new_text or ""
    text = bounded(written)
    verdict = verdict_of(rules, _facts(rules, incoming, situation, text, known, header))
    barred = _bar(incoming, situation, decision, known) or ("a very long text" if text != written else None)
    return _followed(rules, verdict, barred, situation, decision, known)


def verdict_of(rules: RuleSet, facts: Facts) -> Verdict:
    """Raises RuleFailedError, naming the rule, for a mistake of ours that somebody's words found."""
    try:
        return decide(rules, facts)
    except Exception as error:
        raise RuleFailedError(_culprit(rules, facts)) from error


def outcome_of(effects: Effects, barred: str | None) -> RuleOutcome:
    """What effects come to when only a bar is in their way."""
    if barred:
        return RuleOutcome.BARRED
    if effects.auto_respond:
        return RuleOutcome.ANSWERED
    if effects.quarantine:
        return RuleOutcome.QUARANTINED
    return RuleOutcome.FILED if effects.file or effects.silent else RuleOutcome.HUMAN


def bounded(text: str) -> str:
    """As much of a text as rules look at."""
    octets = text.encode("utf-8", "surrogatepass")
    return text if len(octets) <= LARGEST_INPUT else octets[:LARGEST_INPUT].decode("utf-8", "ignore")


def _facts(rules: RuleSet, incoming: Incoming, situation: Situation, text: str, known: Known, header: bytes) -> Facts:
    since = max(situation.now - incoming.received_at, timedelta())
    message = text_facts(text, incoming.mail, HeaderLater(header), rules.phrases, received=since)
    standing = known.standing
    return Facts(message, standing.inquiry, standing.customer, standing.store, standing.time)


def _culprit(rules: RuleSet, facts: Facts) -> str:
    for rule in rules.rules:
        try:
            rule.condition.judge(Look(facts, rules.patterns))
        except Exception:  # noqa: BLE001  whatever it is, it is the one that is looked for
            return rule.name
    return "none alone"


def _opened(decision: Decision) -> OpenInquiry | None:
    return next((effect for effect in decision.effects if isinstance(effect, OpenInquiry)), None)


def _bar(incoming: Incoming, situation: Situation, decision: Decision, known: Known) -> str | None:
    opened = _opened(decision)
    if situation.staff is not None or any(incoming.wrote(seller.address) for seller in situation.sellers):
        return "a seller or marketplace staff"
    if known.joined is not None:
        inquiry, customer = known.joined
        return bar(incoming, customer.address, inquiry.origin)
    if opened is None:
        raise AssertionError("a mail that joins nothing opens an inquiry")
    return bar(incoming, opened.customer_address, opened.origin)


def _followed(
    rules: RuleSet, verdict: Verdict, barred: str | None, situation: Situation, decision: Decision, known: Known
) -> Decision:
    """The decision with the state and the notification left to the rules."""
    effects, outcome = verdict.effects, outcome_of(verdict.effects, barred)
    otherwise = next((effect.status for effect in decision.effects if isinstance(effect, SetStatus)), None)
    status = otherwise if barred else _status(effects, otherwise, is_new=known.joined is None)
    closes = outcome is RuleOutcome.ANSWERED and status is InquiryStatus.DONE
    silent = outcome in (RuleOutcome.FILED, RuleOutcome.QUARANTINED) or (effects.silent and not barred)
    follow = FollowRules(
        version=verdict.version,
        prior_status=known.standing.inquiry.status,
        outcome=outcome,
        matches=tuple(match for match in verdict.matches if _acts(match, outcome)),
        shadowed=verdict.shadowed,
        decisive=_decisive(verdict),
        repeats=_repeats(verdict, known),
        bar=barred,
        reply=effects.auto_respond if outcome is RuleOutcome.ANSWERED else None,
        answer=_answer(rules, effects, outcome, situation, decision, known),
        status=status,
        otherwise=otherwise,
        notify=not silent and not closes,
        notice=not effects.silent and outcome is not RuleOutcome.QUARANTINED,
        also=effects.notify,
        raw=any(isinstance(effect, Notify) and effect.raw for effect in decision.effects),
    )
    kept = tuple(
        replace(effect, waits=RULE) if isinstance(effect, Publish) and outcome is RuleOutcome.QUARANTINED else effect
        for effect in decision.effects
        if not isinstance(effect, (SetStatus, CallBack, Notify))
    )
    return replace(decision, effects=(*kept, *_labels(effects), follow, *_reminder(effects, outcome, situation)))


def _status(effects: Effects, otherwise: InquiryStatus | None, *, is_new: bool) -> InquiryStatus | None:
    """未回答 unless a rule sets a state; where it files, the state stays. What is quarantined waits for nobody."""
    if effects.status:
        return InquiryStatus(effects.status)
    if effects.quarantine:
        return InquiryStatus.DONE if is_new else None
    return None if effects.file else otherwise


def _answer(
    rules: RuleSet,
    effects: Effects,
    outcome: RuleOutcome,
    situation: Situation,
    decision: Decision,
    known: Known,
) -> str | None:
    """The text in the customer's language, else in the store's."""
    if outcome is not RuleOutcome.ANSWERED or effects.auto_respond is None:
        return None
    opened = _opened(decision)
    customer = known.joined[1].language if known.joined else opened.language if opened else ""
    return rules.replies.text(effects.auto_respond, customer, situation.store.language if situation.store else "")


def _decisive(verdict: Verdict) -> Match | None:
    """The match that answered, filed or quarantined, or that kept the sellers from being told."""
    silencing = [match for match in verdict.matches if match.rule.then.silences] if verdict.effects.silent else []
    return verdict.decisive or (silencing[-1] if silencing else None)


def _repeats(verdict: Verdict, known: Known) -> str | None:
    decisive, repeated = _decisive(verdict), known.standing.inquiry.duplicate_of_handled
    words = decisive.words if decisive else ()
    return next((number for number in repeated if number in words), None) if isinstance(repeated, tuple) else None


def _acts(match: Match, outcome: RuleOutcome) -> bool:
    """Whether the rule does something where a bar forbids all but sorting, or where nobody waits for an answer."""
    then = match.rule.then
    sorts = bool(then.category or then.kind or then.tags or then.notify)
    if outcome is RuleOutcome.BARRED:
        return sorts or then.remind is not None
    only_reminds = then.remind is not None and not (sorts or then.quarantine or then.status or then.silences)
    return not (outcome is RuleOutcome.QUARANTINED and only_reminds)


def _labels(effects: Effects) -> tuple[Effect, ...]:
    if not (effects.category or effects.kind or effects.tags):
        return ()
    return (Label(effects.category, effects.kind, effects.tags),)


def _reminder(effects: Effects, outcome: RuleOutcome, situation: Situation) -> tuple[Effect, ...]:
    """After the state is set, which takes away what was to remind of before. Who is quarantined does not wait."""
    if effects.remind is None or situation.store is None or outcome is RuleOutcome.QUARANTINED:
        return ()
    return (Remind(remind_at(situation.store, situation.now, effects.remind)),)
