"""`rules explain`: what the rules make of one mail, by which words, and whether anything automatic may come of it."""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import USAGE, CommandError, reading
from gateway.cli.days import number_of
from gateway.cli.output import Json, print_fields, print_json, print_table, print_text
from gateway.cli.rules_folder import Folder, configured, folder, rules_in
from gateway.desk.answerable import bar
from gateway.desk.customer import divided
from gateway.desk.load import TO_CUSTOMER, known_texts
from gateway.desk.rule_facts import Standing, standing
from gateway.desk.situation import Incoming
from gateway.durations import format_duration, parse_duration
from gateway.mail.addresses import Address, DeskAddress, InquiryAddress, StoreAddress, parse_local_part
from gateway.mail.authentication import Knowledge
from gateway.mail.parse import parse
from gateway.mail.values import Mail
from gateway.rules.facts import CustomerFacts, Facts, InquiryFacts, StoreFacts, TimeFacts
from gateway.rules.from_mail import header_block, header_of, received_ago, text_facts
from gateway.rules.match import decide
from gateway.rules.match import explain as explain_rules
from gateway.rules.ruleset import Effects, Match, Outcome, RuleSet
from gateway.store import inquiries
from gateway.store.states import Origin
from gateway.store.tables import Store

Status = Literal["new", "unanswered", "in_progress", "done"]
Given = Annotated[
    int | None,
    typer.Option(parser=number_of, metavar="Q-NUMBER", help="As a mail in this inquiry, whose facts are looked up."),
]
TOLD_BY_INQUIRY = ("status", "origin", "product", "order", "since_reply", "asked", "country", "store")


@dataclass(frozen=True)
class Known:
    """What stands beside the mail: the facts, the address that an answer would go to, and our texts it may quote.
    `customer` is None where it is the author's."""

    facts: Standing
    customer: str | None = None
    sent: tuple[str, ...] = ()


def explain(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.eml", help="A customer's mail.")],
    given: Folder = None,
    inquiry: Given = None,
    status: Annotated[Status | None, typer.Option(help="The inquiry's state before this mail [default: new].")] = None,
    origin: Annotated[Origin | None, typer.Option(help="How the inquiry came in [default: direct].")] = None,
    product: Annotated[str | None, typer.Option(help="Its product code.")] = None,
    order: Annotated[str | None, typer.Option(help="Its order number.")] = None,
    since_reply: Annotated[str | None, typer.Option(metavar="TIME", help="Since the last answer: 3d, 4h.")] = None,
    asked: Annotated[
        bool | None, typer.Option("--asked", help="Our last answer asks something of the customer.")
    ] = None,
    country: Annotated[str | None, typer.Option(help="The customer's country code.")] = None,
    returning: Annotated[bool, typer.Option("--returning", help="The customer wrote to the store before.")] = False,
    store: Annotated[str | None, typer.Option(help="The store's name.")] = None,
    json: Json = False,
) -> None:
    """What the rules make of a mail: each rule, and by which words or which condition. Nothing is sent."""
    rules = rules_in(folder(context, given))
    raw = _read(file)
    config = None if given is not None and inquiry is None else configured(context)
    believed = config.trust.authserv_id or None if config else None
    mail = parse(raw, Knowledge(believed, trusted_relay=believed is not None))
    if believed is None:
        mail = replace(mail, authenticated=True)  # nobody is there to tell; it is said below
    incoming = _incoming(mail, raw)
    if inquiry is not None:
        clash = next((name for name in TOLD_BY_INQUIRY if context.params[name] is not None), None)
        if clash or returning:
            raise CommandError(f"--inquiry tells --{(clash or 'returning').replace('_', '-')} already", USAGE)
        known = reading(context, lambda session: _of_inquiry(session, inquiry, incoming.author))
    else:
        supposed = InquiryFacts(
            status=status or "new",
            origin=str(origin or Origin.DIRECT),
            product_code=product,
            order_number=order,
            since_reply=_duration(since_reply) if since_reply else None,
            answered=status in ("in_progress", "done"),
            asked=asked or False,
        )
        is_first = supposed.is_new and not returning
        customer = CustomerFacts(
            domain=incoming.author.rpartition("@")[2].lower(), country=country, first_time=is_first
        )
        known = Known(Standing(supposed, customer, StoreFacts(name=store or ""), TimeFacts()))
    incoming = replace(incoming, sent=known.sent)
    barred = bar(incoming, known.customer or incoming.author, Origin(known.facts.inquiry.origin))
    header = header_of(header_block(raw))
    ago = received_ago(mail, datetime.now(UTC))
    message = text_facts(divided(incoming).text, mail, header, rules.phrases, received=ago)
    facts = Facts(message, known.facts.inquiry, known.facts.customer, known.facts.store, known.facts.time)
    if json:
        print_json(_as_json(rules, facts, mail, barred))
    else:
        _print(rules, facts, barred, is_believed=believed is not None)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", USAGE) from None


def _incoming(mail: Mail, raw: bytes) -> Incoming:
    """The mail with the envelope that it most likely had: its Return-Path, else its author; the first address of ours
    that it is addressed to."""
    noted = header_of(header_block(raw)).get("return-path")
    sender = noted.partition("\n")[0].strip(" <>") if noted is not None else mail.from_[0].address if mail.from_ else ""
    recipient, address = next(
        ((box.address, meant) for box in (*mail.to, *mail.cc) if (meant := _ours(box.address)) is not None),
        ("", DeskAddress()),
    )
    return Incoming("", datetime.now(UTC), sender, recipient, address, mail)


def _ours(address: str) -> Address | None:
    meant = parse_local_part(address.rpartition("@")[0])
    return meant if isinstance(meant, StoreAddress | InquiryAddress) else None


async def _of_inquiry(session: AsyncSession, number: int, author: str) -> Known:
    found = await inquiries.shown(session, number)
    if found is None:
        raise CommandError(f"there is no inquiry Q-{number}")
    inquiry, customer = found
    store = await session.get_one(Store, inquiry.store_id)
    facts = await standing(session, store=store, inquiry=inquiry, author=author, at=datetime.now(UTC))
    return Known(facts, customer.address, await known_texts(session, number, TO_CUSTOMER))


def _duration(written: str) -> timedelta:
    try:
        return parse_duration(written)
    except ValueError as error:
        raise CommandError(f"--since-reply {error}", USAGE) from None


def _as_json(rules: RuleSet, facts: Facts, mail: Mail, barred: str | None) -> dict[str, Any]:
    verdict = decide(rules, facts)
    return {
        "version": verdict.version,
        "machine": mail.machine.value if mail.machine else None,
        "barred": barred,
        "text": facts.message.text,
        "facts": {
            "inquiry": _values(asdict(facts.inquiry)),
            "customer": asdict(facts.customer),
            "store": asdict(facts.store),
            "time": asdict(facts.time),
        },
        "rules": [_outcome(outcome) for outcome in explain_rules(rules, facts)],
        "effects": _effects(verdict.effects),
        "shadowed": [_match(match) for match in verdict.shadowed],
    }


def _print(rules: RuleSet, facts: Facts, barred: str | None, *, is_believed: bool) -> None:
    known = {f"inquiry.{name}": value for name, value in _values(asdict(facts.inquiry)).items() if value is not None}
    print_fields([("text", " ".join(facts.message.text.split())), *known.items()])
    print_table(
        ("rule", "where", "matched", "why"),
        [
            (o.rule.name, f"{o.rule.file}:{o.rule.line}", _matched(o.matched), o.why)
            for o in explain_rules(rules, facts)
        ],
    )
    if barred:
        print_text(f"No rule may answer, close, file or silence this mail, whatever is said above: {barred}.")
    if not is_believed:
        print_text("Whether its author is authenticated was not looked at: [trust].authserv_id is not known here.")
    print_fields(list(_effects(decide(rules, facts).effects).items()) or [("effect", "none: a human sees it")])


def _outcome(outcome: Outcome) -> dict[str, Any]:
    rule = outcome.rule
    return {
        "name": rule.name,
        "file": rule.file,
        "line": rule.line,
        "matched": bool(outcome.matched),
        "words": list(outcome.words),
        "why": outcome.why,
    }


def _match(match: Match) -> dict[str, Any]:
    return {"name": match.rule.name, "words": list(match.words), "why": match.why}


def _effects(effects: Effects) -> dict[str, Any]:
    """What is done; what is left alone is left out."""
    return _values({name: value for name, value in asdict(effects).items() if value})


def _values(values: dict[str, Any]) -> dict[str, Any]:
    """Lengths of time as rules write them."""
    return {name: _length(value) if isinstance(value, timedelta) else value for name, value in values.items()}


def _length(value: timedelta) -> str:
    return format_duration(timedelta(seconds=int(value.total_seconds())))


def _matched(matched: bool | None) -> str:
    return {True: "yes", False: "no", None: "too late"}[matched]
