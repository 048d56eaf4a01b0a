"""What the rules say about one mail. Pure: the same rules and facts always make the same verdict.

Top to bottom every matching rule acts; one that answers or says `stop: true` is the last. Rules only look: their
effects are the desk's to carry out, within the limits that no rule can override (RFC 3834).
"""

from collections.abc import Sequence
from dataclasses import replace

from gateway.rules.conditions import Look
from gateway.rules.facts import Facts
from gateway.rules.ruleset import Effects, Match, Outcome, RuleSet, Verdict


def decide(rules: RuleSet, facts: Facts) -> Verdict:
    """The rules that match, and what they do together. Judges only rules that the patterns found leave possible."""
    look = Look(facts, rules.patterns)
    matches: list[Match] = []
    shadowed: list[Match] = []
    for position in _possible(rules, look):
        rule = rules.rules[position]
        finding = rule.condition.judge(look)
        if finding.holds:
            match = Match(rule, finding.words, finding.why)
            (shadowed if rule.then.shadow else matches).append(match)
            if rule.then.ends:
                break
    return Verdict(rules.version, tuple(matches), tuple(shadowed), together(matches))


def explain(rules: RuleSet, facts: Facts) -> list[Outcome]:
    """Every rule in order: whether it matched, and by which words or which condition not."""
    look = Look(facts, rules.patterns)
    outcomes = []
    last: str | None = None
    for rule in rules.rules:
        finding = rule.condition.judge(look)
        if last is not None and finding.holds:
            outcomes.append(Outcome(rule, None, f"would match, but {last} is the last rule that acts"))
            continue
        outcomes.append(Outcome(rule, finding.holds, finding.why, finding.words if finding.holds else ()))
        if finding.holds and rule.then.ends:
            last = rule.name
    return outcomes


def together(matches: Sequence[Match]) -> Effects:
    """The effects of matches in their order. Answering, filing and quarantining exclude each other: the last holds. Of
    reminders the soonest does: one for every mail is no reason to be late with this one."""
    effects = Effects()
    for match in matches:
        then = match.rule.then
        if then.auto_respond or then.file or then.quarantine:
            effects = replace(
                effects, auto_respond=then.auto_respond, file=bool(then.file), quarantine=bool(then.quarantine)
            )
        effects = replace(
            effects,
            status=then.status or effects.status,
            category=then.category or effects.category,
            kind=then.kind or effects.kind,
            tags=tuple(dict.fromkeys((*effects.tags, *(then.tags or ())))),
            silent=effects.silent if then.notify is None else then.silences,
            notify=tuple(dict.fromkeys((*effects.notify, *(then.notify or ())))),
            remind=min(filter(None, (then.remind, effects.remind)), default=None),
        )
    return effects


def _possible(rules: RuleSet, look: Look) -> list[int]:
    """The positions of the rules that can match, in order."""
    possible = set(rules.unguarded)
    for key, by_number in rules.guarded.items():
        for number in look.hits(key) & by_number.keys():
            possible.update(by_number[number])
    return sorted(possible)
