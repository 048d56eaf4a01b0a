"""Mail of other projects' test suites: nothing raises, nothing hangs, and the score never falls."""

import json
import random
import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.mail import bounces
from gateway.mail.explain import explain
from gateway.mail.html import to_text
from gateway.mail.parse import parse
from gateway.mail.values import Machine, Mail
from tests import corpora

MUTATIONS = 3000
RIGHT_FIELDS = 310 / 347  # the rest: Zammad's own way with HTML and names, second text parts that others leave out
RIGHT_LABELS = 369 / 380
RIGHT_BOUNCES = 257 / 310

MACHINES: dict[str, Callable[[Mail], bool]] = {
    "human": lambda mail: mail.machine is None and not mail.auto_submitted,
    "auto": lambda mail: mail.machine == Machine.AUTO_REPLY,
    "list": lambda mail: mail.machine == Machine.LIST,
    "bounce": lambda mail: mail.machine in (Machine.BOUNCE, Machine.DELIVERY_REPORT),
    "feedback": lambda mail: mail.machine == Machine.FEEDBACK,
    "machine": lambda mail: mail.auto_submitted,
}


def squeezed(text: object) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text)))


def right_fields(case: dict[str, object], mail: Mail) -> dict[str, bool]:
    """For each expectation of the case, whether the mail meets it."""
    names = [file.name for file in mail.attachments]
    shown = squeezed(mail.text)
    body = "" if case.get("body") == "no visible content" else case.get("body")
    body = to_text(str(body)) if case.get("body_html") else body
    checks: dict[str, Callable[[], bool]] = {
        "subject": lambda: squeezed(case["subject"]) == squeezed(mail.subject),
        "from_addr": lambda: str(case["from_addr"]).lower() in [author.address.lower() for author in mail.from_],
        "from_name": lambda: squeezed(case["from_name"]) in [squeezed(author.name) for author in mail.from_],
        "body": lambda: squeezed(body) == shown,
        "subject_parts": lambda: all(part in mail.subject for part in listed(case["subject_parts"])),
        "body_parts": lambda: all(squeezed(part) in shown for part in listed(case["body_parts"])),
        "attachments": lambda: sorted(listed(case["attachments"])) == sorted(names),
        "attachments_named": lambda: set(listed(case["attachments_named"])) <= set(names),
        "attachments_some": lambda: set(listed(case["attachments_some"])) <= set(names),
    }
    return {key: check() for key, check in checks.items() if key in case}


def listed(value: object) -> list[str]:
    assert isinstance(value, list)
    return value


def test_every_mail_is_explained_without_raising() -> None:
    unreadable = {name for name, raw in corpora.mails() if any("unreadable" in d for d in parse(raw).defects)}
    assert unreadable == set()


def test_every_explanation_is_json() -> None:
    for _, raw in corpora.mails():
        json.dumps(explain(raw), ensure_ascii=False).encode()


def test_the_fields_of_foreign_mail_are_right() -> None:
    results = [ok for _, case, raw in corpora.cases("parsing") for ok in right_fields(case, parse(raw)).values()]
    assert sum(results) >= RIGHT_FIELDS * len(results)


@pytest.mark.parametrize("corpus", ["jpmobile", "redmine", "mikel-mail", "freescout"])
def test_every_field_of_the_corpora_with_japanese_mail_is_right(corpus: str) -> None:
    for name, case, raw in corpora.cases("parsing"):
        if name == corpus:
            mail = parse(raw)
            assert all(right_fields(case, mail).values()), case["id"]
            if "emoji" in case:
                assert "\ufffd" not in mail.subject + mail.text


def test_persons_and_machines_are_told_apart() -> None:
    results = [(case["label"], MACHINES[str(case["label"])](parse(raw))) for _, case, raw in corpora.cases("auto")]
    assert all(right for label, right in results if label == "human")
    assert sum(right for _, right in results) >= RIGHT_LABELS * len(results)


def test_the_failed_recipients_of_bounces_are_found() -> None:
    results = [
        {address.lower() for address in listed(case["recipients_main"])}
        <= {failure.address.lower() for failure in bounces.read(raw).recipients}
        for _, case, raw in corpora.cases("bounces")
        if case["kind"] == "bounce"
    ]
    assert sum(results) >= RIGHT_BOUNCES * len(results)


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """`raw` with a few octets changed, removed, repeated or moved."""
    octets = bytearray(raw)
    for _ in range(chance.randint(1, 20)):
        start = chance.randrange(len(octets) + 1)
        end = min(len(octets), start + chance.randint(1, 40))
        piece = bytes(octets[start:end])
        match chance.randrange(5):
            case 0:
                octets[start:end] = chance.randbytes(chance.randint(0, 8))
            case 1:
                del octets[start:end]
            case 2:
                octets[start:start] = piece * chance.randint(1, 50)
            case 3:
                octets[start:start] = chance.choice(
                    (b"\0", b"\r", b"\n\n", b"=?", b"?=", b"\x1b$B", b'"', b"<", b"(", b";")
                )
            case _:
                place = chance.randrange(len(octets) + 1)
                octets[place:place] = piece
    return bytes(octets)


@pytest.mark.parametrize("seed", range(4))
def test_t06_no_mutation_of_any_mail_raises(seed: int) -> None:
    chance = random.Random(seed)
    mails = [raw for _, raw in corpora.mails() if len(raw) < 20_000]
    for _ in range(MUTATIONS // 4):
        mail = parse(mutated(chance.choice(mails), chance), authserv_id="mx.example.jp", trusted_relay=True)
        assert not any(defect.startswith("unreadable") for defect in mail.defects)
        assert not mail.authenticated


@given(st.binary(max_size=2000))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_bytes_raise(raw: bytes) -> None:
    json.dumps(explain(raw), ensure_ascii=False).encode()
