"""Hosts and clusters that are there from the beginning."""

import pytest

from tests.spoken import Spoken, played
from vmuster.model.host import Cluster, Host
from vmuster.model.states import HostMode
from vmuster.sim.verbs.verb import Pointless

KINDS: dict[str, tuple[bool, bool, str]] = {
    "host gamma": (False, False, "default"),
    "host gamma with an agent": (True, False, "default"),
    "blind host gamma": (False, True, "default"),
    "host gamma in lab": (False, False, "lab"),
    "host gamma with an agent in lab": (True, False, "lab"),
    "blind host gamma in lab": (False, True, "lab"),
}
"""Sentence: far, blind, cluster."""


@pytest.mark.parametrize("sentence", KINDS)
def test_a_host_is_of_the_fleet_and_in_observe(sentence: str) -> None:
    far, blind, cluster = KINDS[sentence]

    async def main(small: Spoken) -> None:
        await small.say(sentence)
        there, record = small.world.hosts["gamma"], await small.host("gamma")
        assert (there.far, there.blind) == (far, blind)
        assert (record.cluster, record.mode) == (cluster, HostMode.OBSERVE)

        async def heard() -> bool:
            return (await small.host("gamma")).last_complete_at is not None

        await small.until(heard)

    played(main)


@pytest.mark.parametrize(
    ("sentence", "far", "blind"),
    [
        ("machine gamma", False, False),
        ("machine gamma with an agent", True, False),
        ("blind machine gamma", False, True),
    ],
)
def test_a_machine_is_of_no_fleet_yet(sentence: str, far: bool, blind: bool) -> None:
    async def main(small: Spoken) -> None:
        await small.say(sentence)
        there = small.world.hosts["gamma"]
        assert (there.far, there.blind) == (far, blind)
        assert not await small.world.database.rows.find(Host, name="gamma")

    played(main)


def test_a_host_that_is_there_is_not_made_anew() -> None:
    async def main(small: Spoken) -> None:
        before = small.world.hosts["alpha"]
        with pytest.raises(Pointless, match="alpha is there already"):
            await small.say("host alpha with an agent")
        assert small.world.hosts["alpha"] is before

    played(main)


def test_a_cluster_is_made_once() -> None:
    async def main(small: Spoken) -> None:
        await small.say("cluster lab", "cluster lab", "host gamma in lab")
        assert [each.name for each in await small.world.database.rows.find(Cluster)] == [
            "default",
            "lab",
        ]

    played(main)


@pytest.mark.parametrize("mode", list(HostMode))
def test_a_host_is_in_a_mode(mode: HostMode) -> None:
    async def main(small: Spoken) -> None:
        await small.say("host gamma", f"gamma is in {mode}")
        assert (await small.host("gamma")).mode is mode

    played(main)
