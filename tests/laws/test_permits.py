"""Each check of a permit refuses by itself, and without it something unproven would be done.

Every moment is fully valid, with real signatures, but for one flaw (`permit_flaws.py`). A check
without a flaw of its own fails.
"""

from collections.abc import Iterator

import msgspec
import pytest

from tests import moments
from tests.laws.permit_flaws import FLAWS
from tests.moments import MARK, START, STOPS, UNMARK
from tests.parts import VM
from vmuster.agent import guard
from vmuster.agent.guard import (
    MARK_CHECKS,
    START_CHECKS,
    STOP_CHECKS,
    UNMARK_CHECKS,
    Check,
    Moment,
    permit_mark,
    permit_start,
    permit_stop,
    permit_unmark,
)
from vmuster.model.commands import MarkVm, StartVm, StopVm
from vmuster.model.permits import (
    MarkPermit,
    Refusal,
    StartPermit,
    StopPermit,
    UnmarkPermit,
)
from vmuster.model.states import ProofKind

Permit = StopPermit | StartPermit | MarkPermit | UnmarkPermit

TABLES: dict[str, tuple[Check, ...]] = {
    **{f"stop by {kind}": checks for kind, checks in STOP_CHECKS.items()},
    "start": START_CHECKS,
    "mark": MARK_CHECKS,
    "unmark": UNMARK_CHECKS,
}
VALID = {
    **{f"stop by {kind}": moment for kind, moment in STOPS.items()},
    "start": START,
    "mark": MARK,
    "unmark": UNMARK,
}


def ask(moment: Moment) -> Permit | Refusal:
    match moment.command:
        case StopVm() as command:
            return permit_stop(moment, command)
        case MarkVm() as command:
            return permit_mark(moment, command)
        case StartVm():
            return permit_start(moment)
        case _:
            return permit_unmark(moment)


def without(table: str, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    others = tuple(other for other in TABLES[table] if other is not check)
    by_proof = {f"stop by {kind}": kind for kind in ProofKind}
    if table in by_proof:
        monkeypatch.setitem(STOP_CHECKS, by_proof[table], others)
    else:
        monkeypatch.setattr(guard, f"{table.upper()}_CHECKS", others)


def cases() -> Iterator[tuple[str, Check, Moment | None]]:
    """Each check with each of its flawed moments; None where a check has no flaw yet."""
    for table, checks in TABLES.items():
        for check in checks:
            for moment in FLAWS[table].get(check.reason, [None]):
                yield table, check, moment


@pytest.mark.parametrize("table", VALID)
def test_the_valid_moment_is_permitted_for_this_very_vm(table: str) -> None:
    permit = ask(VALID[table])
    assert not isinstance(permit, Refusal)
    assert permit.vm == VM


@pytest.mark.parametrize(("table", "check", "moment"), [*cases()])
def test_each_check_of_a_permit_stands_alone(
    table: str, check: Check, moment: Moment | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert moment is not None, "a check needs a moment in which it alone refuses"
    assert ask(moment) == Refusal(reason=check.reason)
    without(table, check, monkeypatch)
    assert not isinstance(ask(moment), Refusal)


def test_no_flaw_is_of_a_check_that_is_gone() -> None:
    for table, flaws in FLAWS.items():
        assert flaws.keys() == {check.reason for check in TABLES[table]}


def test_a_fence_proof_permits_nothing_yet() -> None:
    moment = msgspec.structs.replace(START, command=moments.fenced())
    assert isinstance(ask(moment), Refusal)
