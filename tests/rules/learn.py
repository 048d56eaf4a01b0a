"""`python -m tests.rules.learn`: learns gateway/rules/learnt.bin from the labelled messages of this folder.

Needs scikit-learn (the extra `learn`). The messages of tests/rules/learnt/*.tsv have six fields: label, kind, language,
state, subject, body (⏎ for a line end); ⟦ ⟧ stand around the sentences for whose sake somebody should see a message.
With --without NAME the messages of one file are kept out, and judged afterwards: what unseen ones would fare like.
"""

import argparse
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from gateway.mail.reply import divide
from gateway.rules import learnt
from gateway.rules.normalise import fold, normalise
from gateway.rules.phrases import Phrases
from gateway.rules.says import what_is_said
from gateway.rules.score import POLITE_KINDS, Labelled, judge, labelled
from tests.rules.shipped import decided, phrases

HERE = Path(__file__).parent
STRENGTH = 10.0  # C: the inverse of the regularisation
CUT = 0.9995  # of the weights are kept apart by an octet; the few larger ones count as the largest


@cache
def by_phrases_alone() -> Mapping[str, Phrases]:
    return {language: replace(known, sureness=0) for language, known in phrases().items()}


def messages(file: Path) -> Iterator[tuple[Labelled, list[str]]]:
    """The messages of a file, each with the marked sentences."""
    for line in file.read_text("utf-8").splitlines():
        if file.suffix == ".jsonl":
            yield labelled(line), []
            continue
        label, kind, lang, status, subject, body = line.split("\t")
        body = body.replace("⏎", "\n")
        marked = re.findall("⟦(.*?)⟧", body, re.DOTALL)
        body = body.replace("⟦", "").replace("⟧", "")
        yield Labelled("", lang, label, kind, subject, body, status), marked


def sentences(message: Labelled, marked: list[str]) -> Iterator[tuple[str, bool]]:
    """Sentences of which it is known whether somebody should see them; none where the inquiry's state alone says so."""
    if message.label == "either" or (
        message.prior_status == "unanswered" and message.kind in (*POLITE_KINDS, "received")
    ):
        return
    found = [one for one in what_is_said(divide(message.body).text, by_phrases_alone()).sentences if one.text]
    wanted = [fold(normalise(words)).strip(" 。") for words in marked]
    unexplained = [one for one in found if one.doubt or not one.classes]
    for one in found:
        text = fold(one.text)
        if message.label == "auto":
            yield text, False
        elif wanted:
            yield text, any(words and (words in text or (len(text) > 3 and text in words)) for words in wanted)
        elif [one] in (found, unexplained):
            yield text, True


def learn(files: list[Path]) -> None:
    found = {one for file in files for message, marked in messages(file) for one in sentences(message, marked)}
    told = sorted(found)
    rows = [sorted(learnt.places(text)) for text, _ in told]
    data = numpy.concatenate([numpy.full(len(row), 1 / numpy.sqrt(len(row))) for row in rows])
    pointers = numpy.cumsum([0, *map(len, rows)])
    matrix = csr_matrix((data, numpy.concatenate(rows), pointers), shape=(len(rows), 1 << learnt.BITS))
    model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0)
    model.fit(matrix, numpy.array([asks for _, asks in told]))
    weights = model.coef_.ravel()
    step = float(numpy.quantile(numpy.abs(weights[weights != 0]), CUT)) / 127
    steps = numpy.clip(numpy.round(weights / step), -127, 127).astype(numpy.int8)
    learnt.write(steps.tobytes(), step, float(model.intercept_[0]))
    learnt.shipped.cache_clear()
    print(f"learnt from {len(told)} sentences of {len(files)} files")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without", metavar="NAME", help="a file of messages to be judged, not learnt from")
    arguments = parser.parse_args()
    files = [
        *sorted(HERE.glob("*messages*.jsonl")),
        HERE / "variations.jsonl",
        *sorted((HERE / "learnt").glob("*.tsv")),
    ]
    learn([file for file in files if file.stem != arguments.without])
    for file in files:
        if file.stem == arguments.without:
            report = judge((message for message, _ in messages(file)), decided)
            print(f"{file.name}: {len(report.wrong)} wrong; {report.found} of {report.autos} found")


if __name__ == "__main__":
    main()
