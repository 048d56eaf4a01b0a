"""What an operator is told to set in DNS."""

import ipaddress
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import dns.rdatatype
import dns.zonefile
import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from gateway.config import ConfigError
from gateway.doctor.machine import own_addresses
from gateway.doctor.records import Record, records
from tests.doctor.conftest import Configure, private_key


def by_kind(found: list[Record]) -> dict[str, str]:
    return {f"{one.type} {one.name}": one.value for one in found}


def test_a_gateway_that_takes_its_mail_itself(configure: Configure) -> None:
    found = records(configure(), addresses=["192.0.2.5", "2001:db8::5"])
    assert by_kind(found) == {
        "MX q.example.jp": "10 q.example.jp.",
        "A q.example.jp": "192.0.2.5",
        "AAAA q.example.jp": "2001:db8::5",
        "TXT q.example.jp": "v=spf1 mx -all",
        "TXT _dmarc.q.example.jp": "v=DMARC1; p=none; rua=mailto:ops@example.jp",
    }


def test_a_gateway_behind_a_mail_server_that_signs_its_results(configure: Configure) -> None:
    config = configure('[trust]\nrelays = ["127.0.0.1/32"]\nauthserv_id = "mx.example.jp"')
    found = by_kind(records(config, addresses=["192.0.2.5"]))
    assert found["MX q.example.jp"] == "10 mx.example.jp."
    assert "A q.example.jp" not in found
    assert by_kind(records(config, mx="in.example.net"))["MX q.example.jp"] == "10 in.example.net."


@pytest.mark.parametrize(
    ("url", "mechanism"),
    [
        ("smtp://127.0.0.1:8026", "mx"),
        ("smtp://10.0.0.25:25", "mx"),
        ("smtp://localhost:25", "mx"),
        ("maildir:out", "mx"),
        ("smtps://smtp.example.net:465", "a:smtp.example.net"),
        ("smtps://203.0.114.9:465", "ip4:203.0.114.9"),
        ("smtps://[2606:4700::1]:465", "ip6:2606:4700::1"),
        ("smtp+starttls://u@smtp.gmail.com:587", "include:_spf.google.com"),
        ("smtp+starttls://u@email-smtp.ap-northeast-1.amazonaws.com:587", "include:amazonses.com"),
    ],
)
def test_who_sends_is_told_by_the_smarthost(configure: Configure, url: str, mechanism: str) -> None:
    config = configure(f'[smarthost]\nurl = "{url}"')
    assert by_kind(records(config))["TXT q.example.jp"] == f"v=spf1 {mechanism} -all"
    other = by_kind(records(config, senders="include:_spf.example.net"))
    assert other["TXT q.example.jp"] == "v=spf1 include:_spf.example.net -all"


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_signing_gateway_publishes_its_key_and_lets_nobody_else_send(
    configure: Configure, dkim: Callable[[str], str], kind: str
) -> None:
    found = by_kind(records(configure(dkim(kind))))
    value = found["TXT t1._domainkey.q.example.jp"]
    assert value.startswith(f"v=DKIM1; k={kind}; p=")
    octets = b64decode(value.partition("p=")[2], validate=True)
    if kind == "ed25519":
        assert len(octets) == 32  # RFC 8463 4: bare, without a structure around it
    else:
        assert load_der_public_key(octets)
    assert found["TXT _dmarc.q.example.jp"] == "v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:ops@example.jp"


def test_reports_stay_in_the_organisation(configure: Configure) -> None:
    config = configure(head='domain = "q.example.jp"\noperator = "ops@elsewhere.example"\n')
    assert by_kind(records(config))["TXT _dmarc.q.example.jp"] == "v=DMARC1; p=none"


def test_every_line_can_be_pasted_into_a_zone_file(configure: Configure, dkim: Callable[[str], str]) -> None:
    found = records(configure(dkim("rsa")), addresses=["192.0.2.5", "2001:db8::5"])
    sets = dns.zonefile.read_rrsets("\n".join(one.zone for one in found), rdclass=None)
    assert len(sets) == len(found)
    read = {one.name.to_text(omit_final_dot=True): one for one in sets if one.rdtype == dns.rdatatype.TXT}
    for record in (one for one in found if one.type == "TXT"):
        strings = read[record.name][0].strings
        assert b"".join(strings).decode() == record.value
        assert all(len(string) <= 255 for string in strings)
    assert '" "' in next(one.zone for one in found if "_domainkey" in one.name), "2048 bits need two strings"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no key", "is no private key"),
        (private_key("ec"), "is neither an RSA nor an Ed25519"),
        (None, "cannot be read"),
    ],
)
def test_a_key_that_signs_no_mail_is_named(
    configure: Configure, tmp_path: Path, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "dkim.pem").write_bytes(content)
    with pytest.raises(ConfigError, match=f"dkim.pem {message}"):
        records(configure('[dkim]\nselector = "t1"\nkey = "dkim.pem"'))


def test_each_of_two_keys_has_its_record(configure: Configure, dkim: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "second.pem").write_bytes(private_key("ed25519"))
    both = dkim("rsa") + '\nsecond_selector = "t2"\nsecond_key = "second.pem"'
    found = by_kind(records(configure(both)))
    assert found["TXT t1._domainkey.q.example.jp"].startswith("v=DKIM1; k=rsa; p=")
    assert found["TXT t2._domainkey.q.example.jp"].startswith("v=DKIM1; k=ed25519; p=")


def test_only_addresses_that_the_world_can_reach_are_told() -> None:
    assert all(ipaddress.ip_address(address).is_global for address in own_addresses())
