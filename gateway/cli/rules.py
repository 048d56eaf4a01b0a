"""`rules`: are the admin's rules right, and what do they make of a mail?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from gateway.cli.context import USAGE, CommandError, configuration
from gateway.cli.output import Json, print_fields, print_json, print_table, print_text
from gateway.cli.rules_history import history
from gateway.cli.rules_problems import print_problems
from gateway.cli.rules_score import judged_by, print_report
from gateway.durations import format_duration, parse_duration
from gateway.mail.parse import parse
from gateway.rules.facts import CustomerFacts, Facts, InquiryFacts, StoreFacts
from gateway.rules.from_mail import domain_of, header_of, message_facts, received_ago
from gateway.rules.match import decide
from gateway.rules.match import explain as explain_rules
from gateway.rules.phrasebook import load_phrasebook
from gateway.rules.problems import Problem, RulesError
from gateway.rules.ready import read, ready
from gateway.rules.replies import load_replies
from gateway.rules.ruleset import Effects, Match, Outcome, RuleSet
from gateway.rules.schema import schema as json_schema
from gateway.rules.shipped import folder_in_force

app = typer.Typer(help="The rules that answer what needs no human.", no_args_is_help=True)
app.command()(history)

Rules = Annotated[
    Path | None,
    typer.Option("--rules", metavar="DIR", help="These rules, without a configuration; else those it names."),
]
Status = Literal["new", "unanswered", "in_progress", "done"]
Origin = Literal["product_page", "my_page", "direct", "marketplace"]


@app.command()
def check(context: typer.Context, folder: Rules = None, json: Json = False) -> None:
    """Check every file and run every rule's tests; every error is named."""
    where = _folder(context, folder)
    problems: tuple[Problem, ...] = ()
    try:
        rules = ready(where)
    except RulesError as error:
        problems = error.problems
    if json:
        print_json([asdict(problem) for problem in problems])
    elif problems:
        print_problems(problems, where)
    else:
        tests = sum(len(rule.trials) for rule in rules.rules)
        typer.echo(
            f"{where} is right: {_count(len(rules.rules), 'rule')}, {_count(tests, 'test')}, version {rules.version}"
        )
    if problems:
        raise typer.Exit(1)


@app.command()
def schema(context: typer.Context, folder: Rules = None) -> None:
    """Print the JSON Schema of a rules file, for editors; it names the phrase classes and texts that there are."""
    where = _folder(context, folder)
    with _usable(where):
        files = read(where)
    phrases, replies = load_phrasebook(files)[0], load_replies(files)[0]
    print_json(json_schema(sorted(phrases.classes), sorted(replies.texts)))


@app.command()
def explain(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.eml", help="A customer's mail.")],
    folder: Rules = None,
    status: Annotated[Status, typer.Option(help="The inquiry's state before this mail.")] = "new",
    origin: Annotated[Origin, typer.Option(help="How the inquiry came in.")] = "direct",
    product: Annotated[str | None, typer.Option(help="Its product code.")] = None,
    order: Annotated[str | None, typer.Option(help="Its order number.")] = None,
    since_reply: Annotated[str | None, typer.Option(metavar="TIME", help="Since the last answer: 3d, 4h.")] = None,
    country: Annotated[str | None, typer.Option(help="The customer's country code.")] = None,
    returning: Annotated[bool, typer.Option("--returning", help="The customer wrote to the store before.")] = False,
    store: Annotated[str, typer.Option(help="The store's name.")] = "",
    json: Json = False,
) -> None:
    """What the rules make of a mail: each rule, and by which words or which condition. Nothing is sent."""
    rules = _loaded_or_end(_folder(context, folder))
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", USAGE) from None
    try:
        last_reply = parse_duration(since_reply) if since_reply else None
    except ValueError as error:
        raise CommandError(f"--since-reply {error}", USAGE) from None
    mail = parse(raw)
    facts = Facts(
        message=message_facts(mail, header_of(raw), rules.phrases, received=received_ago(mail, datetime.now(UTC))),
        inquiry=InquiryFacts(
            status=status,
            origin=origin,
            product_code=product,
            order_number=order,
            since_reply=last_reply,
            answered=status in ("in_progress", "done"),
        ),
        customer=replace(CustomerFacts(), domain=domain_of(mail), country=country, first_time=not returning),
        store=StoreFacts(name=store),
    )
    verdict, outcomes = decide(rules, facts), explain_rules(rules, facts)
    if json:
        print_json(
            {
                "version": verdict.version,
                "machine": mail.machine.value if mail.machine else None,
                "text": facts.message.text,
                "rules": [_outcome(outcome) for outcome in outcomes],
                "effects": _effects(verdict.effects),
                "shadowed": [_match(match) for match in verdict.shadowed],
            }
        )
        return
    print_table(
        ("rule", "where", "matched", "why"),
        [(o.rule.name, f"{o.rule.file}:{o.rule.line}", _matched(o.matched), o.why) for o in outcomes],
    )
    if mail.machine or mail.auto_submitted:
        print_text("A machine's mail: no rule answers, closes, files or silences it, whatever is said above.")
    print_fields(list(_effects(verdict.effects).items()) or [("effect", "none: a human sees it")])


@app.command()
def score(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="Labelled messages, one JSON object a line.")],
    folder: Rules = None,
    json: Json = False,
) -> None:
    """How the rules judge labelled messages; exit 1 if one that needs a human would be answered or filed."""
    report = judged_by(_loaded_or_end(_folder(context, folder)), file)
    print_report(report, json=json)
    if report.wrong:
        raise typer.Exit(1)


def _folder(context: typer.Context, given: Path | None) -> Path:
    """The folder that is asked for, or the configuration's, or where that is missing the shipped one."""
    if given is not None:
        return given
    return folder_in_force(configuration(context).rules)


def _loaded_or_end(folder: Path) -> RuleSet:
    with _usable(folder):
        return ready(folder)


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    """Ends the command with the first problem of the rules that the block asks for."""
    try:
        yield
    except RulesError as error:
        many = len(error.problems)
        more = f"\nand {_count(many - 1, 'more error')}: `toiawase rules check`" if many > 1 else ""
        raise CommandError(f"{error.problems[0].within(folder)}{more}", USAGE) from None


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
    values = {name: value for name, value in asdict(effects).items() if value}
    if effects.remind:
        values["remind"] = format_duration(effects.remind)
    return values


def _matched(matched: bool | None) -> str:
    return {True: "yes", False: "no", None: "too late"}[matched]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
