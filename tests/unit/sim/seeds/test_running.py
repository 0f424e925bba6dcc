"""Many seeds: the same outcomes in however many processes, and what they add up to."""

import msgspec
import pytest

from vmuster.sim.laws.law import Violation
from vmuster.sim.play import Outcome
from vmuster.sim.seeds import running
from vmuster.sim.seeds.running import (
    Broken,
    find_planted,
    first_of_each,
    outcome_of,
    run_seeds,
    tally,
)

OUTCOME = Outcome(
    seed=3,
    seconds=1800.0,
    steps=10,
    faults=7,
    violations=(),
    unmet=(),
    pointless=(),
    sometimes={"a": 1},
    digest="",
    loud=(),
    course=(),
)
BROKEN = Violation(law="L1", at=2.0, what="a stranger was stopped")


def test_outcomes_add_up_whatever_their_order() -> None:
    other = msgspec.structs.replace(
        OUTCOME, seed=1, sometimes={"a": 2, "b": 1}, violations=(BROKEN, BROKEN)
    )
    for outcomes in ([OUTCOME, other], [other, OUTCOME]):
        added = tally(outcomes, {})
        assert (added.schedules, added.simulated_hours, added.faults) == (2, 1.0, 14)
        assert added.sometimes == {"a": 3, "b": 1}
        assert added.violations == (Broken(seed=1, law="L1", what=BROKEN.what),) * 2


def test_the_json_has_the_fields_that_programs_rely_on() -> None:
    assert list(msgspec.to_builtins(tally([], {"bug": None}))) == [
        "schedules",
        "simulated_hours",
        "faults",
        "violations",
        "sometimes",
        "planted",
    ]


def test_two_processes_come_to_what_one_does() -> None:
    told = list[int]()
    alone = run_seeds([0, 1], 1, lambda: told.append(1))
    together = run_seeds([0, 1], 2, lambda: told.append(1))
    assert sorted(alone, key=lambda each: each.seed) == sorted(together, key=lambda each: each.seed)
    assert len(told) == 4
    assert alone[0].digest == outcome_of(0).digest


def test_planted_bugs_are_looked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(name: str, _seeds: object) -> int | None:
        return {"one": 4}.get(name)

    monkeypatch.setattr(running, "found", found)
    assert find_planted(["two", "one"], [1, 2], 1, lambda: None) == {"two": None, "one": 4}


def test_the_first_violation_of_each_law_says_enough() -> None:
    other = msgspec.structs.replace(BROKEN, law="L2")
    assert first_of_each([BROKEN, BROKEN, other]) == [BROKEN, other]
