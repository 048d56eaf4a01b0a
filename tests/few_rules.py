"""Rules where a test is not about rules: of the shipped ones every process takes a second and a half to make."""

import shutil
from pathlib import Path

from gateway.rules.shipped import shipped_folder

THANKS = """\
rules:
  - name: thank-you
    when: {message.text: {contains: ありがとうございました}}
    then: {auto_respond: handled, status: done}
"""


def write_few_rules(folder: Path) -> None:
    """In the gateway's own folder, in place of any that are there: whoever says thank you gets the shipped answer."""
    rules = folder / "rules"
    shutil.rmtree(rules, ignore_errors=True)
    (rules / "replies").mkdir(parents=True)
    (rules / "10-thanks.yaml").write_text(THANKS, "utf-8")
    for reply in (shipped_folder() / "replies").glob("handled.*"):
        shutil.copy(reply, rules / "replies")
