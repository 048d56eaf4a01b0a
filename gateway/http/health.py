"""What the operator's monitoring asks, on a loopback address alone (A24): is it alive, is it ready, and its numbers."""

import asyncio

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.http.metrics import CONTENT_TYPE, exposition
from gateway.http.vitals import Vitals
from gateway.store.database import Database

PATIENCE = 5.0  # seconds that the database may take to answer
LOCAL = "localhost"


def health_app(database: Database, vitals: Vitals, address: str) -> Starlette:
    """`address`: the IP address it is asked at, in brackets for IPv6. Under any other name than that and localhost it
    says nothing: a proxy may pass on what strangers ask, a page may give its own name our address."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        wrong = await _not_ready(database, vitals)
        return PlainTextResponse("".join(f"{one}\n" for one in wrong) or "ok\n", 503 if wrong else 200)

    async def metrics(_request: Request) -> Response:
        return Response(await exposition(database, vitals, PATIENCE), headers={"Content-Type": CONTENT_TYPE})

    routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=[LOCAL, address], www_redirect=False)
    return Starlette(routes=routes, middleware=[hosts])


async def _not_ready(database: Database, vitals: Vitals) -> list[str]:
    """What keeps it from doing its work."""
    wrong = []
    try:
        async with asyncio.timeout(PATIENCE):
            await database.ping()
    except (SQLAlchemyError, OSError, TimeoutError):
        wrong.append("the database does not answer")
    if not vitals.delivers():
        wrong.append("delivery makes no rounds")
    if not vitals.has_keys():
        wrong.append("the reply-address keys are missing or foreign")
    if not vitals.has_room():
        wrong.append("the disk has no room for mail")
    return wrong
