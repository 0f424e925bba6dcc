"""Ids without chance: equal for equal questions, different for everything that differs."""

import msgspec
import pytest

from tests.parts import OTHER, VM
from tests.worlds import owned
from vmuster.reconcile.derived import derived

REPORT = owned().report


def test_the_same_question_has_the_same_answer() -> None:
    assert derived(REPORT, "command", VM) == derived(REPORT, "command", VM)


@pytest.mark.parametrize(
    "changes", [{"host": OTHER}, {"epoch": 2}, {"sequence": REPORT.sequence + 1}]
)
def test_another_report_gives_another_id(changes: dict[str, object]) -> None:
    other = msgspec.structs.replace(REPORT, **changes)
    assert derived(other, "command", VM) != derived(REPORT, "command", VM)


def test_another_thing_has_another_id() -> None:
    ids = {derived(REPORT, "command", VM), derived(REPORT, "operation", VM)}
    assert len(ids | {derived(REPORT, "command"), derived(REPORT, "command", "another")}) == 4
