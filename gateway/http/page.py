"""The page of a product's questions: plain HTML for a shop's own page to show in a frame. No script, nothing loaded.

Everything that people wrote is escaped, and no address in it is a link.
"""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from html import escape
from zoneinfo import ZoneInfo

from gateway.http.questions import Question
from gateway.store.tables import Product, Store
from gateway.texts import Texts

STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1f2328; --soft: #57606a; --line: #d8dee4; --shop: #f3f6f9; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171a; --ink: #e6e8ea; --soft: #a0a8b0; --line: #363c42; --shop: #1f2429; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.7 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 12px 16px 24px; }
h1 { font-size: 1.1rem; margin: 8px 0 4px; }
ol { list-style: none; margin: 0; padding: 0; }
ol > li { border-top: 1px solid var(--line); padding: 14px 0; }
div { overflow-wrap: anywhere; }
.answer { background: var(--shop); border-radius: 8px; padding: 8px 12px; margin: 8px 0 0 16px; }
.later { margin-top: 14px; }
.head { margin: 0; color: var(--soft); font-size: .85rem; }
.head b { color: var(--ink); margin-right: .6em; }
.words { margin: 2px 0 0; white-space: pre-line; }
.none { color: var(--soft); }
a { color: inherit; }
"""
STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()  # what the Content-Security-Policy lets in


def page(store: Store, product: Product | None, found: Sequence[Question], older: int | None) -> str:
    """A whole document in the store's language. `older`: the number below which there are more."""
    texts = Texts(store.language)
    name = product.name if product else ""
    title = texts("public.title", product=name) if name else texts("public.title_unnamed")
    items = "\n".join(_inquiry(question, store, texts) for question in found)
    body = f"<ol>\n{items}\n</ol>" if found else f'<p class="none">{escape(texts("public.none"))}</p>'
    more = f'\n<p><a href="?before={older}">{escape(texts("public.older"))}</a></p>' if older is not None else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{texts.language}"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="format-detection" content="telephone=no,email=no,address=no,date=no">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style></head>\n"
        f"<body><main>\n<h1>{escape(title)}</h1>\n{body}{more}\n</main></body></html>\n"
    )


def _inquiry(question: Question, store: Store, texts: Texts) -> str:
    parts = [_exchange(question, store, texts)]
    parts += [f'<div class="later">{_exchange(later, store, texts)}</div>' for later in question.follow_ups]
    return f'<li id="q{question.number}">{"".join(parts)}</li>'


def _exchange(question: Question, store: Store, texts: Texts) -> str:
    shop = texts("public.answer", store=store.title)
    answers = [("answer", shop, answer.at, answer.text) for answer in question.answers]
    entries = [("question", texts("public.question"), question.asked_at, question.text), *answers]
    # An answer is in the language of its question, as far as anybody knows.
    language = f' lang="{escape(question.language)}"' if question.language not in ("", texts.language) else ""
    return "\n".join(
        f'<div class="{kind}"><p class="head"><b>{escape(label)}</b>{_time(at, store, texts)}</p>'
        f'<p class="words" dir="auto"{language}>{escape(text)}</p></div>'
        for kind, label, at, text in entries
    )


def _time(at: datetime, store: Store, texts: Texts) -> str:
    local = at.astimezone(ZoneInfo(store.timezone))
    day = local.strftime(texts("label.day_format"))
    return f'<time datetime="{local.isoformat(timespec="seconds")}">{escape(day)}</time>'
