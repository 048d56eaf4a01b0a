"""What many rules cost: deciding on a mail of 1,000 characters with 1,000 rules beside 10, and loading them.

usage: python -m benchmarks.rules [--rounds 9] [--mails 200]

Every rule has a pattern of its own. In each round both sets decide on the same mails, in CPU time, and no mail is ever
seen twice; each mail is matched by the same rules of both sets, one or two. The ratio is taken within a round. Then
mails that are matched by ten rules and more of the large set, and hostile patterns and texts at three sizes: in linear
time twice the text costs twice as much.
"""

import argparse
import random
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from gateway.rules.facts import Facts, MessageFacts
from gateway.rules.files import read
from gateway.rules.load import load
from gateway.rules.match import decide
from gateway.rules.phrasebook import load_phrasebook
from gateway.rules.ruleset import RuleSet
from gateway.rules.shipped import shipped_folder
from gateway.rules.trials import failures

SIZES = (10, 1000)
LENGTH = 1000  # characters of a mail
PER_FILE = 500  # rules
RULE = r"""
  - name: rule {0}
    when:
      message.text: {{matches: '(商品|注文){0}番.*(返品|交換)|refund {0:04}'}}
      inquiry.status: [new, unanswered]
    then:
      category: 返品
      tags: [rule{0}]
    tests:
      - {{ message: "商品{0}番を返品したいのですが", expect: match }}
"""
SENTENCES = (
    "お世話になっております。",
    "先日そちらで購入した商品について質問があります。",
    "注文{}番の商品がまだ届いていないのですが、いつ頃になりますでしょうか。",
    "サイズが合わなかったため、交換をお願いしたいです。",
    "写真を見る限り、色は青に近いようです。",
    "来週の{}日までに必要です。",
    "Please tell me how to get a refund {:04}.",
    "商品{}番は返品できますか。",
    "お手数ですがよろしくお願いいたします。\n",
)
HOSTILE = ("(a+)+$", "(?:a?){100}a{100}", ".{0,160}x.{0,160}y")


def rule_set(count: int, folder: Path) -> RuleSet:
    for first in range(0, count, PER_FILE):
        written = "".join(RULE.format(number) for number in range(first, min(first + PER_FILE, count)))
        (folder / f"{first:04}.yaml").write_text("rules:" + written, "utf-8")
    rules = load(read(folder), load_phrasebook(read(shipped_folder()))[0])
    assert not list(failures(rules)), "the rules pass their tests"
    return rules


def mail(dice: random.Random, numbers: range) -> str:
    """A mail that names one number below 10, and others from `numbers`."""
    text = f"商品{dice.randrange(SIZES[0])}番を返品します。"
    while len(text) < LENGTH:
        text += dice.choice(SENTENCES).format(dice.choice(numbers))
    return text[:LENGTH]


def mails(dice: random.Random, count: int, numbers: range) -> list[Facts]:
    return [Facts(message=MessageFacts(text=mail(dice, numbers))) for _ in range(count)]


def deciding(rules: RuleSet, facts: list[Facts]) -> float:
    """Milliseconds a mail."""
    start = process_time()
    for one in facts:
        decide(rules, one)
    return (process_time() - start) * 1000 / len(facts)


def hostile() -> None:
    print("\nhostile pattern              16,000    32,000    64,000 characters, ms")
    for pattern in HOSTILE:
        with TemporaryDirectory() as folder:
            rule = f"rules:\n- {{name: a, when: {{message.text: {{matches: '{pattern}'}}}}, then: {{stop: true}}}}\n"
            (Path(folder) / "a.yaml").write_text(rule, "utf-8")
            rules = load(read(Path(folder)), load_phrasebook(read(shipped_folder()))[0])
        sizes = (16_000, 32_000, 64_000)
        texts = [Facts(message=MessageFacts(text="ax" * (size // 2) + "!")) for size in sizes]
        print(f"{pattern:24}" + "".join(f"{deciding(rules, [text]):10.2f}" for text in texts))


def compare(sets: dict[int, RuleSet], rounds: list[list[Facts]]) -> None:
    runs: dict[int, list[float]] = {size: [] for size in sets}
    for facts in rounds:
        for size, rules in sets.items():
            runs[size].append(deciding(rules, facts))
    for size, times in runs.items():
        matches = statistics.mean(len(decide(sets[size], one).matches) for one in rounds[0])
        least, most = min(times), max(times)
        print(
            f"{size:5} rules: {statistics.median(times):.3f} ms ({least:.3f}-{most:.3f}), {matches:.1f} matches a mail"
        )
    ratios = [large / small for small, large in zip(*runs.values(), strict=True)]
    print(f"ratio: {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}); the goal is at most 2")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--mails", type=int, default=200)
    options = parser.parse_args()
    sets: dict[int, RuleSet] = {}
    for size in SIZES:
        with TemporaryDirectory() as folder:
            start = process_time()
            sets[size] = rule_set(size, Path(folder))
            print(f"loading {size} rules with a test each, checked and tested: {process_time() - start:.2f} s of CPU")
    dice = random.Random(1)
    for title, numbers in (("as many matches", range(2000, 9000)), ("more matches", range(SIZES[1]))):
        print(f"\n{title} with {SIZES[1]} rules as with {SIZES[0]}")
        compare(sets, [mails(dice, options.mails, numbers) for _ in range(options.rounds)])
    hostile()


if __name__ == "__main__":
    main()
