"""The words of what comes back to a seller: nothing was sent or changed, why, and how to mend it. Pure."""

from dataclasses import replace

from gateway.desk.letters import File, Letter, button, hints, subject
from gateway.desk.page import URL_LIMIT, Button, Page
from gateway.texts import Texts

NOTHING_TO_MEND = (  # refusals of what would send nothing
    *("draft_settled", "draft_cancelled", "reopened_before", "nothing_to_reopen", "nothing_to_cancel"),
    *("hidden_before", "not_hidden", "public_before", "never_public"),
)
HIDE_LACKS = ("hide_incomplete", "hide_no_title", "hide_no_reason")  # refusals of a form that can be filled in again
NO_WORDS_HELP = (
    "expired",
    "no_address",
    "machine",
    "auto_again",
    "no_draft",
    "unregistered_command",
)  # however it were written


def returned(file: File, reason: str, detail: dict[str, str], draft: str, texts: Texts) -> Letter:
    """To the seller: nothing was sent, why, the draft, and what to do (F8); or why nothing was changed."""
    texts = file.worded(texts)
    if reason in NOTHING_TO_MEND:
        why = Page(texts.language).words(texts(f"returned.reason.{reason}"))
        return Letter(subject(file, "returned.subject_state", texts), why.text, why.html)
    page = Page(texts.language).words(texts("returned.intro")).words(refused(reason, detail, texts))
    if reason in HIDE_LACKS:
        page.muted(texts("returned.what_to_do")).buttons([button(file, "hide", texts)], *hints(texts))
    elif reason not in NO_WORDS_HELP:
        page.muted(texts("returned.what_to_do")).buttons([anew(file, draft, texts)])
    if draft.strip():
        page.rule(texts("returned.draft")).words(draft)
    return Letter(subject(file, "returned.subject", texts), page.text, page.html)


def refused(reason: str, detail: dict[str, str], texts: Texts) -> str:
    """Why nothing is sent."""
    near = texts("returned.suggestion", name=detail["near"]) if "near" in detail else ""
    return texts(f"returned.reason.{reason}", **{**detail, "suggestion": near})


def anew(file: File, draft: str, texts: Texts) -> Button:
    """To the customer again: an answer to the returned mail itself would go to the desk. The draft goes along where it
    is short enough."""
    name = subject(file, "notification.subject", texts)
    filled = Button(texts("button.rewrite"), file.buttons["s"], f"Re: {name}", draft)
    return filled if len(filled.url) <= URL_LIMIT else replace(filled, body="")
