"""`python -m gateway.demo FOLDER`: exit 0 only if each step held."""

import shutil
import sys
from pathlib import Path

from rich.console import Console

from gateway.demo.day import Day
from gateway.demo.gateway import DemoGateway, StepError


def main(folder: Path) -> int:
    """Plays the day in a new folder and leaves its Maildirs there."""
    console = Console(highlight=False)
    if (folder / "toiawase.toml").exists():
        shutil.rmtree(folder)  # an earlier day's
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    gateway = DemoGateway(folder.absolute())
    day = Day(gateway, console)
    try:
        day.open_shop()
        day.play()
    except StepError as failed:
        console.print(f"[red]✗ {failed}[/red]", markup=True)
        return 1
    finally:
        gateway.remove()
    console.print(f"\nThe mailboxes are left in {gateway.mail}; open one: mutt -f {gateway.mail}/suzuki@shop.example")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/demo")))
