"""A store's templates by mail to the desk (F6): `定型` lists them, `定型 登録 NAME` and `定型 削除 NAME` change them.

What the CLI sets is checked by the same function.
"""

import re
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.filling import IN_JAPANESE, unknown_field
from gateway.desk.intent import Refusal, character_count
from gateway.desk.letters import Letter, plain
from gateway.desk.template_names import name_key, nearest_template, template_named
from gateway.mail.commands import read_commands
from gateway.store import templates
from gateway.store.tables import Store
from gateway.store.template_tables import NAME_LENGTH, Template
from gateway.texts import Texts

MOST = 300  # templates of one store: all their names fit into one mail
FIRST_LINE = 60  # characters of a text that the list shows
_SET = re.compile(r"(?:登録|set|add)(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_REMOVE = re.compile(r"(?:削除|remove|delete)(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)


async def answer(session: AsyncSession, store: Store, words: str, text: str, language: str, now: datetime) -> Letter:
    """What a seller's `定型 WORDS` with `text` below it does for the store, and the letter that says so."""
    texts, words = Texts(language), words.strip()
    if match := _SET.fullmatch(words):
        said = await _set(session, store, (match[1] or "").strip(), text, texts, now)
    elif match := _REMOVE.fullmatch(words):
        said = await _remove(session, store, (match[1] or "").strip(), texts)
    else:
        said = await _shown(session, store, words, texts)
    return plain(texts("templates.subject", store=store.title), said, language)


async def put(session: AsyncSession, store: Store, name: str, text: str, now: datetime) -> bool | Refusal:
    """Sets the store's template: True for a new one, False for a changed one, or why it cannot be one."""
    name = " ".join(name.split())
    read = read_commands(text.strip())
    text = read.rest.strip()
    if problem := _problem(store, name, text, [*(command.line for command in read.commands), *read.refused]):
        return problem
    known = await templates.of_store(session, _id(store))
    if len(known) >= MOST and template_named(known, name) is None:
        return Refusal("too_many", (("most", str(MOST)),))
    return await templates.put(session, _id(store), name, name_key(name), text, now)


def fault(refusal: Refusal, texts: Texts) -> str:
    """Why a text can be no template, in words."""
    return texts(f"templates.fault.{refusal.reason}", **dict(refusal.detail))


def _problem(store: Store, name: str, text: str, commands: list[str]) -> Refusal | None:
    if not name:
        return Refusal("unnamed")
    if len(name) > NAME_LENGTH:
        return Refusal("long_name", (("most", str(NAME_LENGTH)),))
    if commands:  # it would be sent to the customer as it is
        return Refusal("command", (("line", commands[0]),))
    if not text:
        return Refusal("empty")
    if field := unknown_field(text):
        return Refusal("field", (("field", field), ("known", " ".join(f"{{{{ {name} }}}}" for name in IN_JAPANESE))))
    count = character_count(text)
    if count > store.max_chars:
        return Refusal("too_long", (("count", str(count)), ("limit", str(store.max_chars))))
    return None


async def _set(session: AsyncSession, store: Store, name: str, text: str, texts: Texts, now: datetime) -> str:
    done = await put(session, store, name, text, now)
    if isinstance(done, Refusal):
        return texts("templates.not_set", why=fault(done, texts))
    name = " ".join(name.split())
    kept = template_named(await templates.of_store(session, _id(store)), name)
    return texts("templates.added" if done else "templates.changed", name=name, text=kept.text if kept else text)


async def _remove(session: AsyncSession, store: Store, name: str, texts: Texts) -> str:
    known = await templates.of_store(session, _id(store))
    template = template_named(known, name)
    if template is None:
        return _missing(known, name, texts)
    await templates.remove(session, _id(store), template.name_key)
    return texts("templates.removed", name=template.name, text=template.text)


async def _shown(session: AsyncSession, store: Store, name: str, texts: Texts) -> str:
    known = await templates.of_store(session, _id(store))
    if not name:
        how = texts("templates.how")
        return f"{texts('templates.none')}\n\n{how}" if not known else f"{_list(known, texts)}\n\n{how}"
    template = template_named(known, name)
    if template is None:
        return _missing(known, name, texts)
    return texts("templates.one", name=template.name, uses=template.uses, text=template.text)


def _missing(known: tuple[Template, ...], name: str, texts: Texts) -> str:
    nearest = nearest_template(known, name)
    suggestion = texts("returned.suggestion", name=nearest.name) if nearest else ""
    return texts("templates.unknown", name=name, suggestion=suggestion, list=_list(known, texts)).strip()


def _list(known: tuple[Template, ...], texts: Texts) -> str:
    return "\n".join(
        texts("templates.entry", name=template.name, uses=template.uses, line=_first_line(template.text))
        for template in known
    )


def _first_line(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= FIRST_LINE else f"{line[:FIRST_LINE]}…"


def _id(store: Store) -> int:
    if store.id is None:
        raise AssertionError("a stored row has its key")
    return store.id
