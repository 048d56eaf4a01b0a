"""From a folder to rules that may be used: everything is read, checked and tested before anything is."""

from pathlib import Path

from gateway.rules.load import load
from gateway.rules.phrasebook import load_phrasebook
from gateway.rules.problems import RulesError
from gateway.rules.ruleset import RuleSet
from gateway.rules.shipped import shipped_folder
from gateway.rules.trials import failures


def ready(folder: Path) -> RuleSet:
    """The rules of the folder, all of whose tests pass. Raises RulesError with every problem of every file."""
    check_mode = folder.resolve() != shipped_folder().resolve()  # the shipped files are as safe as the code beside them
    phrases, problems = load_phrasebook(folder, check_mode=check_mode)
    try:
        rules = load(folder, phrases, check_mode=check_mode)
    except RulesError as error:
        raise RulesError([*problems, *error.problems]) from None
    if not problems:  # without its phrases many a test fails, and says nothing new
        problems = list(failures(rules))
    if problems:
        raise RulesError(problems)
    return rules
