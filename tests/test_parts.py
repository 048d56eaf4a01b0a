"""What the machine allows is found out at the start."""

import resource

import pytest

from gateway import parts


@pytest.mark.parametrize(
    ("soft", "hard", "places", "raised"),
    [
        (1024, 20_000, 4000, 8200),  # a shell's usual limit, which may be raised
        (16_384, 16_384, 4000, None),  # the unit's
        (1024, 2200, 1000, 2200),
        (1024, 1024, 412, 1024),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 4000, None),
    ],
)
def test_a26_no_more_connections_than_there_may_be_open_files(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, places: int, raised: int | None
) -> None:
    limits = [(soft, hard)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, wanted: limits.append(wanted))
    assert parts.places_for(4000) == places
    assert limits[1:] == ([(raised, hard)] if raised else [])
