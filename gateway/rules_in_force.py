"""The rules of a running gateway: taken whole from their folder, or refused whole, with the operator told.

A start with rules that are wrong goes on with those of before, which the database keeps; docs/decisions/0006.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import structlog

from gateway.desk.post import Office
from gateway.desk.rule_news import tell_refused, tell_right
from gateway.jobs import logged
from gateway.rules.files import Files, Stamp, read, stamp
from gateway.rules.problems import Problem, RulesError
from gateway.rules.ready import ready_from
from gateway.rules.ruleset import RuleSet
from gateway.rules.shipped import folder_in_force
from gateway.store import rule_uses
from gateway.store.database import Database
from gateway.store.rule_uses import Cause

LOOK = 0.5  # seconds between looks at the folder
QUIET = 2.0  # seconds that files stay as they are before they are read: an editor writes in steps, a person copies some
LOGGED = 20  # problems

State = tuple[Path, Stamp | None]  # of a folder

log = structlog.get_logger("app")


class RulesInForce:
    """`files` are what the rules in force were made from. `told` is called after a mail to the operator was posted."""

    def __init__(self, database: Database, node: str, office: Callable[[], Office], told: Callable[[], None]) -> None:
        self.files: Files = {}
        self._database, self._node, self._office, self._told = database, node, office, told
        self.version = ""
        self.refusals = 0  # since the start
        self._folder = Path()  # where they are from
        self._refused: tuple[Problem, ...] = ()  # what is wrong with those that should be in force
        self._judged: State | None = None  # the one that was taken or refused last
        self._taking = asyncio.Lock()

    @property
    def is_refused(self) -> bool:
        """Whether those that should be in force are wrong."""
        return bool(self._refused)

    async def begin(self, named: Path) -> RuleSet:
        """The rules of the folder that the configuration names. Raises RulesError where they are wrong and no set is
        known that was in use before, and what the driver raises."""
        self._folder = folder_in_force(named)
        self._judged = folder, _ = await asyncio.to_thread(self._state, named)
        try:
            files, rules = await asyncio.to_thread(_made, folder)
        except RulesError as error:
            return await self._begin_with_the_last(error)
        if folder != named:
            log.warning("rules.shipped", missing=str(named))
        await self._accept(files, rules, folder, "start")
        return rules

    async def take(self, named: Path, cause: Cause) -> RuleSet | None:
        """The folder as it is now: its rules where they are new and right, else None, and the old ones stand. Raises
        what the driver raises; then nothing has changed."""
        async with self._taking:
            state = folder, _ = await asyncio.to_thread(self._state, named)
            try:
                files, rules = await asyncio.to_thread(_made, folder)
            except RulesError as error:
                await self._refuse(error.problems, cause)
                self._judged = state
                return None
            is_new = rules.version != self.version
            if is_new or self._refused:
                await self._accept(files, rules, folder, cause)
            self._judged = state
            return rules if is_new else None

    async def watch(self, named: Callable[[], Path], changed: Callable[[RuleSet], None]) -> None:
        """Judges each state of the folder that has stood still for `QUIET`; `changed` is called with new rules."""
        seen, since = self._judged, monotonic()
        while True:
            await asyncio.sleep(LOOK)
            with logged("rules"):
                state = await asyncio.to_thread(self._state, named())
                if state != seen:
                    seen, since = state, monotonic()
                elif state != self._judged and monotonic() - since >= QUIET:
                    since = monotonic()
                    if rules := await self.take(named(), "change"):
                        changed(rules)

    def _state(self, named: Path) -> State:
        """A folder that goes away while we run is about to come back, or a mistake: it does not call the shipped rules
        into force."""
        found = folder_in_force(named)
        folder = found if found == self._folder else named
        return folder, stamp(folder)

    async def _begin_with_the_last(self, error: RulesError) -> RuleSet:
        async with self._database.read() as session:
            before = await rule_uses.newest(session, self._node)
            files = await rule_uses.files_of(session, before.version) if before else None
        if before is None or files is None:
            raise error
        try:
            rules = await asyncio.to_thread(ready_from, files)
        except Exception:  # noqa: BLE001  another release refuses them; what is wrong now is the answer
            raise error from None
        self.files, self.version = files, rules.version
        first = error.problems[0].head[: rule_uses.REFUSAL_LENGTH]
        is_known = (before.refused, before.problems) == (first, len(error.problems))
        await self._refuse(error.problems, "start", is_told=is_known)
        return rules

    async def _accept(self, files: Files, rules: RuleSet, folder: Path, cause: Cause) -> None:
        now = datetime.now(UTC)
        async with self._database.write() as session:
            use = await rule_uses.take(session, self._node, cause, rules.version, files, len(rules.rules), now)
            if self._refused:
                await tell_right(session, self._office(), use)
        if self._refused:
            self._told()
        self.files, self.version, self._folder, self._refused = files, rules.version, folder, ()
        log.info("rules.loaded", cause=cause, version=rules.version, rules=len(rules.rules))
        if not rules.rules:
            log.warning("rules.none", folder=str(folder), effect="nothing is answered or sorted")

    async def _refuse(self, problems: tuple[Problem, ...], cause: Cause, *, is_told: bool = False) -> None:
        """The same problems again are told only to who asked by a signal, in the log."""
        is_news = problems != self._refused
        self.refusals += is_news or cause == "signal"
        if is_news:
            async with self._database.write() as session:
                first, now = problems[0].head, datetime.now(UTC)
                use = await rule_uses.refuse(session, self._node, cause, self.version, first, len(problems), now)
                if not is_told:
                    await tell_refused(session, self._office(), use, problems)
            self._told()
            self._refused = problems
        if is_news or cause == "signal":
            heads = [problem.head for problem in problems[:LOGGED]]
            log.critical("rules.refused", cause=cause, in_force=self.version, errors=len(problems), problems=heads)


def _made(folder: Path) -> tuple[Files, RuleSet]:
    """Raises RulesError whose problems have the whole path."""
    try:
        files = read(folder)
        return files, ready_from(files)
    except RulesError as error:
        problems = error.problems
    except Exception as error:  # noqa: BLE001  a fault of ours in reading rules must not stop the mail
        text = f"cannot be checked, by a fault of ours: {type(error).__name__}; `toiawase rules check` tells more"
        problems = (Problem(".", 1, 1, text),)
    raise RulesError(problem.within(folder) for problem in problems)
