"""How much may happen at once: each budget by itself; persons are not bound."""

import msgspec
import pytest

from tests.parts import operation
from tests.worlds import but, copy_of, ghost, owned, owned_stopped, together
from vmuster.model.policy import Policy
from vmuster.model.states import Drift, OperationKind
from vmuster.reconcile.decide import decide
from vmuster.reconcile.draft import Draft
from vmuster.reconcile.limits import bound
from vmuster.reconcile.pairing import pair

POLICY = Policy(
    stops_per_pass_max=3, stops_per_window_max=5, starts_per_pass_max=2, drift=Drift.ENFORCE
)


def drafts(stops: int = 0, starts: int = 0, requests: int = 0) -> list[Draft]:
    """Drafts that propose so many automatic stops, automatic starts, and stops by request."""
    asked = but(owned(), operation=operation(OperationKind.STOP))
    worlds = [ghost()] * stops + [owned_stopped()] * starts + [asked] * requests
    recorded, report = together(*(copy_of(world, n) for n, world in enumerate(worlds, start=1)))
    policy = msgspec.structs.replace(ghost().policy, drift=Drift.ENFORCE)
    made = [decide(p, recorded, report, policy, 0.0) for p in pair(recorded, report)]
    return [draft for draft in made if draft is not None and draft.command is not None]


@pytest.mark.parametrize(
    ("stops", "starts", "recent", "words"),
    [
        (3, 0, 0, ""),
        (4, 0, 0, "4 automatic stops in one pass"),
        (3, 0, 2, ""),
        (3, 0, 3, "6 automatic stops on this host"),
        (0, 2, 0, ""),
        (0, 3, 0, "3 automatic starts in one pass"),
        (0, 2, 100, ""),
        (3, 2, 2, ""),
    ],
)
def test_each_budget_holds_by_itself(stops: int, starts: int, recent: int, words: str) -> None:
    proposed = drafts(stops, starts)
    assert len(proposed) == stops + starts
    held = bound(proposed, POLICY, recent, False)
    assert words in held
    assert bool(held) is bool(words)


def test_requests_of_persons_count_for_nothing() -> None:
    proposed = drafts(requests=8)
    assert len(proposed) == 8
    assert bound(proposed, POLICY, 100, False) == ""


def test_an_unexplained_empty_list_holds_everything() -> None:
    assert "empty" in bound([], POLICY, 0, True)
