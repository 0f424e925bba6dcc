"""Many seeds: the same outcomes in however many processes, and what they add up to."""

from time import process_time

import msgspec
import pytest

from vmuster.sim.laws.law import Violation
from vmuster.sim.planted.finding import Find, Search
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
MISSED = Search(find=None, schedules=3, seconds=3600.0, faults=30)
FOUND = Search(
    find=Find(seed=4, tried=1, law="L1", what="", at=1.0), schedules=2, seconds=1800.0, faults=20
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
    assert list(msgspec.to_builtins(tally([], {"bug": MISSED}))) == [
        "schedules",
        "simulated_hours",
        "faults",
        "violations",
        "sometimes",
        "planted",
    ]


def test_two_processes_come_to_what_one_does() -> None:
    told = list[int]()
    alone = run_seeds([0, 1], 1, lambda: told.append(1), process_time)
    together = run_seeds([0, 1], 2, lambda: told.append(1), process_time)
    by_seed = [sorted(each.outcomes, key=lambda one: one.seed) for each in (alone, together)]
    assert by_seed[0] == by_seed[1]
    assert len(told) == 4
    assert by_seed[0][0].digest == outcome_of(0).digest
    assert min(alone.cpu_seconds, together.cpu_seconds) > 0.0


def test_planted_bugs_are_looked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def search(name: str, _seeds: object) -> Search:
        return FOUND if name == "one" else MISSED

    monkeypatch.setattr(running, "search", search)
    searches = find_planted(["two", "one"], [1, 2], 1, lambda: None)
    assert searches == {"two": MISSED, "one": FOUND}
    assert list(searches) == ["two", "one"]


def test_a_tally_says_what_was_played_in_search_of_bugs() -> None:
    added = tally([], {"two": MISSED, "one": FOUND})
    assert added.planted == {"two": None, "one": 4}
    assert (added.schedules, added.simulated_hours, added.faults) == (5, 1.5, 50)


def test_the_first_violation_of_each_law_says_enough() -> None:
    other = msgspec.structs.replace(BROKEN, law="L2")
    assert first_of_each([BROKEN, BROKEN, other]) == [BROKEN, other]
