"""Where the shipped rules are, which apply where an installation has none of its own."""

from pathlib import Path

import gateway

REFERENCE = "REFERENCE.md"


def shipped_folder() -> Path:
    """In a wheel beside the code; a working copy has them beside the package."""
    package = Path(gateway.__file__).parent
    shipped = package / "shipped_rules"
    return shipped if shipped.is_dir() else package.parent / "rules"


def shipped_reference() -> Path:
    """What a rule can hold, for the admin: in a wheel beside the rules, in a working copy among the documents."""
    packed = shipped_folder() / REFERENCE
    return packed if packed.is_file() else shipped_folder().parent / "docs" / "rules.md"


def folder_in_force(named: Path) -> Path:
    """The folder that the configuration names; where there is nothing of that name, the shipped one."""
    try:
        named.lstat()
    except FileNotFoundError:
        return shipped_folder()
    except OSError:
        pass  # whoever reads it says so
    return named
