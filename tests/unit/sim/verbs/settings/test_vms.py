"""VMs that are there from the beginning: each is what its sentence says, to vmuster too."""

import pytest

from tests.spoken import Spoken, played
from vmuster.model.states import HostMode, PowerState, Standing, VmPhase
from vmuster.sim.verbs.verb import Pointless

STANDINGS: dict[str, tuple[str, PowerState, Standing]] = {
    "web runs on alpha": ("web", PowerState.RUNNING, Standing.ALIEN),
    "web is stopped on alpha": ("web", PowerState.STOPPED, Standing.ALIEN),
    "web runs on alpha as i-2-7-VM": ("i-2-7-VM", PowerState.RUNNING, Standing.LOOKALIKE),
    "web is stopped on alpha as r-9-VM": ("r-9-VM", PowerState.STOPPED, Standing.LOOKALIKE),
    "web runs on alpha as i-9-99-OTHER": ("i-9-99-OTHER", PowerState.RUNNING, Standing.ALIEN),
    "web runs deaf on alpha": ("web", PowerState.RUNNING, Standing.ALIEN),
    "web runs transient on alpha": ("web", PowerState.RUNNING, Standing.ALIEN),
    "web runs on alpha with the mark of another fleet": (
        "web",
        PowerState.RUNNING,
        Standing.FOREIGN,
    ),
    "web runs on alpha with a forged mark": ("web", PowerState.RUNNING, Standing.UNPROVEN),
    "web runs on alpha with an early mark of ours": ("web", PowerState.RUNNING, Standing.ORPHAN),
}
"""Sentence: name on its host, power, what it is to us."""


@pytest.mark.parametrize("sentence", STANDINGS)
def test_a_stranger_is_seen_as_what_it_is(sentence: str) -> None:
    name, power, standing = STANDINGS[sentence]

    async def main(small: Spoken) -> None:
        await small.say(sentence)

        async def seen() -> bool:
            return bool(await small.sightings("web"))

        await small.until(seen)
        (sighting,) = await small.sightings("web")
        assert (sighting.name, sighting.power, sighting.standing) == (name, power, standing)
        domain = small.domain("web", "alpha")
        assert domain is not None
        assert domain.deaf is ("deaf" in sentence)
        assert domain.persistent is ("transient" not in sentence)
        assert small.runs("web", "alpha") is (power is PowerState.RUNNING)
        assert not small.world.truth.adopted

    played(main)


@pytest.mark.parametrize(
    ("sentence", "phase"),
    [
        ("web of ours runs on beta", VmPhase.RUNNING),
        ("web of ours is stopped on beta", VmPhase.STOPPED),
    ],
)
def test_one_of_ours_is_adopted_when_that_is_said(sentence: str, phase: VmPhase) -> None:
    async def main(small: Spoken) -> None:
        await small.say(sentence)
        record, domain = await small.record("web"), small.domain("web", "beta")
        assert record is not None
        assert domain is not None
        assert record.phase is phase
        assert domain.mark in small.world.truth.written[small.world.vm("web")]
        assert id(domain) in small.world.truth.adopted

    played(main)


def test_what_its_host_does_not_allow_is_not_adopted() -> None:
    async def main(small: Spoken) -> None:
        await small.say("host gamma")
        assert (await small.host("gamma")).mode is HostMode.OBSERVE
        with pytest.raises(Pointless, match="adopt is not allowed"):
            await small.say("web of ours runs on gamma")
        assert await small.record("web") is None

    played(main)


def test_a_name_that_is_taken_is_pointless() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web runs on alpha")
        with pytest.raises(Pointless, match="taken"):
            await small.say("db runs on alpha as web")
        assert small.domain("db", "alpha") is None

    played(main)
