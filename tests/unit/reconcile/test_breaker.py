"""When much is dark at once nothing is done, and a small cluster's bad day is not much."""

import pytest

from vmuster.reconcile.breaker import breaker


@pytest.mark.parametrize(
    ("lost", "known", "percent", "opens"),
    [
        (0, 10, 20, False),
        (2, 2, 20, False),
        (2, 10, 1, False),
        (3, 15, 20, False),
        (3, 14, 20, True),
        (3, 3, 100, False),
        (4, 10, 30, True),
        (3, 10, 30, False),
        (2_001, 10_000, 20, True),
        (2_000, 10_000, 20, False),
    ],
)
def test_more_than_so_many_percent_and_never_fewer_than_three(
    lost: int, known: int, percent: int, opens: bool
) -> None:
    assert bool(breaker(lost, known, percent)) is opens


def test_it_says_how_many() -> None:
    assert breaker(4, 10, 30).startswith("4 of 10 hosts are not up, more than 30 %")
