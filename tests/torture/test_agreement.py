"""The comparison finds what it is there to find: each case agrees but for one thing."""

from typing import Any
from uuid import UUID

import pytest

from tests.torture.agreement import There, disagreements

OURS, STRANGER, GONE = (UUID(int=number) for number in (1, 2, 3))
THERE = {
    ("alpha", OURS): There(runs=True, marked=True),
    ("alpha", STRANGER): There(runs=False, marked=False),
}


def view(vm: UUID, **changes: Any) -> dict[str, Any]:
    """A VM as the API shows it."""
    return {
        "uuid": str(vm),
        "host": "alpha",
        "standing": "owned",
        "finding": "in_sync",
        "power": "running",
        "phase": "running",
        "why": "it runs, as it should",
    } | changes


ALIEN = {"standing": "alien", "power": "stopped", "phase": None}
MISSING = {"standing": None, "finding": "missing", "phase": "missing", "power": "stopped"}
OWN = {OURS, GONE}


def shown(ours: dict[str, Any], stranger: dict[str, Any], gone: dict[str, Any]) -> list[str]:
    views = [
        view(OURS, **ours),
        view(STRANGER, **(ALIEN | stranger)),
        view(GONE, **(MISSING | gone)),
    ]
    return disagreements(THERE, views, OWN)


def test_what_is_shown_as_it_is_agrees() -> None:
    assert shown({}, {}, {}) == []
    assert shown({}, {}, {"finding": "unclear"}) == []


@pytest.mark.parametrize(
    ("ours", "stranger", "gone"),
    [
        ({"power": "stopped"}, {}, {}),
        ({"power": "unknown"}, {}, {}),
        ({"phase": "stopped"}, {}, {}),
        ({"standing": "unproven"}, {}, {}),
        ({}, {"power": "running"}, {}),
        ({}, {"power": "unknown"}, {}),
        ({}, {"standing": "owned"}, {}),
        ({}, {"standing": "duplicate"}, {}),
        ({}, {}, {"finding": "in_sync"}),
        ({}, {}, {"why": ""}),
        ({}, {}, {"standing": "owned"}),
        ({}, {}, {"phase": None}),
    ],
)
def test_one_thing_that_is_not_so_is_found(
    ours: dict[str, Any], stranger: dict[str, Any], gone: dict[str, Any]
) -> None:
    assert shown(ours, stranger, gone) != []


def test_a_vm_of_ours_that_lost_its_mark_is_shown_where_it_is_and_no_more() -> None:
    there = {("alpha", OURS): There(runs=True, marked=False)}
    unproven = view(OURS, standing="unproven", phase="stopped")
    assert disagreements(there, [unproven], {OURS}) == []
    assert disagreements(there, [view(OURS, host="beta")], {OURS}) != []
