"""Whole hosts in the hands of people."""

import pytest

from tests.spoken import Spoken, played
from vmuster.model.states import HostHealth
from vmuster.sim.verbs.verb import Pointless


def test_vms_that_ran_start_with_their_host() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web runs on beta", "db is stopped on beta", "mail runs transient on beta")
        boot, agent = small.hypervisor("beta").boot_id, small.world.hosts["beta"].agent
        await small.say("beta reboots and its VMs start again")
        assert small.hypervisor("beta").boot_id != boot
        assert small.world.hosts["beta"].agent is not agent
        assert [small.runs(vm, "beta") for vm in ("web", "db", "mail")] == [True, False, False]
        assert len(small.world.truth.runs["beta", small.world.vm("web")]) == 2
        await small.say("beta loses power")
        with pytest.raises(Pointless, match="without power"):
            await small.say("beta reboots and its VMs start again")

    played(main)


@pytest.mark.parametrize("host", ["alpha", "beta"])
def test_a_host_that_is_installed_anew_is_another_one(host: str) -> None:
    async def main(small: Spoken) -> None:
        await small.say(f"web of ours runs on {host}")
        there = small.world.hosts[host]
        before = there.uuid
        await small.say(f"somebody installs {host} anew")
        assert there.uuid != before
        assert there.hypervisor.domains == {}
        assert not small.runs("web", host)
        kept = {disk for (disk, _), pages in there.pages.items() if pages.data}
        assert kept == ({"servers"} if host == "alpha" else set())

        async def refused() -> bool:
            return (await small.host(host)).claims == there.uuid

        await small.until(refused)

    played(main)


def test_a_host_of_an_image_is_taken_for_the_one_that_the_image_is_of() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web runs on beta")
        alpha, beta = small.world.hosts["alpha"], small.world.hosts["beta"]
        await small.say("somebody installs beta from the image of alpha")
        assert beta.uuid == alpha.uuid
        assert not small.runs("web", "beta")

        async def refused() -> bool:
            return (await small.host("beta")).claims == alpha.uuid

        await small.until(refused)
        assert (await small.host("alpha")).claims is None
        with pytest.raises(Pointless, match="one host"):
            await small.say("somebody installs alpha from the image of alpha")

    played(main)


def test_hosts_with_each_others_addresses_are_refused_until_they_are_right_again() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha", "db of ours runs on beta")
        swap = "somebody swaps the addresses of alpha and beta"
        await small.say(swap)

        async def refused() -> bool:
            found = [await small.host(name) for name in ("alpha", "beta")]
            return all(host.claims is not None for host in found)

        await small.until(refused)
        await small.say(swap)

        async def well() -> bool:
            found = [await small.host(name) for name in ("alpha", "beta")]
            return all(host.health is HostHealth.UP and host.claims is None for host in found)

        await small.until(well)
        with pytest.raises(Pointless, match="one host"):
            await small.say("somebody swaps the addresses of alpha and alpha")

    played(main)
