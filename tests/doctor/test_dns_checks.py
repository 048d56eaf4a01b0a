"""What DNS says, against a name server that says what a test wants."""

from collections.abc import Callable

import pytest

from gateway.config import Config
from gateway.doctor import lookup
from gateway.doctor.dns_checks import examine
from gateway.doctor.finding import Finding, Result
from gateway.doctor.lookup import Lookup
from gateway.doctor.records import records
from tests.dns_server import DnsServer, dns_server
from tests.doctor.conftest import Configure

OPERATOR = "example.jp. IN MX 10 mail.example.jp."
ADDRESS = "192.0.2.5"


async def found(config: Config, server: DnsServer) -> dict[str, Finding]:
    return {one.check: one for one in await examine(config, Lookup([server.address]))}


def as_told(config: Config) -> list[str]:
    """The lines that `toiawase dns` prints, and the operator's own."""
    return [*(one.zone for one in records(config, addresses=[ADDRESS])), OPERATOR]


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
async def test_what_dns_prints_is_what_doctor_wants(
    configure: Configure, dkim: Callable[[str], str], kind: str
) -> None:
    config = configure(dkim(kind))
    async with dns_server(*as_told(config)) as server:
        answers = await found(config, server)
    assert {check: one.result for check, one in answers.items()} == dict.fromkeys(
        ("mx", "spf", "dkim", "dmarc", "operator"), Result.OK
    ), answers


async def test_an_empty_zone_is_one_remedy_for_each_record(configure: Configure, dkim: Callable[[str], str]) -> None:
    config = configure(dkim("ed25519"))
    async with dns_server() as server:
        answers = await found(config, server)
    assert {one.result for one in answers.values()} == {Result.WRONG}
    assert all("toiawase dns" in answers[check].remedy for check in ("mx", "spf", "dkim", "dmarc"))


@pytest.mark.parametrize(
    ("check", "said", "result", "words"),
    [
        ("mx", "q.example.jp. IN MX 0 .", Result.WRONG, "takes no mail"),
        ("mx", "q.example.jp. IN MX 10 gone.example.jp.", Result.WRONG, "gone.example.jp has no address"),
        (
            "mx",
            "q.example.jp. IN MX 10 a.example.jp.\na.example.jp. IN CNAME b.example.jp.\nb.example.jp. IN A 192.0.2.1",
            Result.WRONG,
            "a.example.jp is an alias",
        ),
        (
            "mx",
            "q.example.jp. IN MX 20 b.example.jp.\nq.example.jp. IN MX 10 a.example.jp.\n"
            "a.example.jp. IN A 192.0.2.1\nb.example.jp. IN AAAA 2001:db8::1",
            Result.OK,
            "a.example.jp, b.example.jp",
        ),
        ("spf", 'q.example.jp. IN TXT "v=spf10 -all"', Result.WRONG, "no SPF record"),
        ("spf", 'q.example.jp. IN TXT "v=spf1 mx +all"', Result.WRONG, "everybody"),
        ("spf", 'q.example.jp. IN TXT "v=spf1 ip4:192.0.2.9 -all"', Result.NOTE, "ip4:192.0.2.9"),
        ("spf", 'q.example.jp. IN TXT "other=1"\nq.example.jp. IN TXT "V=SPF1 " "MX -all"', Result.OK, "MX -all"),
        (
            "spf",
            'q.example.jp. IN TXT "v=spf1 mx -all"\nq.example.jp. IN TXT "v=spf1 -all"',
            Result.WRONG,
            "2 SPF records",
        ),
        ("dmarc", '_dmarc.q.example.jp. IN TXT "v=DMARC1; rua=mailto:x@example.jp"', Result.WRONG, "no policy"),
        ("dmarc", '_dmarc.q.example.jp. IN TXT "v=DMARC1; p=none"', Result.NOTE, "only watches"),
        (
            "dmarc",
            '_dmarc.q.example.jp. IN TXT "v=DMARC1;p=none"\n_dmarc.q.example.jp. IN TXT "v=DMARC1;p=reject"',
            Result.WRONG,
            "count as none",
        ),
        ("dkim", 't1._domainkey.q.example.jp. IN TXT "v=DKIM1; k=ed25519; p=AAAA"', Result.WRONG, "another key"),
        ("dkim", 't1._domainkey.q.example.jp. IN TXT "v=DKIM1; k=ed25519; p="', Result.WRONG, "another key"),
        ("operator", "example.jp. IN MX 0 .", Result.WRONG, "takes no mail"),
        ("operator", "example.jp. IN A 192.0.2.7", Result.OK, "takes mail"),
    ],
)
async def test_each_mistake_has_its_words_and_a_remedy(
    configure: Configure, dkim: Callable[[str], str], check: str, said: str, result: Result, words: str
) -> None:
    config = configure(dkim("ed25519"))
    async with dns_server(*said.split("\n")) as server:
        answer = (await found(config, server))[check]
    assert (answer.result, words in answer.text) == (result, True), answer
    assert bool(answer.remedy) is (result is not Result.OK)
    assert "\n" not in answer.text + answer.remedy


async def test_a_key_on_trial_is_believed_by_nobody(configure: Configure, dkim: Callable[[str], str]) -> None:
    config = configure(dkim("ed25519"))
    lines = [line.replace("v=DKIM1; ", "v=DKIM1; t=s:y; ") for line in as_told(config)]
    async with dns_server(*lines) as server:
        assert "t=y" in (await found(config, server))["dkim"].text


async def test_a_strict_policy_without_a_signature_is_noted(configure: Configure) -> None:
    config = configure()
    async with dns_server('_dmarc.q.example.jp. IN TXT "v=DMARC1; p=reject"') as server:
        answers = await found(config, server)
    assert (answers["dmarc"].result, "dkim" in answers) == (Result.NOTE, False)


async def test_no_answer_is_not_taken_for_no_record(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "LIFETIME", 0.3)
    config = configure()
    async with dns_server(*as_told(config)) as server:
        server.silent = {"_dmarc.q.example.jp"}
        server.failing = {"q.example.jp"}
        answers = await found(config, server)
    for check, question in (("dmarc", "TXT of _dmarc.q.example.jp"), ("mx", "MX of q.example.jp")):
        assert (answers[check].result, question in answers[check].text) == (Result.WRONG, True)
        assert "name servers" in answers[check].remedy
    assert answers["operator"].result is Result.OK
