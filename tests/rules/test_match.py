"""Deciding: which rules match, by which words, which act, and that hostile patterns and texts cost little."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from gateway.rules.facts import CustomerFacts, Facts, InquiryFacts, MessageFacts, StoreFacts, TimeFacts
from gateway.rules.fold import fold
from gateway.rules.match import decide, explain
from gateway.rules.patterns import PatternError, Patterns, _Filter
from tests.rules.phrasebook import Phrasebook, written

FACTS = Facts(
    message=MessageFacts(
        text="沖縄までのＳｈｉｐｐｉｎｇ送料はｲｸﾗですか？",
        subject="Re: 送料",
        language="ja",
        attachments=2,
        header={"x-mailer": "Becky! ver. 2"},
        received=timedelta(minutes=5),
        reading=Phrasebook().read("沖縄までの送料はいくらですか？"),
    ),
    inquiry=InquiryFacts(status="done", origin="my_page", order_number="0123", since_reply=timedelta(days=3)),
    customer=CustomerFacts(domain="docomo.ne.jp", open_inquiries=1),
    store=StoreFacts(name="testshop", open=False),
    time=TimeFacts(hour=23, weekday="sat"),
)


def when(folder: Path, condition: str, facts: Facts = FACTS) -> Any:
    """The outcome of one rule with this condition, in flow style."""
    rules = written(folder, f"rules:\n- {{ name: a, when: {{ {condition} }}, then: {{ stop: true }} }}\n")
    outcome = explain(rules, facts)[0]
    assert bool(decide(rules, facts).matches) == outcome.matched, "decide and explain agree"
    return outcome


@pytest.mark.parametrize(
    "condition",
    [
        "message.text: { contains: 送料 }",
        "message.text: { contains: [返品, shipping] }",  # width and case do not matter
        "message.text: { contains: イクラ }",
        "message.text: { contains: ですか? }",
        "message.text: { matches: '送料は.+ですか？' }",  # a full-width mark in a pattern is no operator
        "message.text: { matches: '^沖縄' }",
        "message.text: { matches: [返品, 'SHIPPING\\p{Han}+'] }",
        "message.text: { matches: 沖縄, contains: 送料 }",
        "message.subject: ｒｅ： 送料",
        "message.subject: [領収書, { matches: '送料$' }]",
        "message.header.X-Mailer: { contains: becky }",
        "message.header.X-MAILER: { matches: 'ver[.] [0-9]' }",
        "message.language: [ja, en]",
        "message.attachments: 2",
        "message.attachments: [1, 2]",
        "message.length: { min: 10, max: 30 }",
        "message.asks: true",
        "message.received: { within: 1h }",
        "inquiry.status: done",
        "inquiry.is_new: false",
        "inquiry.order_number: 0123",
        "inquiry.since_reply: { min: 2d, max: 5d }",
        "customer.open_inquiries: { min: 1 }",
        "store.open: false",
        "time.hour: [0, { min: 22 }]",
        "time.weekday: [sat, sun]",
        "not: { message.text: { contains: 返品 } }",
        "any: [{ inquiry.status: new }, { message.text: { contains: 送料 } }]",
        "all: [{ inquiry.status: done }, { not: { any: [{ time.hour: 1 }, { time.hour: 2 }] } }]",
    ],
)
def test_a_condition_holds(condition: str, tmp_path: Path) -> None:
    assert when(tmp_path, condition).matched, condition


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("message.text: { contains: 返品 }", "message.text contains no 返品"),
        ("message.text: { contains: [返品, 交換] }", "message.text contains no 返品 or 交換"),
        ("message.text: { matches: '^送料' }", "message.text matches no ^送料"),
        ("message.text: { matches: '(?-i)shipping' }", "message.text matches no (?-i)shipping"),
        ("message.subject: 送料", "message.subject is Re: 送料, not 送料"),
        ("message.header.List-Id: { contains: shop }", "message.header.List-Id contains no shop"),
        ("message.asks: false", "message.asks is true, not false"),
        ("message.only: thanks", "something is attached"),
        ("message.says: thanks", "message.says is not thanks: 沖縄までの送料はいくらですか？"),
        (
            "message.text: { contains: [甲, 乙, 丙, 丁, 戊, 己] }",
            "message.text contains no 甲, 乙, 丙, 丁 or 2 more",
        ),
        ("inquiry.status: [new, unanswered]", "inquiry.status is done, not new or unanswered"),
        ("inquiry.product_code: 598405570", "inquiry.product_code is nothing, not 598405570"),
        ("inquiry.age: { max: 30d }", "inquiry.age has no value"),
        ("inquiry.since_reply: { within: 2d }", "inquiry.since_reply is 3d, not at most 2d"),
        ("customer.open_inquiries: { min: 2 }", "customer.open_inquiries is 1, not at least 2"),
        ("not: { inquiry.status: done }", "not: inquiry.status is done"),
        (
            "any: [{ inquiry.status: new }, { time.hour: 1 }]",
            "none of these: inquiry.status is done, not new; time.hour is 23, not 1",
        ),
    ],
)
def test_a_condition_that_fails_says_which_and_why(condition: str, why: str, tmp_path: Path) -> None:
    outcome = when(tmp_path, condition)
    assert (outcome.matched, outcome.why) == (False, why)


@pytest.mark.parametrize("written", ["日本.example", "XN--wgv71a.example", "[a.example, 日本.example]"])
def test_a_domain_may_be_written_in_either_spelling(written: str, tmp_path: Path) -> None:
    facts = replace(FACTS, customer=CustomerFacts(domain="xn--wgv71a.example"))
    assert when(tmp_path, f"customer.domain: {written}", facts).matched


def test_the_deciding_words_are_told(tmp_path: Path) -> None:
    condition = "message.text: { matches: '送料|運賃', contains: 沖縄 }, message.asks: true, time.hour: 23"
    outcome = when(tmp_path, condition)
    assert outcome.words == ("送料", "沖縄", "沖縄までの送料はいくらですか？")
    assert outcome.why.endswith("message.asks is true; time.hour is 23")


def test_an_attachment_says_something_too(tmp_path: Path) -> None:
    message = MessageFacts(text="ありがとうございます", reading=Phrasebook().read("ありがとうございます"))
    assert when(tmp_path, "message.only: thanks", Facts(message=message)).words == ("ありがとうございます",)
    with_file = replace(message, attachments=1)
    assert not when(tmp_path, "message.only: thanks", Facts(message=with_file)).matched
    assert when(tmp_path, "message.says: thanks", Facts(message=with_file)).matched


def test_without_phrases_nothing_is_said(tmp_path: Path) -> None:
    assert not when(tmp_path, "message.says: thanks", Facts(message=MessageFacts(text="ありがとうございます"))).matched


FOUR = """rules:
- { name: 一, when: { message.text: { contains: 送料 } }, then: { category: 質問, tags: [a], notify: [x@q.example] } }
- { name: 二, when: { message.text: { contains: 返品 } }, then: { category: 返品 } }
- { name: 三, when: { inquiry.status: done }, then: { category: 送料, tags: [b, a], remind: 4h } }
- { name: 四, when: { message.asks: true }, then: { auto_respond: handled, status: done } }
- { name: 五, when: { message.asks: true }, then: { tags: [late] } }
"""


def test_every_matching_rule_acts_until_one_answers(tmp_path: Path) -> None:
    verdict = decide(written(tmp_path, FOUR), FACTS)
    assert [match.rule.name for match in verdict.matches] == ["一", "三", "四"]
    effects = verdict.effects
    assert (effects.category, effects.tags, effects.notify) == ("送料", ("a", "b"), ("x@q.example",))
    assert (effects.auto_respond, effects.status, effects.remind) == ("handled", "done", timedelta(hours=4))
    assert verdict.decisive is not None
    assert verdict.decisive.rule.name == "四"


def test_of_reminders_the_soonest_holds(tmp_path: Path) -> None:
    rules = FOUR.replace("tags: [a]", "remind: 12h").replace("auto_respond: handled,", "remind: 1h,")
    assert decide(written(tmp_path, rules), FACTS).effects.remind == timedelta(hours=1)
    rules = FOUR.replace("tags: [a]", "remind: 2h")
    assert decide(written(tmp_path, rules), FACTS).effects.remind == timedelta(hours=2)


def test_what_an_answer_kept_from_acting_is_told(tmp_path: Path) -> None:
    outcomes = explain(written(tmp_path, FOUR), FACTS)
    assert [(o.rule.name, o.matched) for o in outcomes[2:]] == [("三", True), ("四", True), ("五", None)]
    assert outcomes[4].why == "would match, but 四 is the last rule that acts"


def test_stop_is_the_last_rule(tmp_path: Path) -> None:
    rules = FOUR.replace("remind: 4h", "stop: true")
    verdict = decide(written(tmp_path, rules), FACTS)
    assert [match.rule.name for match in verdict.matches] == ["一", "三"]
    assert verdict.effects.auto_respond is None


def test_a_shadow_is_recorded_and_does_nothing(tmp_path: Path) -> None:
    rules = FOUR.replace("auto_respond: handled,", "auto_respond: handled, shadow: true,")
    verdict = decide(written(tmp_path, rules), FACTS)
    assert [match.rule.name for match in verdict.shadowed] == ["四"]
    assert [match.rule.name for match in verdict.matches] == ["一", "三", "五"]
    assert (verdict.effects.auto_respond, verdict.effects.status) == (None, None)


def test_filing_answering_and_setting_aside_exclude_each_other(tmp_path: Path) -> None:
    rules = FOUR.replace("remind: 4h", "file: true, notify: false")
    effects = decide(written(tmp_path, rules), FACTS).effects
    assert (effects.file, effects.auto_respond, effects.silent) == (False, "handled", True)


def test_the_verdict_names_the_version(tmp_path: Path) -> None:
    rules = written(tmp_path, FOUR)
    assert decide(rules, FACTS).version == rules.version != ""


def test_only_rules_whose_patterns_are_found_are_judged(tmp_path: Path) -> None:
    one = "- {{ name: r{0}, when: {{ message.text: {{ contains: 商品{0}番 }} }}, then: {{ tags: [t{0}] }} }}"
    rules = written(tmp_path, "rules:\n" + "\n".join(one.format(n) for n in range(300)))
    verdict = decide(rules, Facts(message=MessageFacts(text="商品１７番と商品230番")))
    assert [match.rule.name for match in verdict.matches] == ["r17", "r230"]
    assert rules.unguarded == frozenset()


HOSTILE = ["(a+)+$", "(a|aa)*b.{200}c", ".{0,160}x.{0,160}y", "(.*)(.*)(.*)(.*)z", "(?:a?){100}a{100}"]
TEXTS = [
    "a" * 60_000 + "!",
    "ab" * 30_000,
    "a" + "\u0301\u0323" * 30_000,
    "ﾞ\u0323" * 30_000,
    "\ud800" * 1000,
    "あ" * 100_000,
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_hostile_patterns_meet_hostile_texts_A17(text: str, tmp_path: Path) -> None:
    """Nothing but its end is asserted: what takes more than linear time would not end within the suite's limit."""
    lines = [
        f"- {{ name: r{n}, when: {{ message.text: {{ matches: '{p}' }} }}, then: {{ stop: true }} }}"
        for n, p in enumerate(HOSTILE)
    ]
    rules = written(tmp_path, "rules:\n" + "\n".join(lines))
    for _ in range(3):
        decide(rules, Facts(message=MessageFacts(text=text, subject=text)))


@given(
    st.lists(st.text("あか商品12aA()|.*?+[]", min_size=1, max_size=8), min_size=1, max_size=12),
    st.lists(st.text("あか商品12aAｶ１", max_size=12), min_size=1, max_size=5),
)
def test_what_is_found_together_is_what_each_pattern_finds(sources: list[str], texts: list[str]) -> None:
    patterns = Patterns()
    numbers = []
    for source in sources:
        with suppress(PatternError):
            numbers.append(patterns.add("message.text", source))
    patterns.compile()
    for text in map(fold, texts):
        found = {n for n in numbers if patterns._patterns["message.text"][n].search(text)}
        assert patterns.hits("message.text", text) == found


def test_an_automaton_without_memory_still_finds_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.rules.patterns._CANARY", b"")  # never reported: as if memory had run out
    patterns = Patterns()
    for number in range(30):
        patterns.add("message.text", f"(商品|注文){number}番.*(返品|交換)")
    patterns.compile()
    assert patterns.hits("message.text", "注文12番の交換と、商品29番の返品".encode()) == {12, 29}


def test_more_patterns_than_one_automaton_takes_are_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_many(filter_: Any, patterns: list[Any], first: int) -> None:
        if len(patterns) > 7:
            raise re2.error("failed to compile Filter")
        made(filter_, patterns, first)

    made = _Filter.__init__
    monkeypatch.setattr(_Filter, "__init__", refuse_many)
    patterns = Patterns()
    for number in range(30):
        patterns.add_words("message.text", f"商品{number}番")
    patterns.compile()
    assert len(patterns._filters["message.text"]) == 6
    assert patterns.hits("message.text", "商品１２番と商品29番".encode()) == {29}
    assert patterns.hits("message.text", fold("商品１２番と商品29番")) == {12, 29}
