"""What a customer's mail does: which inquiry it joins, and why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.desk.decide import decide
from gateway.desk.effects import AddMessage, Decision, Notify, OpenInquiry, SetStatus
from gateway.desk.situation import Candidate
from gateway.mail.addresses import StoreAddress
from gateway.mail.values import Machine, Mailbox
from gateway.store.states import InquiryStatus, Origin
from gateway.store.tables import Order, Product, Staff
from tests.desk.builders import (
    CUSTOMER,
    NOW,
    TO_CUSTOMER_SIDE,
    TO_STORE,
    customer,
    done,
    incoming,
    inquiry,
    situation,
)


def opened(decision: Decision) -> OpenInquiry:
    (effect,) = [effect for effect in decision.effects if isinstance(effect, OpenInquiry)]
    return effect


def added(decision: Decision) -> AddMessage:
    (effect,) = [effect for effect in decision.effects if isinstance(effect, AddMessage)]
    return effect


def tells_sellers(decision: Decision) -> bool:
    return any(isinstance(effect, Notify) for effect in decision.effects)


def test_a_first_mail_opens_a_direct_inquiry_and_is_told_to_the_sellers() -> None:
    decision = decide(incoming(TO_STORE), situation(named=None))
    assert decision.matched_by == "new"
    assert opened(decision).origin is Origin.DIRECT
    assert opened(decision).title == "テスト2"
    assert tells_sellers(decision)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        (StoreAddress("testshop", product_code="598405570"), Origin.PRODUCT_PAGE),
        (StoreAddress("testshop", order_number="a-20391"), Origin.MY_PAGE),
        (StoreAddress("testshop", staff=True), Origin.DIRECT),  # nobody registered wrote it
    ],
)
def test_the_intake_address_tells_the_origin(address: StoreAddress, origin: Origin) -> None:
    assert opened(decide(incoming(address), situation(named=None))).origin is origin


def test_registered_authenticated_staff_open_a_marketplace_inquiry() -> None:
    staff = Staff(id=1, address=CUSTOMER, created_at=NOW)
    address = StoreAddress("testshop", staff=True)
    assert opened(decide(incoming(address), situation(named=None, staff=staff))).origin is Origin.MARKETPLACE
    forged = decide(incoming(address, authenticated=False), situation(named=None, staff=staff))
    assert opened(forged).origin is Origin.DIRECT


def test_an_order_named_in_the_body_is_recognised_and_brings_its_product() -> None:
    order = Order(store_id=1, number="B-7788", product_code="598405570")
    decision = decide(incoming(TO_STORE, text="注文番号は B-7788 です。"), situation(named=None, order=order))
    assert (opened(decision).order_number, opened(decision).product_code) == ("B-7788", "598405570")


def test_a_product_is_named_as_the_shop_writes_it_though_addresses_have_no_case() -> None:
    product = Product(code="AB-12", name="テスト商品")
    address = StoreAddress("testshop", product_code="ab-12")
    assert opened(decide(incoming(address), situation(named=None, product=product))).product_code == "AB-12"


def test_the_signed_address_joins_and_makes_the_inquiry_unanswered_again() -> None:
    decision = decide(incoming(TO_CUSTOMER_SIDE, authenticated=False), situation(named=Candidate(done(), customer())))
    assert (decision.matched_by, decision.inquiry) == ("address", 1042)
    assert SetStatus(InquiryStatus.UNANSWERED, "customer", "the customer wrote") in decision.effects


def test_the_same_address_in_other_letters_is_the_same_customer() -> None:
    decision = decide(incoming(TO_CUSTOMER_SIDE, sender="Hanako@Customer.Example"), situation())
    assert added(decision).remark is None


def test_A11_another_address_on_a_valid_token_joins_nothing_silently_and_the_seller_is_warned() -> None:
    decision = decide(incoming(TO_CUSTOMER_SIDE, sender="other@elsewhere.example"), situation())
    assert added(decision).remark == "other_address"


def test_an_address_of_an_inquiry_closed_long_ago_opens_a_linked_one() -> None:
    old = done()
    old.closed_at = NOW - timedelta(days=91)
    decision = decide(incoming(TO_CUSTOMER_SIDE), situation(named=Candidate(old, customer())))
    assert opened(decision).follows == 1042


def test_A07_a_known_message_id_of_ours_joins_only_for_the_same_customer() -> None:
    known = situation(named=None, answered=Candidate(inquiry(), customer()), answered_ours=True)
    assert decide(incoming(TO_STORE, authenticated=False), known).matched_by == "message_id"
    assert decide(incoming(TO_STORE, sender="other@elsewhere.example"), known).matched_by == "new"


def test_a_customers_own_message_id_needs_an_authenticated_sender() -> None:
    known = situation(named=None, answered=Candidate(inquiry(), customer()), answered_ours=False)
    assert decide(incoming(TO_STORE), known).matched_by == "message_id"
    assert decide(incoming(TO_STORE, authenticated=False), known).matched_by == "new"


ORDER = StoreAddress("testshop", order_number="a-1")
PRODUCT = StoreAddress("testshop", product_code="p1")


@pytest.mark.parametrize(
    ("address", "earlier", "fields", "matched"),
    [
        (ORDER, {"origin": Origin.MY_PAGE, "order_number": "a-1"}, {}, "facts"),
        (ORDER, {"origin": Origin.MY_PAGE, "order_number": "a-1"}, {"authenticated": False}, "new"),
        (ORDER, {"origin": Origin.MY_PAGE, "order_number": "a-2"}, {}, "new"),
        (ORDER, {"origin": Origin.DIRECT, "order_number": "a-1"}, {}, "new"),
        (ORDER, {"origin": Origin.MY_PAGE, "order_number": "a-1", "created_at": NOW - timedelta(days=31)}, {}, "new"),
        (PRODUCT, {"origin": Origin.PRODUCT_PAGE, "product_code": "p1"}, {"subject": "Re: テスト2"}, "facts"),
        (PRODUCT, {"origin": Origin.PRODUCT_PAGE, "product_code": "p1"}, {"subject": "テスト2"}, "new"),
        (PRODUCT, {"origin": Origin.PRODUCT_PAGE, "product_code": "p1"}, {"subject": "Re: 別の件"}, "new"),
        (PRODUCT, {"origin": Origin.DIRECT, "product_code": "p1"}, {"subject": "Re: テスト2"}, "new"),
        (StoreAddress("testshop"), {"title": "テスト2"}, {"subject": "Re: テスト2"}, "new"),  # a subject joins nothing
    ],
)
def test_shop_facts_join_only_the_same_matter(
    address: StoreAddress, earlier: dict[str, object], fields: dict[str, object], matched: str
) -> None:
    decision = decide(incoming(address, **fields), situation(named=None, recent=(inquiry(**earlier),)))
    assert decision.matched_by == matched


def test_a_machines_answer_to_a_mail_that_was_not_ours_is_shown() -> None:
    known = situation(named=None, answered=Candidate(inquiry(), customer()), answered_ours=False)
    machine = incoming(
        TO_STORE, machine=Machine.AUTO_REPLY, auto_submitted=True, in_reply_to=("<m0@customer.example>",)
    )
    assert decide(machine, known).result == "message"
    assert decide(machine, replace(known, answered_ours=True)).result == "recorded"


def test_a_machines_answer_to_our_mail_is_recorded_and_changes_nothing() -> None:
    decision = decide(incoming(TO_CUSTOMER_SIDE, machine=Machine.AUTO_REPLY, auto_submitted=True), situation())
    assert decision.result == "recorded"
    assert not tells_sellers(decision)
    assert not any(isinstance(effect, SetStatus) for effect in decision.effects)


def test_a_mail_marked_automatic_that_answers_nothing_of_ours_is_still_shown() -> None:
    decision = decide(incoming(TO_STORE, auto_submitted=True), situation(named=None))
    assert tells_sellers(decision)
    assert added(decision).remark == "automatic"


def test_N40_several_authors_are_nobody_but_their_mail_is_shown() -> None:
    two = (Mailbox("", CUSTOMER), Mailbox("", "x@y.example"))
    decision = decide(incoming(TO_STORE, from_=two), situation(named=None))
    assert opened(decision).customer_address == ""
    assert added(decision).remark == "several_authors"


def test_A21_a_display_name_that_is_an_address_is_not_shown() -> None:
    decision = decide(incoming(TO_STORE, from_=(Mailbox("ceo@bank.example", CUSTOMER),)), situation(named=None))
    assert opened(decision).customer_name == ""


def test_a_mail_of_our_own_that_comes_back_is_recorded_and_does_nothing() -> None:
    decision = decide(incoming(TO_STORE), replace(situation(named=None), own_mail=True))
    assert (decision.effects, decision.result) == ((), "recorded")


def test_a_mail_to_a_store_that_was_removed_meanwhile_goes_to_the_operator() -> None:
    assert decide(incoming(TO_STORE), situation(named=None, store=None)).result == "operator"


def test_a_mail_that_looks_like_one_quotation_is_shown_whole() -> None:
    decision = decide(incoming(TO_STORE, text="> 引用だけのメールです"), situation(named=None))
    assert "引用だけのメールです" in added(decision).text
