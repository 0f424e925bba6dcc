"""How each row of an older database is settled: by what was seen since, and by nothing else."""

from collections.abc import Iterator
from uuid import UUID

import msgspec
import pytest

from tests import parts as part
from tests.servers import Bench
from vmuster.model.automation import Quarantine
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.ids import FleetId, KeyId, VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.states import (
    DesiredState,
    OperationKind,
    OperationState,
    PowerState,
    VmPhase,
)
from vmuster.model.vm import Sighting, VmRecord
from vmuster.server.requests.past import Past, read_past

pytestmark = pytest.mark.anyio
NOW = 9.0


def past(
    record: VmRecord | None = None, *sightings: Sighting, kind: OperationKind | None = None
) -> Past:
    return Past(
        hosts=(),
        told=frozenset(),
        whole=frozenset(seen.host for seen in sightings),
        doubted_after=0,
        records=() if record is None else (record,),
        sightings=sightings,
        operations=() if kind is None else (part.operation(kind),),
        commands=(),
    )


def marked(generation: int) -> RawMark:
    return RawMark(
        fleet=str(FleetId(UUID(int=1))),
        vm=str(part.VM),
        generation=str(generation),
        key=str(KeyId(UUID(int=2))),
        signature="00",
    )


def record_after(found: Past, before: VmRecord) -> VmRecord | None:
    """The record as it shall stand."""
    for write in found.writes("ann", NOW):
        if isinstance(write.before, VmRecord):
            assert write.before == before
            assert write.after is None or isinstance(write.after, VmRecord)
            return write.after
    return before


@pytest.mark.parametrize(
    ("power", "desired"),
    [
        (PowerState.RUNNING, DesiredState.RUNNING),
        (PowerState.PAUSED, DesiredState.RUNNING),
        (PowerState.STOPPED, DesiredState.STOPPED),
        (PowerState.CRASHED, DesiredState.STOPPED),
    ],
)
@pytest.mark.parametrize("before", [DesiredState.RUNNING, DesiredState.STOPPED])
def test_what_is_there_is_what_was_asked_for(
    before: DesiredState, power: PowerState, desired: DesiredState
) -> None:
    record = part.record(desired=before)
    after = record_after(past(record, part.sighting(power=power)), record)
    assert after == msgspec.structs.replace(record, desired=desired)


@pytest.mark.parametrize(
    "seen",
    [
        part.sighting(power=PowerState.UNKNOWN),
        part.sighting(power=PowerState.STOPPED, absent=True),
        part.copy_elsewhere(power=PowerState.STOPPED),
        None,
    ],
)
def test_what_was_not_seen_at_home_changes_nothing(seen: Sighting | None) -> None:
    record = part.record()
    assert record_after(past(record, *([seen] if seen else [])), record) == record


def test_a_newer_mark_is_taken_note_of_and_an_older_one_is_not() -> None:
    record = part.record(mark_generation=5)
    for generation, expected in ((7, 7), (3, 5)):
        seen = part.sighting(raw_mark=marked(generation))
        after = record_after(past(record, seen), record)
        assert after is not None
        assert after.mark_generation == expected


@pytest.mark.parametrize(("generation", "kept"), [(5, True), (6, False)])
def test_a_tombstone_that_a_newer_mark_belies_is_dropped(generation: int, kept: bool) -> None:
    """With its generation raised, the VM would be a ghost, which may be stopped."""
    tombstone = part.record(removed_at=1.0, phase=VmPhase.DELETED, mark_generation=5)
    seen = part.sighting(raw_mark=marked(generation), power=PowerState.RUNNING)
    after = record_after(past(tombstone, seen), tombstone)
    assert after == (tombstone if kept else None)


def test_a_request_is_closed_and_its_phase_goes_back_to_what_was_seen() -> None:
    record = part.record(phase=VmPhase.STOPPING, desired=DesiredState.STOPPED)
    found = past(record, part.sighting(), kind=OperationKind.STOP)
    after = record_after(found, record)
    assert after is not None
    assert (after.phase, after.desired) == (VmPhase.RUNNING, DesiredState.RUNNING)
    (closed,) = [w.after for w in found.writes("ann", NOW) if w.before in found.operations]
    assert closed is not None
    assert getattr(closed, "state", None) is OperationState.FAILED


def test_an_adoption_that_was_begun_leaves_what_was_there_before() -> None:
    record = part.record()
    assert record_after(past(record, kind=OperationKind.ADOPT), record) is None


def test_the_highest_number_is_that_of_marks_agents_and_records() -> None:
    assert past().highest == 0
    assert past(part.record(mark_generation=70)).highest == 70
    assert past(None, part.sighting(raw_mark=marked(80))).highest == 80
    assert past(None, part.sighting(asked_after=90)).highest == 90


def test_each_request_that_is_closed_is_written_down_by_name() -> None:
    found = past(part.record(), kind=OperationKind.STOP)
    quarantine = Quarantine(since=1.0, evidence=("a sign",), highest=7)
    whole, one = found.entries(quarantine, "ann", NOW)
    assert (whole.actor, whole.evidence["evidence"]) == ("ann", ("a sign",))
    assert (one.vm, one.operation) == (part.VM, found.operations[0].id)
    assert "stop by ann" in one.what


async def test_all_of_it_is_read_tombstones_too(parts: Bench) -> None:
    host = await parts.host()
    tombstone = part.record(host=host.id, removed_at=1.0)
    seen = part.sighting(host=host.id)
    guarded = Write(before=host, after=host)
    changes = Changes(writes=(guarded, Write(before=None, after=tombstone)), sightings=(seen,))
    assert await parts.store.commit([changes]) == [""]
    found = await read_past(parts.context)
    assert [record.uuid for record in found.records] == [part.VM]
    assert found.sightings == (seen,)
    assert await parts.store.get(Host, host.id) is not None


class Counted(tuple[Sighting, ...]):
    """Sightings that count how often they are gone through."""

    times = 0

    def __iter__(self) -> Iterator[Sighting]:
        self.times += 1
        return super().__iter__()


def test_what_was_seen_is_gone_through_once_however_many_records_there_are() -> None:
    vms = [VmUuid(UUID(int=number)) for number in range(1, 9)]
    seen = Counted(part.sighting(uuid=vm, power=PowerState.STOPPED) for vm in vms)
    records = tuple(part.record(uuid=vm, name=f"vm-{vm.int}") for vm in vms)
    found = msgspec.structs.replace(past(), records=records, sightings=seen, whole={part.HOST})
    settled = [write.after for write in found.writes("ann", NOW)]
    assert {getattr(after, "desired", None) for after in settled} == {DesiredState.STOPPED}
    assert (len(settled), seen.times) == (8, 1)
