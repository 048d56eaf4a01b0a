"""What each address of ours means, that nobody can guess one, and which addresses of other people are safe."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.addresses import (
    ACTIONS,
    BounceAddress,
    DeskAddress,
    InquiryAddress,
    OperatorAddress,
    PracticeAddress,
    StoreAddress,
    address_problem,
    normalise_address,
    parse_local_part,
    same_address,
    store_name_problem,
)
from gateway.mail.keyring import Key, Keyring, fingerprint

THEN = datetime(2026, 11, 1, tzinfo=UTC)
OLD = Key("2026-11", b"o" * 32, THEN)
NEW = Key("2026-12", b"n" * 32, THEN + timedelta(days=30))


def inquiry(local: str) -> InquiryAddress:
    address = parse_local_part(local)
    assert isinstance(address, InquiryAddress)
    return address


@pytest.mark.parametrize(
    ("local", "meaning"),
    [
        ("testshop", StoreAddress("testshop")),
        ("TestShop", StoreAddress("testshop")),
        ("testshop+p598405570", StoreAddress("testshop", product_code="598405570")),
        ("testshop+o1234-5", StoreAddress("testshop", order_number="1234-5")),
        ("testshop+O1234", StoreAddress("testshop", order_number="1234")),
        ("testshop+staff", StoreAddress("testshop", staff=True)),
        ("desk", DeskAddress()),
        ("PostMaster", OperatorAddress("postmaster")),
        ("abuse", OperatorAddress("abuse")),
        ("q1042-s-" + "a" * 24, InquiryAddress(1042, "s", "a" * 24)),
        ("Q1042-Progress-" + "A" * 24, InquiryAddress(1042, "progress", "a" * 24)),
        ("q1042-Reopen57-" + "a" * 24, InquiryAddress(1042, "reopen57", "a" * 24)),
        ("b0123456789abcdefgh-" + "2" * 24, BounceAddress("0123456789abcdefgh", "2" * 24)),
        ("T12-Done-" + "a" * 24, PracticeAddress(12, "done", "a" * 24)),
    ],
)
def test_n16_a_local_part_means_the_same_in_any_case(local: str, meaning: object) -> None:
    assert parse_local_part(local) == meaning


@pytest.mark.parametrize(
    "local",
    [
        "",
        "+",
        "+p1",
        "testshop+",
        "testshop+p",
        "testshop+o",
        "testshop+news",
        "testshop+staff+p1",
        "testshop+p1+p2",
        "-shop",
        "shop-",
        "shop.name",
        "shop name",
        "shop\n",
        "ショップ",
        "q1042",
        "q1042-s",
        "q0-s-" + "a" * 24,
        "q1042-s-" + "a" * 23,
        "q1042-s-" + "1" * 24,
        "q1042-x-" + "a" * 24,
        "q1042-s-" + "a" * 24 + "+p1",
        "q" + "9" * 10 + "-s-" + "a" * 24,
        "b0123456789abcdefgh-x",
        "desk+p1",
        "a" * 65,
        "shop+p" + "1" * 60,
    ],
)
def test_n43_what_is_no_form_of_ours_is_no_address(local: str) -> None:
    assert parse_local_part(local) is None


@pytest.mark.parametrize("name", ["desk", "postmaster", "q1042", "q1-s-x", "b0123456789abcdefgh-x", "A", "", "x" * 41])
def test_a_store_cannot_take_a_name_that_means_something_else(name: str) -> None:
    assert store_name_problem(name) is not None


@pytest.mark.parametrize("name", ["a", "qoo", "boutique", "best-shop", "4u", "b2b", "q-tech", "x" * 40])
def test_an_ordinary_store_name_is_welcome(name: str) -> None:
    assert store_name_problem(name) is None


@given(st.text(alphabet="abq0-+z", max_size=20))
def test_a_store_name_is_exactly_what_parses_as_a_store(name: str) -> None:
    assert (parse_local_part(name) == StoreAddress(name)) == (store_name_problem(name) is None)


def test_a_signed_address_is_what_it_says_and_fits() -> None:
    ring = Keyring([NEW])
    for purpose in ("c", "s", "reopen9999999999", *(action for action in ACTIONS if action != "send")):
        local = ring.inquiry_address(10**9 - 1, "nonce", purpose)
        assert len(local) <= 64
        assert local == local.lower()
        assert ring.verifies(inquiry(local.upper()), "nonce")


def test_a08_a_signature_is_for_one_inquiry_one_purpose_and_one_nonce() -> None:
    ring = Keyring([NEW])
    signature = ring.inquiry_address(1042, "nonce", "s").rpartition("-")[2]
    for number, purpose, nonce in product((1042, 104), ("s", "c", "hide"), ("nonce", "other")):
        truth = (number, purpose, nonce) == (1042, "s", "nonce")
        assert ring.verifies(InquiryAddress(number, purpose, signature), nonce) is truth


def test_a_reopen_address_names_its_entry_and_no_other() -> None:
    ring = Keyring([NEW])
    local = ring.inquiry_address(7, "nonce", "reopen57")
    assert (inquiry(local).action, inquiry(local).entry) == ("reopen", 57)
    plain = inquiry(ring.inquiry_address(7, "nonce", "reopen"))
    assert (plain.action, plain.entry) == ("reopen", None)
    assert not ring.verifies(inquiry(local.replace("reopen57", "reopen58")), "nonce")
    for purpose in ("done57", "reopen0", "reopen057", "reopen57x"):
        assert parse_local_part(local.replace("reopen57", purpose)) is None
        with pytest.raises(ValueError, match=purpose):
            ring.inquiry_address(7, "nonce", purpose)


def test_a08_no_single_changed_letter_verifies() -> None:
    ring = Keyring([NEW])
    local = ring.inquiry_address(7, "nonce", "s")
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    start = len(local) - 24
    for position in range(start, len(local)):
        for letter in letters:
            changed = local[:position] + letter + local[position + 1 :]
            assert ring.verifies(inquiry(changed), "nonce") is (changed == local)


def test_a09_the_send_address_belongs_to_one_draft() -> None:
    ring = Keyring([NEW])
    address = inquiry(ring.draft_address(7, "inquiry", "draft"))
    assert ring.verifies_draft(address, "inquiry", "draft")
    assert not ring.verifies_draft(address, "inquiry", "another")
    assert not ring.verifies(address, "inquiry")
    with pytest.raises(ValueError, match="send"):
        ring.inquiry_address(7, "inquiry", "send")


def test_a_bounce_address_belongs_to_one_outbox_entry() -> None:
    ring = Keyring([NEW])
    address = parse_local_part(ring.bounce_address("0123456789abcdefgh"))
    assert isinstance(address, BounceAddress)
    assert ring.verifies_bounce(address)
    assert not ring.verifies_bounce(BounceAddress("0123456789abcdefgj", address.signature))


def test_a_practice_address_belongs_to_one_seller_and_purpose() -> None:
    ring = Keyring([NEW])
    local = ring.practice_address(12, "saito@shop.example", "s")
    address = parse_local_part(local)
    assert isinstance(address, PracticeAddress)
    assert ring.verifies_practice(address, "saito@shop.example")
    assert not ring.verifies_practice(address, "suzuki@shop.example")
    old = parse_local_part(ring.practice_address(12, "saito@例え.jp", "s"))  # as it was registered once
    assert isinstance(old, PracticeAddress)
    assert ring.verifies_practice(old, "saito@xn--r8jz45g.jp")
    assert not ring.verifies_practice(PracticeAddress(12, "done", address.signature), "saito@shop.example")
    assert not ring.verifies_practice(PracticeAddress(13, "s", address.signature), "saito@shop.example")
    assert store_name_problem(local) is not None
    assert parse_local_part("t2-shop") == StoreAddress("t2-shop")


def test_keys_rotate_the_newest_signs_and_all_verify() -> None:
    before, after = Keyring([OLD]), Keyring([OLD, NEW])
    old = inquiry(before.inquiry_address(7, "n", "s"))
    new = inquiry(after.inquiry_address(7, "n", "s"))
    assert after.verifies(old, "n")
    assert after.verifies(new, "n")
    assert not before.verifies(new, "n")
    assert Keyring([NEW]).inquiry_address(7, "n", "s") == after.inquiry_address(7, "n", "s")


def test_keys_are_named_without_being_told() -> None:
    assert fingerprint(OLD) != fingerprint(NEW)
    assert len(fingerprint(OLD)) == 64
    assert OLD.secret.decode() not in repr(OLD)
    with pytest.raises(ValueError, match="shorter"):
        Key("weak", b"secret", THEN)
    with pytest.raises(ValueError, match="needs a key"):
        Keyring([])


@pytest.mark.parametrize(
    "address",
    [
        "yamada@example.jp",
        "a..b@docomo.ne.jp",
        "abc.@ezweb.ne.jp",
        ".abc@softbank.ne.jp",
        '"abc."@ezweb.ne.jp',
        "user+tag@sub.example.jp",
        "root@localhost",
        "用戸@例え.jp",
        "a@[192.0.2.1]",
        "a@[IPv6:2001:db8::1]",
        "a" * 200 + "@example.jp",
        "o'neil=x@example.jp",
        "under_score@my_host.example",
    ],
)
def test_a_real_address_is_fine_carriers_included(address: str) -> None:
    assert address_problem(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        "yamada",
        "@example.jp",
        "yamada@",
        "a b@example.jp",
        "a@exam ple.jp",
        "a@example.jp\r\nRCPT TO:<b@example.jp>",
        "a\r@example.jp",
        "a\0@example.jp",
        "a\x7f@example.jp",
        "a@b@example.jp",
        "a<b@example.jp",
        "<a@example.jp>",
        "a@example..jp",
        "a@-.",
        "a@.example.jp",
        "a,b@example.jp",
        "a\u202eb@example.jp",
        "a\u2028@example.jp",
        "a\u3000b@example.jp",
        '"a b"@example.jp',
        '"a"b"@example.jp',
        "a" * 320 + "@example.jp",
        "a@" + "b" * 256,
        "a@[127.0.0.1",
    ],
)
def test_a03_an_address_that_could_end_a_command_is_refused(address: str) -> None:
    assert address_problem(address) is not None


@given(st.text(max_size=60))
def test_a03_whatever_passes_has_no_line_end_space_or_bracket(text: str) -> None:
    if address_problem(text) is None:
        assert not any(character.isspace() or character in "\0<>" for character in text)
        assert address_problem(normalise_address(text)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("weiß@mail.example", "weiss@mail.example"),
        ("ſuzuki@shop.example", "suzuki@shop.example"),
        ("a@straße.example", "a@strasse.example"),
        ("a@βόλος.example", "a@βόλοσ.example"),
        ("ﬁn@shop.example", "fin@shop.example"),
        ("a@ｓｈｏｐ.example", "a@shop.example"),
    ],
)
def test_a06_letters_that_only_look_like_another_case_are_other_people(one: str, other: str) -> None:
    """So that one's answer never goes to the other, and nobody is a seller by his domain's look."""
    assert not same_address(one, other)
    assert normalise_address(one) != normalise_address(other)


def test_n21_addresses_are_compared_after_nfc_and_without_case() -> None:
    assert normalise_address("Yamada@EXAMPLE.JP") == "Yamada@example.jp"
    assert normalise_address("が@例え.jp") == "が@xn--r8jz45g.jp"
    assert normalise_address('"abc."@EZweb.ne.jp') == "abc.@ezweb.ne.jp"
    assert normalise_address('"a,b"@example.jp') == '"a,b"@example.jp'
    assert normalise_address("a@XN--R8JZ45G.jp.") == "a@xn--r8jz45g.jp"
    assert same_address("Yamada@Example.jp", "yamada@example.JP")
    assert same_address("yamada@例え.jp", "Yamada@xn--r8jz45g.JP")  # RFC 5890 2.3.2.1: one domain
    assert same_address("a@J\u030c.example", "a@ǰ.example")
    assert same_address("a@mail_1.例え.jp", "a@mail_1.xn--r8jz45g.jp")
    assert address_problem("a" * 60 + "@" + ".".join(["é"] * 31)) is None
    assert address_problem("a" * 220 + "@" + ".".join(["é"] * 31)) is not None  # no column has room for its ASCII form
    assert normalise_address("i@❤.example") == "i@❤.example"  # no name by IDNA 2008
    assert not same_address("yamada@example.jp", "yamada@example.com")
