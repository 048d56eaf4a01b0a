"""`rules`: are the admin's rules right, and what do they make of a mail?"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import Json, print_json
from gateway.cli.rules_examples import examples
from gateway.cli.rules_explain import explain
from gateway.cli.rules_folder import NO_RULES, Folder, configured, count, folder, rules_in, usable
from gateway.cli.rules_history import history
from gateway.cli.rules_problems import print_problems
from gateway.cli.rules_replay import replay
from gateway.cli.rules_score import judged_by, print_report
from gateway.rules.phrasebook import load_phrasebook
from gateway.rules.problems import Problem, RulesError
from gateway.rules.ready import read, ready
from gateway.rules.replies import load_replies
from gateway.rules.schema import schema as json_schema

app = typer.Typer(help="The rules that answer what needs no human.", no_args_is_help=True)
app.command()(explain)
app.command()(replay)
app.command()(examples)
app.command()(history)


@app.command()
def check(context: typer.Context, given: Folder = None, json: Json = False) -> None:
    """Check every file and run every rule's tests; every error is named."""
    where = folder(context, given)
    config = None if given else configured(context)
    if given is None and config is None:
        typer.echo("toiawase: there is no configuration: these are the shipped rules", err=True)
    elif config is not None and where != config.rules:
        typer.echo(
            f"toiawase: {config.rules} is not there: these are the shipped rules, which apply at a start without it; "
            "a gateway that runs with rules of its own keeps those, and `toiawase status` tells",
            err=True,
        )
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
            f"{where} is right: {count(len(rules.rules), 'rule')}, {count(tests, 'test')}, version {rules.version}"
        )
    if problems:
        raise typer.Exit(1)
    if not rules.rules:
        typer.echo(f"toiawase: warning: {NO_RULES}", err=True)


@app.command()
def schema(context: typer.Context, given: Folder = None) -> None:
    """Print the JSON Schema of a rules file, for editors; it names the phrase classes and texts that there are."""
    where = folder(context, given)
    with usable(where):
        files = read(where)
    phrases, replies = load_phrasebook(files)[0], load_replies(files)[0]
    print_json(json_schema(sorted(phrases.classes), sorted(replies.texts)))


@app.command()
def score(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="Labelled messages, one JSON object a line.")],
    given: Folder = None,
    json: Json = False,
) -> None:
    """How the rules judge labelled messages; exit 1 if one that needs a human would be answered or filed."""
    report = judged_by(rules_in(folder(context, given)), file)
    print_report(report, json=json)
    if report.wrong:
        raise typer.Exit(1)
