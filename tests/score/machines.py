"""Judges who wrote a mail: a person, or which kind of machine."""

from collections.abc import Callable, Iterator

from gateway.mail.parse import parse
from gateway.mail.values import Machine, Mail
from tests import corpora
from tests.score.check import Check

KIND = "people or machine"
PERSONS = "people taken for people"

_RIGHT: dict[str, Callable[[Mail], bool]] = {
    "human": lambda mail: mail.machine is None and not mail.auto_submitted,
    "auto": lambda mail: mail.machine == Machine.AUTO_REPLY,
    "list": lambda mail: mail.machine == Machine.LIST,
    "bounce": lambda mail: mail.machine in (Machine.BOUNCE, Machine.DELIVERY_REPORT),
    "feedback": lambda mail: mail.machine == Machine.FEEDBACK,
    "machine": lambda mail: mail.auto_submitted,
}


def checks() -> Iterator[Check]:
    """Every labelled mail of the corpora, and every client's reply, which a person wrote."""
    for corpus, case, raw in corpora.cases("auto"):
        mail = parse(raw)
        label = str(case["label"])
        answer = Check(KIND, corpus, label, str(case["id"]), _RIGHT[label](mail), f"{mail.machine}", label)
        yield answer
        if label == "human":
            yield Check(PERSONS, corpus, label, answer.case, answer.right, answer.said, label)
    for path in sorted((corpora.require() / "client-replies").rglob("*.eml")):
        mail = parse(path.read_bytes())
        if path.parent.name != "notifications":
            yield Check(PERSONS, "client-replies", "human", path.stem, _RIGHT["human"](mail), f"{mail.machine}", "")
