"""TXT records from DNS, for whoever checks mail: many names at once, within a time limit, from a small cache.

What a record means is not known here. A name without an answer in time is left out: the caller decides what then.
"""

import asyncio
import time
from collections.abc import Collection, Sequence

import structlog
from dns.asyncresolver import Resolver as Library
from dns.exception import Timeout
from dns.nameserver import Do53Nameserver
from dns.rdatatype import TXT
from dns.resolver import NXDOMAIN, Answer, CacheKey, LRUCache, NoResolverConfiguration

PATIENCE = 5.0  # seconds for all the names of one call
LEAST_PATIENCE = 0.3  # while servers stay silent again and again: a stranger's may do so on purpose
ONE_SERVER = 2.0  # seconds until the next server is asked, or the same again
CACHED = 500  # names, each for as long as its record says, and
LONGEST = 3600  # seconds at most: a key may have been revoked,
LONGEST_NONE = 300  # or published
AT_ONCE = 50  # questions under way
MAX_RECORDS = 16  # of one name
MAX_OCTETS = 4096  # of one record

log = structlog.get_logger()


class _Cache(LRUCache):
    """dnspython's, which would keep what names no time for ever."""

    def put(self, key: CacheKey, value: Answer) -> None:
        longest = LONGEST if value.rrset is not None else LONGEST_NONE
        value.expiration = min(value.expiration, time.time() + longest)
        super().put(key, value)


class Resolver:
    """Asks `servers`, each as IP address and port; without any, those of /etc/resolv.conf."""

    def __init__(self, servers: Sequence[tuple[str, int]] = ()) -> None:
        self._servers = servers
        self._library: Library | None = None
        self.patience = PATIENCE
        self._room = asyncio.Semaphore(AT_ONCE)

    async def texts(self, names: Collection[str]) -> dict[str, tuple[bytes, ...]]:
        """The TXT records of each name that was answered, () where there are none. Never raises, takes 5 s at most.

        The patience halves with each call that ended without all answers, and comes back: silent servers must not hold
        up everybody's mail."""
        if not names or (library := self._ready()) is None:
            return {}
        tasks = {name: asyncio.create_task(self._ask(library, name)) for name in names}
        try:
            _, silent = await asyncio.wait(tasks.values(), timeout=self.patience)
        finally:
            for task in tasks.values():
                task.cancel()
        await asyncio.gather(*silent, return_exceptions=True)
        answers = {name: task.result() for name, task in tasks.items() if task not in silent}
        found = {name: answer for name, answer in answers.items() if answer is not None}
        if len(found) < len(names):
            log.warning("dns.no_answer", names=len(names), without=len(names) - len(found), silent=len(silent))
        self.patience = max(LEAST_PATIENCE, self.patience / 2) if silent else min(PATIENCE, self.patience * 2)
        return found

    async def _ask(self, library: Library, name: str) -> tuple[bytes, ...] | None:
        """None without an answer: nobody replied, or the server failed."""
        try:
            async with self._room:
                answer = await library.resolve(
                    f"{name}.", TXT, raise_on_no_answer=False, search=False, lifetime=PATIENCE
                )
        except NXDOMAIN:
            return ()
        except (Timeout, OSError):
            return None
        except Exception as error:  # noqa: BLE001  SERVFAIL, a name that is none, or nonsense that a stranger's server said
            log.info("dns.failed", error=type(error).__name__)
            return None
        records = [b"".join(record.strings) for record in answer.rrset or ()]
        return tuple(record for record in records[:MAX_RECORDS] if len(record) <= MAX_OCTETS)

    def _ready(self) -> Library | None:
        if self._library is None:
            try:
                self._library = Library(configure=not self._servers)
            except (NoResolverConfiguration, OSError) as error:
                log.error("dns.no_servers", error=type(error).__name__)
                return None
            if self._servers:
                self._library.nameservers = [Do53Nameserver(address, port) for address, port in self._servers]
            self._library.timeout = ONE_SERVER
            self._library.cache = _Cache(CACHED)
        return self._library
