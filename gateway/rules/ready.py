"""From a folder to rules that may be used: everything is read, checked and tested before anything is."""

from pathlib import Path

from gateway.rules.files import Files, read
from gateway.rules.load import load
from gateway.rules.phrasebook import load_phrasebook
from gateway.rules.problems import RulesError
from gateway.rules.ruleset import RuleSet
from gateway.rules.trials import failures

__all__ = ["Files", "read", "ready", "ready_from"]


def ready(folder: Path) -> RuleSet:
    """The rules of the folder, all of whose tests pass. Raises RulesError with every problem of every file."""
    return ready_from(read(folder))


def ready_from(files: Files) -> RuleSet:
    """The same of files that were read before."""
    phrases, problems = load_phrasebook(files)
    try:
        rules = load(files, phrases)
    except RulesError as error:
        raise RulesError([*problems, *error.problems]) from None
    problems += phrases.meaningless(rules.classes)
    if not problems:  # without its phrases many a test fails, and says nothing new
        problems = list(failures(rules))
    if problems:
        raise RulesError(problems)
    return rules
