"""What the intake benchmark compares: our intake, and aiosmtpd as it comes, which keeps nothing.

usage: python -m benchmarks.listeners {toiawase|aiosmtpd} DATABASE FOLDER [--uvloop]

Prints the port it listens on and runs until it is terminated.
"""

import asyncio
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from gateway.intake.server import Intake
from gateway.intake.settings import IntakeSettings
from gateway.intake.sockets import open_socket
from gateway.store.database import Database
from gateway.store.migrate import upgrade
from gateway.store.tables import Store


class Discard:
    """The least an aiosmtpd handler can do."""

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        return "250 Ok"


async def serve(kind: str, url: str, folder: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    listener = open_socket("127.0.0.1:0")
    port = listener.getsockname()[1]
    if kind == "aiosmtpd":
        handler = Discard()
        await loop.create_server(lambda: SMTP(handler, hostname="bench.example", loop=loop), sock=listener)
        print(port, flush=True)
        await stop.wait()
        return
    database = Database(url)
    await upgrade(database)
    async with database.write() as session:
        session.add(Store(name="testshop", title="testshop", created_at=datetime.now(UTC)))
    settings = IntakeSettings(domain="q.example.jp", state_dir=folder, connections_per_client=1000, backlog=1 << 30)
    intake = Intake(database, lambda: None, settings)
    await intake.start(listener)
    print(port, flush=True)
    await stop.wait()
    await intake.close()
    await database.close()


def main() -> None:
    kind, url, folder = sys.argv[1:4]
    # The log is written as in service, one line of JSON a mail, and read by nobody.
    structlog.configure(
        processors=[structlog.processors.TimeStamper(fmt="iso"), structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(file=(Path(folder) / "log").open("w")),
        cache_logger_on_first_use=True,
    )
    if "--uvloop" in sys.argv:
        import uvloop

        uvloop.run(serve(kind, url, Path(folder)))
    else:
        asyncio.run(serve(kind, url, Path(folder)))


if __name__ == "__main__":
    main()
