"""How much may be attached to one mail of ours (F7), and what of a customer's files goes along. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.mail.values import AttachedFile

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class FileLimits:
    """What the operator sets."""

    octets: int = 20 * MEGABYTE  # more than a mail of the usual size limit can hold: what came goes on
    number: int = 50


USUAL_FILES = FileLimits()


def passed(files: Sequence[AttachedFile], limits: FileLimits) -> list[bool]:
    """Which of a customer's files go to the sellers, one after the other as they fit. The rest waits for #全文."""
    number, octets, goes = 0, 0, []
    for file in files:
        goes.append(number < limits.number and octets + file.size <= limits.octets)
        if goes[-1]:
            number, octets = number + 1, octets + file.size
    return goes


def excess(files: Sequence[AttachedFile], limits: FileLimits) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """Why an answer with these files cannot be sent, a key of the texts and its fields; None when it can."""
    if len(files) > limits.number:
        return "too_many_files", (("count", str(len(files))), ("limit", str(limits.number)))
    octets = sum(file.size for file in files)
    if octets > limits.octets:
        return "files_too_big", (("size", _megabytes(octets)), ("limit", _megabytes(limits.octets)))
    return None


def _megabytes(octets: int) -> str:
    return f"{octets / MEGABYTE:.1f}"
