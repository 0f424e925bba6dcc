"""A service begins its conversations at the start and ends them, and no VM, at the end."""

import asyncio

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fleets import running_fleet, vm_uuid
from vmuster.model.host import Cluster, SimulatedProfile
from vmuster.model.ids import ClusterName
from vmuster.model.keys import CredentialKind
from vmuster.model.states import HostMode, PowerState
from vmuster.server.watch.sweep import Sweep

pytestmark = pytest.mark.anyio
SSH_KEY = Ed25519PrivateKey.generate().private_bytes(
    Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
)


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


async def test_hosts_are_counted_before_the_first_conversation_and_swept_until_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, talking, once = asyncio.all_tasks(), list[bool](), Sweep.once

    async def counted(sweep: Sweep) -> None:
        talking.append(len(asyncio.all_tasks() - before) > 0)
        await once(sweep)

    monkeypatch.setattr(Sweep, "once", counted)
    async with running_fleet("alpha") as fleet:
        assert not talking[0], "nobody is talked to yet"
        cluster = await fleet.store.get(Cluster, ClusterName("default"))
        assert cluster is not None
        weather, whole = fleet.service.context.weather, fleet.service.context.fleet.policy
        assert weather.dark(cluster.name, cluster.policy, whole) == ""

        async def swept() -> bool:
            return len(talking) > 3

        await fleet.until(swept)
    assert asyncio.all_tasks() == before


async def test_a_service_has_every_part_that_people_ask_for() -> None:
    async with running_fleet("alpha") as fleet:
        service, old = fleet.service, fleet.signer.key
        await service.credentials.put("web", CredentialKind.SSH, SSH_KEY, actor="ann")
        assert [each.name for each in await service.credentials.list_()] == ["web"]
        assert await service.host_keys.known("alpha", 22) == ()
        assert await service.holds.list_() == []
        rotated = await service.rotate(actor="ann")
        assert rotated.key == fleet.signer.key != old
        await fleet.restart()
        assert fleet.service.context.signer.key == rotated.key
