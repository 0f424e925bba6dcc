"""A real daemon that hangs: its host is suspect for as long as that lasts, and no other is."""

import asyncio

import pytest

from tests.system.real.fleet import RealFleet, pid
from vmuster.model.host import Host
from vmuster.model.states import HostHealth, OperationKind, OperationState, VmPhase

pytestmark = [pytest.mark.real, pytest.mark.anyio]


async def test_a_hung_daemon_makes_its_host_suspect_and_delays_no_other(fleet: RealFleet) -> None:
    """F20: the words say that the host lives; its VM keeps its state, and runs on."""
    await fleet.policy(
        suspect_after_seconds=4.0, unreachable_after_seconds=5.0, heartbeat_seconds=0.3
    )
    rig = fleet.on_alpha
    vm = await fleet.owned()
    process = pid(rig, vm)
    await fleet.recorded(vm, phase=VmPhase.RUNNING)

    async def hung() -> Host | None:
        now = await fleet.now(fleet.alpha)
        return now if "the host itself lives" in now.trouble else None

    async def up() -> bool:
        now = await fleet.now(fleet.alpha)
        return now.health is HostHealth.UP and not now.trouble

    rig.freeze_daemon()
    try:
        assert (await fleet.until(hung)).health is HostHealth.SUSPECT
        await fleet.passes(fleet.beta, 5)
        await asyncio.sleep(5.5)  # longer than a host without any sign of life is waited for
        assert (await fleet.now(fleet.alpha)).health is HostHealth.SUSPECT
        assert (await fleet.now(fleet.beta)).health is HostHealth.UP
        assert (await fleet.record(vm)).phase is VmPhase.RUNNING
    finally:
        rig.thaw_daemon()
    await fleet.until(up)
    assert pid(rig, vm) == process
    stopped = await fleet.power(OperationKind.STOP, vm, force=True)
    assert stopped.state is OperationState.DONE, stopped.message
    assert await fleet.commands(vm) == ["mark_vm", "stop_vm"]
