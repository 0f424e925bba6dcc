"""What people ask of hosts and clusters."""

import pytest

from tests.spoken import Spoken, played
from vmuster.model.errors import Refused
from vmuster.model.host import Host, SimulatedProfile
from vmuster.model.states import HostMode
from vmuster.sim.verbs.verb import Pointless


async def hosts(small: Spoken) -> set[str]:
    return {host.name for host in await small.world.database.rows.find(Host)}


def test_a_machine_is_added_under_its_own_name_or_another() -> None:
    async def main(small: Spoken) -> None:
        await small.say("machine gamma", "machine delta", "anna adds cluster lab")
        await small.say(
            "anna adds gamma to lab", "bert adds delta as east", "anna adds gamma as west"
        )
        assert await hosts(small) == {"alpha", "beta", "gamma", "east", "west"}
        assert (await small.host("gamma")).cluster == "lab"
        assert (await small.host("east")).profile == SimulatedProfile(name="delta")
        with pytest.raises(Refused):
            await small.say("anna adds gamma")
        with pytest.raises(Pointless, match="no host epsilon"):
            await small.say("anna adds epsilon")

    played(main)


@pytest.mark.parametrize("mode", list(HostMode))
def test_a_mode_is_set(mode: HostMode) -> None:
    async def main(small: Spoken) -> None:
        await small.say("host gamma", f"bert sets gamma to {mode}")
        assert (await small.host("gamma")).mode is mode

    played(main)


def test_where_another_fleet_is_it_must_be_said() -> None:
    async def main(small: Spoken) -> None:
        await small.say("host gamma", "web runs on gamma with the mark of another fleet")
        await small.until(lambda: small.sightings("web"))
        with pytest.raises(Refused, match="another fleet"):
            await small.say("anna sets gamma to manage")
        await small.say("anna sets gamma to manage though another fleet is there")
        assert (await small.host("gamma")).mode is HostMode.MANAGE

    played(main)


def test_a_host_is_called_and_reached_otherwise() -> None:
    async def main(small: Spoken) -> None:
        await small.say("machine gamma", "anna calls alpha west", "anna reaches alpha at gamma")
        west = await small.host("west")
        assert west.profile == SimulatedProfile(name="gamma")
        assert await hosts(small) == {"west", "beta"}

    played(main)


def test_a_host_that_is_another_one_is_accepted_by_what_it_says() -> None:
    async def main(small: Spoken) -> None:
        with pytest.raises(Refused, match="is who it was"):
            await small.say("anna accepts alpha as it is")

        async def heard() -> bool:
            return (await small.host("alpha")).uuid is not None

        await small.until(heard)
        await small.say("somebody installs alpha anew")

        async def claims() -> bool:
            return (await small.host("alpha")).claims is not None

        await small.until(claims)
        await small.say("anna accepts alpha as it is")

        async def accepted() -> bool:
            return (await small.host("alpha")).uuid == small.world.hosts["alpha"].uuid

        await small.until(accepted)

    played(main)


def test_a_host_is_removed_once_its_vms_are_let_go() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha")
        with pytest.raises(Refused, match="1 VM"):
            await small.say("anna removes alpha")
        await small.say("anna removes alpha and releases its VMs")
        assert await hosts(small) == {"beta"}
        domain = small.domain("web", "alpha")
        assert domain is not None
        assert domain.mark is None
        assert small.runs("web", "alpha")
        await small.say("anna removes beta")
        assert await hosts(small) == set()

    played(main)


def test_a_dead_host_is_removed_with_its_records() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha", "db of ours is stopped on beta")
        with pytest.raises(Pointless, match="VMs run on alpha"):
            await small.say("anna removes alpha as dead and forgets its VMs")
        await small.say("alpha loses power", "beta is cut off")

        async def lost() -> bool:
            found = [await small.host(name) for name in ("alpha", "beta")]
            return all(host.well_since is None for host in found)

        await small.until(lost)
        for sentence in ("anna removes alpha as dead", "anna removes alpha and forgets its VMs"):
            with pytest.raises(Refused):
                await small.say(sentence)
        await small.say("anna removes alpha as dead and forgets its VMs")
        await small.say("anna removes beta and forgets its VMs")
        assert await hosts(small) == set()
        assert await small.record("web") is None

    played(main)
