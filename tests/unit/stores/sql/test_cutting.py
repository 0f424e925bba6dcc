"""Sets are written together as long as no order among them can be seen."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from msgspec.structs import replace

from tests.conformance.stores.rows import (
    changed,
    cluster,
    dropped,
    entry,
    held_plan,
    inserted,
    other_host,
)
from tests.parts import HOST, OTHER, VM, host, record, sighting
from vmuster.model.changes import Changes, Write
from vmuster.model.ids import ClusterName
from vmuster.stores.sql.cutting import joined, runs

OWN = cluster(name=ClusterName("own"), grant=None)
FIRST, LATER = replace(OWN, version=1), replace(OWN, version=2)
PLAN, PLANNED = held_plan(version=1), held_plan(version=2)
HERE = replace(host(), version=1)
THERE = other_host(version=1)
SEEN = Changes(sightings=(sighting(),))
GUARDED = Changes(guards=(record(version=1),))
UNRECORDED = Changes(unrecorded=(VM,))
CHANGED = changed(record(version=1), record())

TOGETHER: dict[str, Sequence[Changes]] = {
    "other rows": [changed(HERE, HERE), changed(THERE, THERE), inserted(record())],
    "one guard": [GUARDED, GUARDED, UNRECORDED],
    "a guard before its row is written": [GUARDED, CHANGED],
    "entries": [Changes(entries=(entry(),)), Changes(entries=(entry(),))],
    "sightings of a host that is changed": [changed(HERE, HERE), SEEN],
    "hosts of one cluster": [inserted(host()), inserted(other_host())],
    "a row as the one before leaves it": [changed(OWN, FIRST), changed(FIRST, LATER)],
    "one name": [inserted(record()), inserted(record(uuid=UUID(int=2)))],
}
CUT: dict[str, Sequence[Changes]] = {
    "a row twice": [inserted(record()), CHANGED],
    "a row twice as it was": [changed(OWN, FIRST), changed(OWN, FIRST)],
    "a row in which something is unique": [
        changed(HERE, replace(HERE, version=2)),
        changed(replace(HERE, version=2), replace(HERE, version=3)),
    ],
    "a row that is dropped": [changed(PLAN, PLANNED), dropped(PLANNED)],
    "a guard after its row is written": [CHANGED, GUARDED],
    "a record that must not be there": [inserted(record()), UNRECORDED],
    "a sighting twice": [SEEN, SEEN],
    "a sighting that is gone": [SEEN, Changes(gone=((HOST, VM),))],
    "a host that is new": [inserted(host()), SEEN],
    "a host that becomes new": [SEEN, inserted(host())],
    "a cluster that is new": [inserted(OWN), inserted(other_host(cluster=OWN.name))],
    "the host of a plan": [inserted(other_host()), inserted(held_plan(host=OTHER))],
    "a row that may be held": [GUARDED, dropped(HERE)],
    "after a row that may be held": [dropped(OWN), GUARDED],
    "a set that relies on itself": [GUARDED, inserted(OWN, other_host(cluster=OWN.name))],
    "a set that writes a row twice": [
        GUARDED,
        Changes(writes=(*inserted(record()).writes, *CHANGED.writes)),
    ],
}


@pytest.mark.parametrize("name", TOGETHER)
def test_what_does_not_matter_to_each_other_goes_together(name: str) -> None:
    assert [list(run) for run in runs(TOGETHER[name])] == [TOGETHER[name]]


@pytest.mark.parametrize("name", CUT)
def test_what_may_matter_is_cut(name: str) -> None:
    assert [list(run) for run in runs(CUT[name])] == [[each] for each in CUT[name]]


def test_writes_of_a_row_are_one_where_each_finds_what_the_last_one_left() -> None:
    there = Write(before=THERE, after=replace(THERE, version=2))
    in_turn = [Write(before=OWN, after=FIRST), there, Write(before=FIRST, after=LATER)]
    assert list(joined(in_turn)) == [there, Write(before=OWN, after=LATER)]
    gap = [Write(before=OWN, after=FIRST), Write(before=LATER, after=replace(OWN, version=3))]
    assert list(joined(gap)) == gap


def test_a_cut_begins_anew() -> None:
    assert [len(run) for run in runs([SEEN, SEEN, GUARDED, SEEN])] == [1, 2, 1]
    assert list(runs([])) == []
