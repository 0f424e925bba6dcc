"""The rows as they were follow what each pass wrote, by whatever rules it was made."""

import asyncio

import msgspec

from tests import worlds
from tests.parts import HOST, OTHER, VM
from tests.recorded import pass_over
from tests.unit.sim.whatif.test_rows import holding
from tests.worlds import World
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.states import DesiredState, VmPhase
from vmuster.model.vm import Sighting, VmRecord
from vmuster.sim.whatif.past import write_down
from vmuster.sim.whatif.rows import Rows


def written(world: World, **told: object) -> tuple[Rows, frozenset[VmUuid]]:
    """The rows after the pass over this world, which concluded as the rules say, but as `told`."""
    was, rows = pass_over(world), holding(world)
    (one,) = was.decided
    was = msgspec.structs.replace(was, decided=(msgspec.structs.replace(one, **told),))
    return rows, asyncio.run(write_down(rows, was))


def record(rows: Rows) -> VmRecord:
    found = rows.row(VmRecord, VM)
    assert found is not None
    return found


def test_a_pass_of_these_rules_wrote_all_that_it_would_write_today() -> None:
    rows, doubted = written(worlds.ghost())
    assert doubted == frozenset()
    (sent,) = rows.every(OutboxCommand)
    assert sent.vm == VM
    host = rows.row(Host, HOST)
    assert host is not None
    assert host.sequence == worlds.ghost().sequence
    stopped, _ = written(worlds.owned_stopped())
    assert record(stopped).phase is VmPhase.STOPPED


def test_of_a_pass_of_other_rules_what_it_concluded_is_known_and_no_more() -> None:
    rows, doubted = written(worlds.ghost(), act="", rule="of old")
    assert doubted == {VM}
    assert list(rows.every(OutboxCommand)) == []
    assert rows.row(Sighting, HOST, VM) is not None
    rows, _ = written(
        worlds.owned_stopped(),
        rule="of old",
        phase=VmPhase.MISSING,
        desired=DesiredState.ABSENT,
        home=OTHER,
    )
    found = record(rows)
    assert (found.phase, found.desired, found.host) == (VmPhase.MISSING, DesiredState.ABSENT, OTHER)
    rows, _ = written(worlds.owned(), rule="of old", dropped=True)
    assert rows.row(VmRecord, VM) is None


def test_a_report_that_is_refused_today_was_believed_then() -> None:
    was, rows = pass_over(worlds.owned()), holding(worlds.owned())
    late = msgspec.structs.replace(was.given.report, sequence=1)
    was = msgspec.structs.replace(was, given=msgspec.structs.replace(was.given, report=late))
    assert asyncio.run(write_down(rows, was)) == {VM}
    host = rows.row(Host, HOST)
    assert host is not None
    assert host.sequence == was.given.recorded.host.sequence
