"""What everyone may ask over HTTP: a product's public questions and their answers (F16), and nothing else.

Each request reads the database, so that what is hidden vanishes at once; a copy may be kept, but not used unasked.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from hashlib import sha256

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.http.page import STYLE_HASH, page
from gateway.http.questions import as_json, questions
from gateway.store import products, publications
from gateway.store.database import Database
from gateway.store.tables import Store

PER_PAGE = 50  # inquiries
READERS = 4  # requests that use the database at once: mail must not wait for a connection because many people look
LONGEST_NAME = 64  # characters of a product's code or a store's name
FindStore = Callable[[AsyncSession, Request], Awaitable[Store | None]]

_NUMBER = re.compile(r"[0-9]{1,9}")
_ALWAYS = {
    "Cache-Control": "no-cache",  # ask again each time: a question may have been hidden
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_HTML = {
    # Any shop's page may frame it: nothing on it can be pressed that does anything, so there is no click to steal.
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors *"
    ),
    "Content-Type": "text/html; charset=utf-8",
}
_JSON = {
    "Access-Control-Allow-Origin": "*",  # public to every page as it is to everyone
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Content-Type": "application/json",
}


def public_app(database: Database) -> Starlette:
    places = asyncio.Semaphore(READERS)

    async def of_store(request: Request) -> Response:
        return await _answer(database, places, request, _named_store)

    async def of_product(request: Request) -> Response:
        return await _answer(database, places, request, _owner)

    routes = []
    for suffix in ("", ".json"):
        routes.append(Route(f"/stores/{{store}}/products/{{code}}/questions{suffix}", of_store))
        routes.append(Route(f"/products/{{code}}/questions{suffix}", of_product))
    return Starlette(routes=routes)


async def _named_store(session: AsyncSession, request: Request) -> Store | None:
    return await publications.active_store(session, request.path_params["store"].lower())


async def _owner(session: AsyncSession, request: Request) -> Store | None:
    return await publications.owner_of(session, request.path_params["code"])


async def _answer(database: Database, places: asyncio.Semaphore, request: Request, find_store: FindStore) -> Response:
    wants_json = request.url.path.endswith(".json") or prefers_json(request.headers.get("accept", ""))
    before = request.query_params.get("before")
    if before is not None and not _NUMBER.fullmatch(before):
        return PlainTextResponse("before must be the number of an inquiry\n", 400, _ALWAYS)
    code = request.path_params["code"]
    async with places, database.read() as session:
        store = await find_store(session, request) if all(map(_is_name, request.path_params.values())) else None
        if store is None and "store" in request.path_params:
            return PlainTextResponse("no such store\n", 404, _ALWAYS)
        entries, product = [], None
        if store is not None and store.id is not None:
            entries = await publications.of_product(
                session, store.id, code, before=int(before) if before else None, limit=PER_PAGE + 1
            )
            product = await products.of_store(session, store.id, code)
    found = questions(entries)
    older = found[PER_PAGE - 1].number if len(found) > PER_PAGE else None
    found = found[:PER_PAGE]
    if wants_json:
        body, headers = json.dumps(as_json(found, store.timezone if store else "UTC"), ensure_ascii=False), _JSON
        if older is not None:
            headers = {**headers, "Link": f'<?before={older}>; rel="next"'}  # RFC 8288
    else:
        body, headers = page(store or Store(name="", title=""), product, found, older), _HTML
    return _conditional(request, body.encode(), {**_ALWAYS, **headers})


def _is_name(text: str) -> bool:
    """Whether it may name anything: what holds a NUL cannot even be asked for."""
    return len(text) <= LONGEST_NAME and text.isprintable()


def _conditional(request: Request, body: bytes, headers: dict[str, str]) -> Response:
    """The page, or 304 for who has this very one (RFC 9110 13.1.2)."""
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    headers = {**headers, "ETag": tag}
    if tag in known or "*" in known:
        return Response(status_code=304, headers={name: headers[name] for name in headers if name != "Content-Type"})
    return Response(body, headers=headers)


def prefers_json(accept: str) -> bool:
    """Whether an Accept field (RFC 9110 12.5.1) asks for JSON rather than HTML: by its weights, else by which it names;
    in doubt a person reads."""
    wanted = _weight(accept, "application/json")
    return wanted[0] > 0 and wanted > _weight(accept, "text/html")


def _weight(accept: str, kind: str) -> tuple[float, int]:
    """Of the most exact range that names the kind, and how exact that is; 0 where none does."""
    ranges = {"*/*": 0, kind.partition("/")[0] + "/*": 1, kind: 2}
    best, quality = -1, 0.0
    for item in accept.lower().split(",")[:32]:
        name, *parameters = (part.strip() for part in item.split(";"))
        if ranges.get(name, -1) > best:
            best = ranges[name]
            quality = next((_number(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
    return quality, best


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
