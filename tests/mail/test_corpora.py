"""Mail of other projects' test suites and mutations of it: nothing raises. How well it is read, test_score.py says."""

import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.mail.authentication import Knowledge
from gateway.mail.explain import explain
from gateway.mail.parse import parse
from tests import corpora
from tests.score.robustness import mutated

MUTATIONS = 2000  # `python -m tests.score --mutations N` tries more


def test_every_mail_is_explained_without_raising_and_as_json() -> None:
    unreadable = []
    for name, raw in corpora.mails():
        json.dumps(explain(raw), ensure_ascii=False).encode()
        unreadable += [name for defect in parse(raw).defects if "unreadable" in defect]
    assert unreadable == []


@pytest.mark.parametrize("seed", range(4))
def test_t05_no_mutation_of_any_mail_raises(seed: int) -> None:
    chance = random.Random(seed)
    mails = [raw for _, raw in corpora.mails() if len(raw) < 20_000]
    for _ in range(MUTATIONS // 4):
        mail = parse(mutated(chance.choice(mails), chance), Knowledge("mx.example.jp", trusted_relay=True))
        assert not any(defect.startswith("unreadable") for defect in mail.defects)
        assert not mail.authenticated


@given(st.binary(max_size=2000))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_bytes_raise(raw: bytes) -> None:
    json.dumps(explain(raw), ensure_ascii=False).encode()
