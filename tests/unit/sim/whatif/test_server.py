"""The shipped intake comes to what was decided, where it is told what was known then."""

import asyncio
from typing import Any

import msgspec
import pytest

from tests import worlds
from tests.parts import HOST, VM
from tests.recorded import FAIR, given
from tests.unit.sim.whatif.test_rows import holding
from tests.worlds import World, but
from vmuster.model.host import Fleet, Host
from vmuster.model.journal import JournalEntry
from vmuster.model.plan import Plan
from vmuster.model.policy import Drift
from vmuster.reconcile.idle import Calm
from vmuster.reconcile.passed import Given, again, decided
from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.whatif.rows import Rows
from vmuster.sim.whatif.server import PastClock, PastServer

WORLDS = (
    *(worlds.owned(), worlds.owned_stopped(), worlds.ghost(), worlds.lookalike()),
    *(worlds.alien(), worlds.orphan(), worlds.moved(), worlds.duplicate()),
)


class Past:
    """A server over the rows of a world."""

    def __init__(self, world: World) -> None:
        self.rows, self.loop = holding(world), SimLoop(Chance(0))
        self.server = PastServer(self.loop, self.rows, Chance(0))

    def take_in(self, was: Given) -> Plan:
        return self.loop.run(self.server.take_in(was))


def taken_in(world: World, **known: Any) -> tuple[Plan, Rows]:
    past, was = Past(world), given(world)
    past.rows.put(msgspec.structs.replace(was.fleet, intake=world.high_water))
    return past.take_in(msgspec.structs.replace(was, **known)), past.rows


@pytest.mark.parametrize("world", WORLDS)
def test_it_comes_to_what_was_decided(world: World) -> None:
    plan, rows = taken_in(world)
    assert decided(plan) == decided(again(given(world)))
    host = rows.row(Host, HOST)
    assert host is not None
    assert (host.sequence, host.last_report_at) == (world.sequence, world.now)
    assert all(seen.taken_in == given(world).recorded.intake for seen in plan.sightings)


def test_what_it_goes_by_is_what_the_rows_say() -> None:
    world = worlds.owned_stopped()
    past = Past(world)
    was = given(world)
    enforced = msgspec.structs.replace(world.policy, drift=Drift.ENFORCE)
    past.rows.put(msgspec.structs.replace(was.cluster, policy=enforced))
    assert [command.vm for command in past.take_in(was).commands] == [VM]


def test_what_no_row_says_is_as_it_was() -> None:
    soon = msgspec.structs.replace(FAIR, calm=Calm(seconds=0.0, jumped_seconds=-1.0))
    assert taken_in(worlds.ghost())[0].commands
    assert taken_in(worlds.ghost(), conditions=soon)[0].commands == ()


def test_a_report_that_is_refused_makes_no_plan_and_writes_nothing() -> None:
    past, was = Past(worlds.owned()), given(worlds.owned())
    assert not past.take_in(was).refused
    before = past.rows.row(Host, HOST)
    again_ = past.take_in(was)
    assert again_ == Plan(host=was.recorded.host, refused=again_.refused)
    assert "as new as this one" in again_.refused
    assert past.rows.row(Host, HOST) == before


def test_what_the_journal_knew_it_knows_and_no_more() -> None:
    new = but(worlds.orphan(), here=None)
    plan, rows = taken_in(new)
    assert plan.too_new == ()
    fleet = rows.row(Fleet)
    assert fleet is not None
    assert fleet.quarantine is None
    unheard = but(new, unheard_of=frozenset({VM}))
    plan, rows = taken_in(unheard)
    assert [found.vm for found in plan.too_new] == [VM]
    fleet = rows.row(Fleet)
    assert fleet is not None
    assert fleet.quarantine is not None


def test_that_the_journal_knew_is_noted_once() -> None:
    past, first = Past(worlds.owned()), given(worlds.owned())
    past.take_in(first)
    noted = [entry for entry in past.rows.every(JournalEntry) if entry.what.startswith("it was")]
    assert [entry.vm for entry in noted] == [VM]
    later = msgspec.structs.replace(first.report, sequence=first.report.sequence + 1)
    past.take_in(msgspec.structs.replace(first, report=later, at=first.at + 1))
    assert len([e for e in past.rows.every(JournalEntry) if e.what.startswith("it was")]) == 1


def test_its_clock_shows_the_moments_that_were() -> None:
    loop = SimLoop(Chance(0))
    clock = PastClock(loop, Chance(0))
    assert clock.now() > 0

    async def go() -> list[tuple[float, float]]:
        found: list[tuple[float, float]] = []
        for at in (1_700_000_000.1234567, 1_700_000_010.5, 1_700_000_005.5, 1_700_000_006.5):
            await clock.go_to(at)
            found.append((clock.now(), round(clock.monotonic(), 3)))
        return found

    assert loop.run(go()) == [
        (1_700_000_000.1234567, 0.0),
        (1_700_000_010.5, 10.377),
        (1_700_000_005.5, 10.377),
        (1_700_000_006.5, 11.377),
    ]
    assert asyncio._get_running_loop() is None  # the simulation has let go of it
