"""Rows become what a pass knows: each by its uuid, and nothing is lost on the way."""

import pytest

from tests.servers import Bench, seen, vm
from vmuster.model.mark import NO_MARK
from vmuster.model.states import OperationKind
from vmuster.server.gather import gather

pytestmark = pytest.mark.anyio


async def test_everything_that_was_loaded_is_there_by_uuid(parts: Bench) -> None:
    await parts.policy(unknown_vms="stop-by-name")
    alpha, beta = await parts.host("alpha"), await parts.host("beta")
    await parts.adopted(alpha, vm(1), vm(2))
    await parts.report(beta, seen(vm(1)), seen(vm(3), "vm-2"))
    operation = await parts.requests.power(OperationKind.STOP, vm(2), actor="ann")
    rows = await parts.store.load_host(beta.id, [vm(1), vm(2), vm(3)], ["vm-2"], since=0.0)
    assert rows is not None
    known = gather(rows, {vm(1): NO_MARK}, 77, 123.0)
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
    assert (known.intake, known.quiet_until) == (77, 123.0)
    assert (known.orphans, known.recent_stops) == (0, 0)
