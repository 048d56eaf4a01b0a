"""What rules make of a mail, before anything is asked of the database."""

from datetime import timedelta

import pytest

from gateway.desk.ruling import LARGEST_INPUT, bounded, outcome_of
from gateway.rules.ruleset import Effects
from gateway.store.states import RuleOutcome


@pytest.mark.parametrize(
    ("effects", "outcome"),
    [
        (Effects(), RuleOutcome.HUMAN),
        (Effects(status="done"), RuleOutcome.HUMAN),
        (Effects(category="送料", tags=("急ぎ",), remind=timedelta(hours=4)), RuleOutcome.HUMAN),
        (Effects(auto_respond="handled"), RuleOutcome.ANSWERED),
        (Effects(auto_respond="handled", silent=True), RuleOutcome.ANSWERED),
        (Effects(file=True), RuleOutcome.FILED),
        (Effects(silent=True), RuleOutcome.FILED),
        (Effects(quarantine=True, silent=True), RuleOutcome.QUARANTINED),
    ],
)
def test_effects_come_to_one_outcome_and_a_bar_overrides_them_all(effects: Effects, outcome: RuleOutcome) -> None:
    assert outcome_of(effects, None) is outcome
    assert outcome_of(effects, "null sender") is RuleOutcome.BARRED


def test_A17_rules_look_at_64_kilobytes_of_a_text_at_most() -> None:
    assert bounded("あ" * 100) == "あ" * 100
    cut = bounded("あ" * LARGEST_INPUT)
    assert LARGEST_INPUT - 3 < len(cut.encode()) <= LARGEST_INPUT
    assert set(cut) == {"あ"}
    assert bounded("\udcff" * 100) == "\udcff" * 100
