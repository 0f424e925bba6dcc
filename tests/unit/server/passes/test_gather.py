"""Rows become what a pass knows: each by its uuid, and nothing is lost on the way."""

import msgspec
import pytest

from tests.loaded import load_host
from tests.parts import held
from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.automation import Quarantine, Spent
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.mark import NO_MARK
from vmuster.model.policy import WINDOW_SECONDS, FleetPolicy
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, OperationKind
from vmuster.model.vm import VmObservation
from vmuster.server.passes.gather import gather, load
from vmuster.server.passes.scope import Judged

pytestmark = pytest.mark.anyio


async def test_everything_that_was_loaded_is_there_by_uuid(parts: Bench) -> None:
    await parts.policy(unknown_vms="stop-by-name")
    alpha, beta = await parts.host("alpha"), await parts.host("beta")
    await parts.adopted(alpha, vm(1), vm(2))
    await parts.report(beta, seen(vm(1)), seen(vm(3), "vm-2"))
    operation = await parts.requests.power(OperationKind.STOP, vm(2), actor="ann")
    rows = await load_host(parts.store, beta.id, [vm(1), vm(2), vm(3)], ["vm-2"], since=0.0)
    assert rows is not None
    unheard = frozenset({vm(3)})
    known = gather(rows, {vm(1): NO_MARK}, intake=77, idle="it rests", unheard_of=unheard)
    assert known.host == await parts.now(beta)
    assert known.instance == "VM"
    assert known.records == {vm(n): await parts.record(vm(n)) for n in (1, 2)}
    assert known.here.keys() == {vm(1), vm(3)}
    assert {uuid: [s.host for s in found] for uuid, found in known.elsewhere.items()} == {
        vm(1): [alpha.id],
        vm(2): [alpha.id],
    }
    assert known.named == {"vm-2": await parts.record(vm(2))}
    assert known.marks == {vm(1): NO_MARK}
    assert known.operations[vm(2)].id == operation.id
    assert known.grant == (await parts.cluster()).grant
    assert (known.intake, known.idle, known.unheard_of) == (77, "it rests", unheard)
    assert (known.orphans, known.hold, known.quarantined) == (0, None, "")
    assert known.high_water == rows.fleet.intake >= parts.context.intakes.last
    trusting = msgspec.structs.replace(rows.fleet, trusted=7)
    later = gather(
        msgspec.structs.replace(rows, fleet=trusting), {}, intake=1, idle="", unheard_of=unheard
    )
    assert (known.trusted, later.trusted) == (0, 7)


async def test_budgets_holds_and_the_quarantine_come_from_their_rows(parts: Bench) -> None:
    host = await parts.host()
    rows = await load_host(parts.store, host.id, [], [], since=0.0)
    assert rows is not None
    policy = FleetPolicy(stops_per_window_max=7)
    old = Quarantine(since=1.0, evidence=("web-01: its mark is newer",), highest=9)
    rows = msgspec.structs.replace(
        rows,
        fleet=msgspec.structs.replace(rows.fleet, policy=policy, quarantine=old),
        spent=Spent(host_stops=3),
        hold=held([OperationKind.STOP]),
    )
    known = gather(rows, {}, intake=1, idle="", unheard_of=frozenset())
    assert (known.fleet_policy, known.spent, known.hold) == (policy, rows.spent, rows.hold)
    assert "web-01: its mark is newer" in known.quarantined


async def test_the_rows_are_those_of_every_vm_that_a_report_names_and_of_its_window(
    parts: Bench,
) -> None:
    await parts.policy(drift="enforce")
    alpha, beta = await parts.host("alpha"), await parts.host("beta")
    await parts.adopted(alpha, vm(1), vm(2), vm(3), vm(4))
    shown = [seen(vm(n), mark=parts.mark(vm(n))) for n in (2, 3, 4)]
    await parts.report(alpha, seen(vm(1), power=STOPPED, mark=parts.mark(vm(1))), *shown)
    spent_at = parts.clock.now()
    one, other = (
        _judged(
            host.id,
            seen(vm(2), "renamed"),
            seen(vm(9), "vm-4"),
            absent=(vm(1),),
            held=(vm(3),),
        )
        for host in (alpha, beta)
    )
    gone = _judged(HostId("h-gone"))
    loaded = await load(parts.store, [one, gone, other], spent_at)
    assert loaded[1] is None
    for host, rows, starts in ((alpha, loaded[0], 1), (beta, loaded[2], 0)):
        assert rows is not None
        assert {record.uuid for record in rows.records}.issuperset({vm(1), vm(2), vm(3)})
        assert [record.uuid for record in rows.named] == [vm(4)]
        assert (rows.host.id, rows.spent.host_starts) == (host.id, starts)
    for passed, starts in ((WINDOW_SECONDS, 1), (WINDOW_SECONDS + 1, 0)):
        (rows,) = await load(parts.store, [_judged(alpha.id)], spent_at + passed)
        assert rows is not None
        assert rows.spent.host_starts == starts


async def test_of_a_scope_the_rows_are_those_of_its_vms_alone(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, *(vm(number) for number in range(1, 5)))
    scope = msgspec.structs.replace(_judged(host.id, seen(vm(2))), vanished=(vm(3),), others=2)
    for whole, numbers in ((False, (2, 3)), (True, (1, 2, 3, 4))):
        asked = msgspec.structs.replace(scope, whole=whole)
        (rows,) = await load(parts.store, [asked], parts.clock.now())
        assert rows is not None
        assert {record.uuid for record in rows.records} == {vm(number) for number in numbers}
        known = gather(rows, {}, intake=1, idle="", unheard_of=frozenset(), others=asked.others)
        assert (known.here.keys(), known.others) == (known.records.keys(), 2)


def _judged(
    host: HostId,
    *vms: VmObservation,
    absent: tuple[VmUuid, ...] = (),
    held: tuple[VmUuid, ...] = (),
) -> Judged:
    report = HostReport(
        host=host,
        epoch=1,
        sequence=1,
        boot_id="boot-1",
        completeness=Completeness.COMPLETE,
        vms=vms,
        absent=absent,
        held=held,
    )
    return Judged(report=report)
