"""Copies are other VMs than the one that was adopted, whatever they bear."""

import pytest

from tests.spoken import Spoken, played
from vmuster.drivers.simulated.domain import Domain
from vmuster.sim.verbs.verb import Pointless


def both(small: Spoken, origin: tuple[str, str], copy: tuple[str, str]) -> tuple[Domain, Domain]:
    """The VM that was there, and its copy; the first was adopted, and the other never."""
    one, other = small.domain(*origin), small.domain(*copy)
    assert one is not None
    assert other is not None
    assert other.mark == one.mark
    assert id(one) in small.world.truth.adopted
    assert id(other) not in small.world.truth.adopted
    return one, other


@pytest.mark.parametrize(
    ("sentence", "host"),
    [
        ("somebody clones web on alpha as web2", "alpha"),
        ("somebody clones web from alpha to beta as web2", "beta"),
    ],
)
def test_a_clone_has_a_uuid_of_its_own_and_our_mark(sentence: str, host: str) -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha", sentence)
        origin, clone = both(small, ("web", "alpha"), ("web2", host))
        assert origin.uuid != clone.uuid
        assert clone.name == "web2"
        assert not clone.active
        with pytest.raises(Pointless, match="a name of its own"):
            await small.say("somebody clones web from alpha to beta as web")

    played(main)


@pytest.mark.parametrize(
    ("sentence", "runs"),
    [
        ("somebody copies web from alpha to beta", False),
        ("somebody copies web from alpha to beta and starts it", True),
    ],
)
def test_a_copy_has_the_same_uuid(sentence: str, runs: bool) -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha", sentence)
        origin, copy = both(small, ("web", "alpha"), ("web", "beta"))
        assert (copy.uuid, copy.name) == (origin.uuid, origin.name)
        assert small.runs("web", "beta") is runs
        assert small.runs("web", "alpha")
        with pytest.raises(Pointless, match="taken"):
            await small.say(sentence)

    played(main)
