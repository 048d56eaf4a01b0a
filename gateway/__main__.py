"""The program `toiawase`, also `python -m gateway`.

The command line takes a second to load. A `serve` that is told to end in that second has nothing in hand yet, and must
not look to its supervisor like one that was killed.
"""

import os
import signal
import sys


def main() -> None:
    if sys.argv[-1:] == ["serve"]:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # until gateway.app, which has things to end, takes over
    from gateway.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    main()
