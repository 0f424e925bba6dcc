"""A sighting is only touched where it is found as it was found before."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.conformance.stores.rows import house
from tests.parts import OTHER, sighting
from tests.unit.stores.sql.test_writing import verbs_of
from vmuster.model.changes import Changes
from vmuster.model.states import Finding, PowerState, Standing
from vmuster.model.vm import Sighting
from vmuster.stores.sql.opening import open_sqlite

KNOWN = sighting()
STAYS: dict[str, Sighting] = {
    "as it was": KNOWN,
    "in other words": replace(KNOWN, why="it was started", finding=Finding.PAUSED),
    "in another state": replace(KNOWN, power=PowerState.PAUSED),
}
MOVES: dict[str, Sighting] = {
    "by another name": replace(KNOWN, name="renamed"),
    "with another standing": replace(KNOWN, standing=Standing.CLONE),
    "no more": replace(KNOWN, absent=True),
    "on another host": replace(KNOWN, host=OTHER),
}


@pytest.mark.parametrize(
    ("seen", "verb"),
    [*((row, "UPDATE") for row in STAYS.values()), *((row, "INSERT") for row in MOVES.values())],
    ids=[*STAYS, *MOVES],
)
def test_what_is_found_as_before_is_touched(tmp_path: Path, seen: Sighting, verb: str) -> None:
    verbs, answer = verbs_of(
        tmp_path / "a.db", Changes(sightings=(KNOWN,)), Changes(sightings=(seen,))
    )
    assert answer == [""]
    assert [each for each in verbs if each in {"INSERT", "UPDATE"}] == [verb]


def test_it_is_as_the_last_that_is_said_of_it(tmp_path: Path) -> None:
    renamed = replace(KNOWN, name="renamed")

    async def play() -> Sighting | None:
        store = open_sqlite(tmp_path / "a.db")
        await store.commit([house(), Changes(sightings=(KNOWN,))])
        assert await store.commit([Changes(sightings=(renamed, KNOWN))]) == [""]
        seen = await store.get(Sighting, KNOWN.host, KNOWN.uuid)
        await store.close()
        return seen

    assert asyncio.run(play()) == KNOWN
