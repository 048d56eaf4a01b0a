"""Judges the new text of replies: other projects' cases, and replies of real and reconstructed clients.

Right means the same lines, width and white space aside. Projects differ on signatures, so that an expectation that
keeps one is met without it too; where a project expects two things of one text, either is right. A lost line is one
that a writer wanted and that is not in the new text.
"""

import json
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gateway.mail.parse import parse, renderings
from gateway.mail.reply import divide, is_fresh, with_commands
from gateway.mail.signatures import without_signature
from gateway.mail.values import Reply
from tests.score.check import Check

KNOWN = "replies, knowing the mail answered"
UNKNOWN = "replies, not knowing it"
PUBLIC = "replies, public corpora"
LOST = "lines of replies that are kept"
COMMANDS = "commands of replies"

REAL = "client-replies"
RECONSTRUCTED = "client-replies/reconstructed"
OWN_SAMPLES = tuple(Path(__file__).parents[1] / "mail" / "samples" / name for name in ("clients", "clients_gui"))
PUBLIC_CORPORA = ("talon", "mail-parser-reply", "willdurand-emailreplyparser", "quotequail")


def checks(root: Path) -> Iterator[Check]:
    """Every reply of the corpora below `root`."""
    for corpus in PUBLIC_CORPORA:
        index = (root / corpus / "cases.reply.jsonl").read_text("utf-8")
        cases = [json.loads(line) for line in index.splitlines()]
        expectations: dict[str, list[str]] = {}
        for case in cases:
            if "input" in case and "expected" in case:
                expectations.setdefault(case["input"], []).append(case["expected"])
        for case in cases:
            yield from public_case(root / corpus, case, expectations.get(case.get("input", ""), []))
    answered = root / REAL / "notifications"
    for corpus in (REAL, RECONSTRUCTED):
        yield from client_replies(corpus, root / corpus, answered)
    for folder in OWN_SAMPLES:
        yield from client_replies(f"samples/{folder.name}", folder, folder / "answered")


def public_case(folder: Path, case: dict[str, Any], also: Sequence[str] = ()) -> Iterator[Check]:
    """One case of another project's reply parser, whose input is a text without a mail around it; `also` are the
    expectations that it has elsewhere."""
    text = case.get("input") or (folder / case["file"]).read_text("utf-8", errors="replace")
    said = divide(text).text
    expected = case.get("expected")
    wanted = [] if expected is None else [expected, *also]
    wanted += ["\n".join(without_signature(reading.split("\n"))) for reading in wanted]
    right = (
        (expected is None or any(ruleless(lines(said)) == ruleless(lines(reading)) for reading in wanted))
        and all(fragment in said for fragment in case.get("must") or [])
        and not any(fragment in said for fragment in case.get("must_not") or [])
    )
    where = (folder.name, case.get("lang") or "?", case["id"])
    yield Check(PUBLIC, *where, right, said, expected or f"{case.get('must')} but not {case.get('must_not')}")
    unsigned = ruleless(lines(wanted[-1])) if wanted else []
    yield from _kept_lines(where, said, [*unsigned, *(case.get("must") or [])])


def client_replies(corpus: str, folder: Path, answered: Path) -> Iterator[Check]:
    """The replies by mail clients in `folder`; the mails that they answer are in `answered`."""
    for path in sorted(folder.glob("*.eml")):
        case = json.loads(path.with_suffix(".json").read_text("utf-8"))
        sent = renderings((answered / f"{case['reply_to_mail']}.eml").read_bytes())
        yield from client_reply((corpus, case["client"], path.stem), case, path.read_bytes(), sent)


def client_reply(
    where: tuple[str, str, str], case: dict[str, Any], raw: bytes, texts: Sequence[str]
) -> Iterator[Check]:
    """One reply by a mail client, once with the texts of the mail that it answers at hand and once without."""
    readings = [case["expected_reply_text"], *(case.get("also_accepted") or [])]
    for measure, sent in ((KNOWN, texts), (UNKNOWN, ())):
        reply = divided(raw, case["direction"], sent)
        right = any(lines(reply.text) == lines(reading) for reading in readings)
        yield Check(measure, *where, right, reply.text, readings[0])
        nearest = min(readings, key=lambda reading: len(set(lines(reading)) - set(lines(reply.text))))
        yield from _kept_lines(where, reply.text, lines(nearest))
        said = [command.line for command in reply.commands]
        wanted = case["expected_directives"]
        yield Check(COMMANDS, *where, said == wanted, str(said), str(wanted))


def divided(raw: bytes, direction: str, sent: Sequence[str]) -> Reply:
    """The division of a mail of one `direction`, seller or customer."""
    mail = parse(raw)
    own = [author.address for author in mail.from_]
    reply = divide(mail.text, sent, own, fresh=is_fresh(mail) and not sent)
    return with_commands(reply) if direction == "seller" else reply


def lines(text: str) -> list[str]:
    """The lines that say something, whatever their width and the space within them."""
    return [" ".join(unicodedata.normalize("NFKC", line).split()) for line in text.split("\n") if line.strip()]


def ruleless(found: Sequence[str]) -> list[str]:
    """Without drawn lines, which some projects leave at the end."""
    return [line for line in found if line.strip("-_=")]


def _kept_lines(where: tuple[str, str, str], said: str, wanted: Sequence[str]) -> Iterator[Check]:
    kept = "\n".join(lines(said))
    for line in wanted:
        yield Check(LOST, *where, line in kept, "lost", line)
