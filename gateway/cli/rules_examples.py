"""`rules examples`: the messages that needed a human, in the form that `rules score` reads."""

from typing import Any

import typer

from gateway.cli.context import reading
from gateway.cli.days import Since
from gateway.cli.output import Json, print_json, print_json_line, print_text
from gateway.mail import language
from gateway.store import rule_examples
from gateway.store.rule_examples import Example

KIND = "undone"  # what `rules score` counts them under
WARNING = "These lines are customers' own words: keep the file where their mail may be kept, and delete it after use."


def examples(context: typer.Context, since: Since = None, json: Json = False) -> None:
    """Messages that a seller marked with #要対応, a JSON object a line (--json: one array), for `rules score`."""
    found = reading(context, lambda session: rule_examples.undone(session, since))
    if json:
        print_json(list(map(_labelled, found)))
        return
    for example in found:
        print_json_line(_labelled(example))
    print_text(WARNING if found else "no seller has marked a message with #要対応", err=True)


def _labelled(example: Example) -> dict[str, Any]:
    decision, message = example.decision, example.message
    return {
        "id": f"Q-{decision.inquiry_number}/{message.id}",
        "lang": language.of(message.text) or example.store.language,
        "label": "human",
        "kind": KIND,
        "subject": message.subject,
        "body": message.text,
        "prior_status": decision.prior_status,
        "attachments": example.attachments,
        "store": example.store.name,
        "outcome": str(decision.outcome),
        "rule": decision.rule,
        "version": decision.version,
        "words": decision.words,
    }
