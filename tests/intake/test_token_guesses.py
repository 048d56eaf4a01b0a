"""T17 at a size for every day: 20,000 guesses at the keys and 500 over SMTP; `python -m tests.torture t17` does all."""

import random
from pathlib import Path

from gateway.mail.addresses import InquiryAddress, parse_local_part
from tests.torture.t17_token_guesses import answers_to, answers_to_guesses, filled, true_addresses, verified


def test_t17_a08_no_guess_is_taken_for_true() -> None:
    assert verified(20_000, random.Random(17)) == 0


async def test_t17_a08_a09_no_guess_is_let_in_and_every_true_address_is(tmp_path: Path) -> None:
    async with filled(tmp_path) as database:
        answers = await answers_to_guesses(database, tmp_path, 500, random.Random(17))
        welcome = await answers_to(database, tmp_path, list(true_addresses()))
    assert answers == {"550": 500}
    assert set(welcome) == {"250"}


def test_t17_the_true_addresses_are_written_as_clients_fold_them() -> None:
    written = list(true_addresses())
    assert all(local != local.lower() for local in written)
    assert sum(isinstance(parse_local_part(local), InquiryAddress) for local in written) == len(written) - 2
