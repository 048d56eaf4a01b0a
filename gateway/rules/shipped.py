"""Where the shipped rules are, which apply where an installation has none of its own."""

from pathlib import Path

import gateway


def shipped_folder() -> Path:
    """In a wheel beside the code; a working copy has them beside the package."""
    package = Path(gateway.__file__).parent
    shipped = package / "shipped_rules"
    return shipped if shipped.is_dir() else package.parent / "rules"
