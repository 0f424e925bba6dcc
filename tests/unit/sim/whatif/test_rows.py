"""Rows stand where they are put, and what a pass reads of them is what one recorded."""

import asyncio

import msgspec

from tests import worlds
from tests.loaded import load_host
from tests.parts import CLUSTER, HOST, OTHER, VM, held, operation, record, sighting
from tests.recorded import given
from tests.worlds import World, but
from vmuster.model.automation import Spent
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.states import OperationKind, Standing
from vmuster.model.vm import VmRecord
from vmuster.server.passes.gather import load
from vmuster.server.passes.scope import Judged
from vmuster.sim.whatif.rows import (
    Beyond,
    Rows,
    changed,
    joined,
    place_of,
    rows_read,
    rows_recorded,
)

FULL = but(
    worlds.duplicate(),
    operation=operation(OperationKind.START),
    hold=held([OperationKind.STOP]),
    named=record(),
)


def holding(world: World) -> Rows:
    """The rows that a pass over this world had read."""
    was, rows = given(world), Rows()
    for row in (was.fleet, was.cluster, was.recorded.host):
        rows.put(row)
    for row in rows_recorded(was.recorded).values():
        rows.put(row)
    return rows


def test_what_is_put_stands_there_until_it_is_dropped() -> None:
    rows, one = Rows(), record(version=7)
    rows.put(one)
    assert rows.at(place_of(record(label="another"))) == rows.row(VmRecord, VM) == one
    rows.drop(record(label="another"))
    assert rows.at(place_of(one)) is None
    rows.drop(one)


def test_what_a_pass_had_read_is_read_again() -> None:
    was = given(FULL)
    (rows,) = asyncio.run(load(holding(FULL), (Judged(report=was.report),), was.at))
    assert rows is not None
    assert rows_read(rows) == rows_recorded(was.recorded)
    assert len(rows_read(rows)) == 5


def test_orphans_are_counted_as_the_store_counts_them() -> None:
    rows = holding(worlds.orphan())
    assert rows.orphans(CLUSTER) == 1
    rows.put(sighting(standing=Standing.ORPHAN, absent=True))
    assert rows.orphans(CLUSTER) == 0
    rows.put(sighting(host=OTHER, standing=Standing.ORPHAN))
    assert rows.orphans(CLUSTER) == 0
    host = rows.row(Host, HOST)
    assert host is not None
    rows.put(msgspec.structs.replace(host, id=OTHER, name=OTHER))
    assert rows.orphans(CLUSTER) == 1


def test_what_no_row_shows_is_added_to_what_is_read() -> None:
    rows, was = holding(worlds.orphan()), given(worlds.orphan())
    asked = (Judged(report=was.report),)
    rows.beyond = Beyond(orphans=2, spent=Spent(fleet_stops=3))
    (found,) = asyncio.run(load(rows, asked, was.at))
    assert found is not None
    assert (found.orphans, found.spent) == (3, Spent(fleet_stops=3))
    rows.beyond = Beyond(orphans=-2)
    (found,) = asyncio.run(load(rows, asked, was.at))
    assert found is not None
    assert found.orphans == 0
    assert asyncio.run(load_host(Rows(), HOST, (), (), 0.0)) is None


def test_acts_are_added_and_taken_away() -> None:
    one, other = Spent(host_stops=2, fleet_starts=1), Spent(host_stops=1)
    assert joined(one, other) == Spent(host_stops=3, fleet_starts=1)
    assert joined(one, other, -1) == Spent(host_stops=1, fleet_starts=1)


def test_who_wrote_a_row_last_is_remembered() -> None:
    rows, world = holding(FULL), FULL
    label = msgspec.structs.replace(record(), label="another")
    present = rows.row(Host, HOST)
    assert present is not None
    heard = msgspec.structs.replace(present, last_report_at=world.now)
    writes = (Write(before=present, after=heard), Write(before=record(), after=label))
    assert asyncio.run(rows.commit([Changes(writes=writes)])) == [""]
    assert rows.written == {place_of(record()): (HOST, world.now)}
    stale = msgspec.structs.replace(record(), version=9)
    asyncio.run(rows.commit([Changes(writes=(writes[0], Write(before=stale, after=label)))]))
    assert rows.written == {place_of(record()): (HOST, world.now)}


def test_what_is_otherwise_is_told_by_its_fields() -> None:
    assert changed(record(), record(version=7)) == {}
    assert changed(record(), record(label="another", version=7)) == {"label": "another"}
