"""Ends a daemon under test at a named point: Python runs it in each of its processes. The gateway knows nothing of it.

A point is armed by a file of its name in the folder TOIAWASE_POINTS. The process that reaches it first takes the file
away and is gone: alone where the file says so, else with all others of its daemon.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

HERE = Path(os.environ["TOIAWASE_POINTS"])


def reached(point: str) -> None:
    try:
        taken = (HERE / point).rename(HERE / f"{point}.reached")
    except FileNotFoundError:
        return
    alone = taken.read_text() == "alone"
    taken.unlink()
    os.kill(os.getpid(), signal.SIGKILL) if alone else os.killpg(0, signal.SIGKILL)


def before(point: str, owner: Any, name: str) -> None:
    real = vars(owner)[name]

    @wraps(real)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        reached(point)
        return real(*args, **kwargs)

    setattr(owner, name, wrapped)


def after(point: str, owner: Any, name: str, when: Callable[..., bool] = lambda result, *args: True) -> None:
    real = vars(owner)[name]
    if iscoroutinefunction(real):

        @wraps(real)
        async def wrapped(*args: Any, **kwargs: Any) -> Any:
            result = await real(*args, **kwargs)
            if when(result, *args):
                reached(point)
            return result
    else:

        @wraps(real)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            if when(result, *args):
                reached(point)
            return result

    setattr(owner, name, wrapped)


def install() -> None:
    from gateway.delivery.sender import Delivery
    from gateway.delivery.session import Session
    from gateway.intake import committer, smtp
    from gateway.intake.data import DataDecoder
    from gateway.intake.reception import Reception
    from gateway.store import attempts
    from gateway.worker import loop

    after("intake-in-the-middle-of-data", DataDecoder, "feed", lambda _, decoder, *args: not decoder.ended)
    before("intake-at-the-last-dot", Reception, "receive")
    after("intake-before-its-commit", committer, "insert_many")
    after("intake-between-commit-and-250", committer.Committer, "_write", lambda error, *args: error is None)
    after("intake-after-the-250", smtp.Session, "_receive")
    before("worker-with-its-claim", loop.Worker, "_handle")
    after("worker-before-its-commit", loop, "take_effect")
    after("worker-after-its-commit", loop.Worker, "_write_some")
    before("delivery-with-its-claim", Delivery, "_deliver")
    after("delivery-between-dot-and-reply", Session, "_write", lambda complete, *args: complete)
    after("delivery-before-its-commit", attempts, "record")
    after("delivery-after-its-commit", Delivery, "_recorded", lambda recorded, _, outcomes: recorded and bool(outcomes))


if "serve" in sys.orig_argv or "forkserver" in " ".join(sys.orig_argv):
    install()
