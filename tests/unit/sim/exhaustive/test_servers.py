"""Two servers that both believe they own a host: nothing is overwritten, and no epoch goes back."""

from collections.abc import Callable

import pytest

from tests.unit.sim.exhaustive.mistakes import staleness_that_is_ignored
from vmuster.agent import guard
from vmuster.model.states import ProofKind
from vmuster.sim.exhaustive import servers
from vmuster.sim.exhaustive.servers import Agent, Row, admitted, carried_out, contest

Plant = Callable[[pytest.MonkeyPatch], None]


def test_it_is_searched_to_its_end_and_nothing_is_found() -> None:
    found = contest()
    assert found.complete
    assert found.violations == ()
    assert found.transitions > found.states > 1000


def no_versions(patch: pytest.MonkeyPatch) -> None:
    def any_version(_now: Row, _read: Row) -> bool:
        return True

    patch.setattr(servers, "same_version", any_version)


def a_guard_that_asks_for_no_connection(patch: pytest.MonkeyPatch) -> None:
    checks = guard.STOP_CHECKS[ProofKind.RECORD]
    kept = tuple(check for check in checks if "connection" not in check.reason)
    patch.setitem(guard.STOP_CHECKS, ProofKind.RECORD, kept)


@pytest.mark.parametrize(
    ("plant", "law"),
    [
        (no_versions, "L7: an older report overwrites a newer one"),
        (staleness_that_is_ignored, "L7: an older report overwrites a newer one"),
        (a_guard_that_asks_for_no_connection, "L5: an order of an earlier owner is carried out"),
    ],
)
def test_a_planted_mistake_is_found_and_told(
    plant: Plant, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    found = dict(contest().violations)
    assert list(found) == [law]
    assert found[law][0] == "a server issues epoch 1"
    assert len(found[law]) > 4


@pytest.mark.parametrize(
    ("row", "report", "taken"),
    [
        ((2, 1), (2, 2), True),
        ((2, 1), (2, 1), False),
        ((2, 1), (1, 9), False),
        ((2, 1), (3, 1), False),
    ],
)
def test_reports_are_admitted_by_the_shipped_rule(
    row: tuple[int, int], report: tuple[int, int], taken: bool
) -> None:
    assert admitted(Row(row, 1), report) is taken


def test_orders_are_judged_by_the_shipped_guard() -> None:
    assert carried_out(Agent(2, 0, 2), (2, 1))
    assert not carried_out(Agent(2, 0, 2), (1, 1))
    assert not carried_out(Agent(1, 0, 2), (1, 1))
