"""A service begins its conversations at the start and ends them, and no VM, at the end."""

import pytest

from tests.fleets import running_fleet, vm_uuid
from vmuster.model.host import Cluster, SimulatedProfile
from vmuster.model.ids import ClusterName
from vmuster.model.states import HostMode, PowerState

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_host_that_is_added_is_talked_to_and_so_is_every_host_after_a_restart() -> None:
    async with running_fleet("alpha", "beta") as fleet:
        vm = vm_uuid()
        fleet.hypervisors["alpha"].define(vm, "web", running=True)
        alpha = await fleet.add_host("alpha", mode=HostMode.OBSERVE)
        before = await fleet.now(alpha)
        assert before.epoch == 1
        await fleet.restart()
        await fleet.passes(alpha, 1)
        assert (await fleet.now(alpha)).epoch == 2
        assert (await fleet.sighting(alpha, vm)) is not None
        assert fleet.hypervisors["alpha"].acts_on(vm) == 0
        assert fleet.hypervisors["alpha"].domains[vm].power is PowerState.RUNNING


async def test_hosts_are_added_to_a_cluster_under_a_plain_name() -> None:
    async with running_fleet("alpha") as fleet:
        cluster = await fleet.store.get(Cluster, ClusterName("default"))
        assert cluster is not None
        profile = SimulatedProfile(name="alpha")
        host = await fleet.service.add_host(
            name="alpha", profile=profile, cluster=cluster, actor="ann"
        )
        assert (host.cluster, host.profile, host.mode) == ("default", profile, HostMode.OBSERVE)
