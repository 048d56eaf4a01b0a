"""What a seller is told of attached files, and when an answer with them comes back (F7). Pure."""

from collections.abc import Mapping, Sequence

from gateway.desk.file_limits import FileLimits, excess
from gateway.desk.intent import Intent, Refusal
from gateway.mail.dangerous import SUFFIX, is_renamed
from gateway.mail.values import AttachedFile

SENDING = ("answer", "hide")  # acts with which the files of a seller's mail go to the customer


def within(outcome: Intent | Refusal, files: Sequence[AttachedFile], limits: FileLimits) -> Intent | Refusal:
    """What a seller's mail asks for, unless its files are too many or too big to be sent: they are never cut."""
    if isinstance(outcome, Intent) and outcome.act in SENDING and (problem := excess(files, limits)):
        return Refusal(*problem)
    return outcome


def notes(names: Sequence[str], left_out: Sequence[str]) -> list[tuple[str, Mapping[str, str]]]:
    """Texts of the catalogue, with their fields, about the files of a customer's mail: `names` go along with it."""
    told: list[tuple[str, Mapping[str, str]]] = []
    if renamed := ", ".join(name for name in names if is_renamed(name)):
        told.append(("files.renamed", {"names": renamed, "suffix": SUFFIX}))
    if left_out:
        told.append(("files.left_out", {"names": ", ".join(left_out)}))
    return told
