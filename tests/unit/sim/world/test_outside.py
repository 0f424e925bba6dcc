"""The keys of a simulated fleet, and a world that it never writes to."""

import asyncio

import pytest

from vmuster.model.errors import Corrupt, Unavailable
from vmuster.model.ids import KeyId
from vmuster.sim.engine.chance import Chance
from vmuster.sim.world.outside import NoHostKeys, NoPoster, NoSurroundings, SimKeyRing


def test_keys_are_of_the_seed_and_a_staged_one_counts_once_the_fleet_names_it() -> None:
    ring = SimKeyRing(Chance(1))
    assert ring.signer.public == SimKeyRing(Chance(1)).signer.public
    first, staged = ring.signer, ring.make()
    assert ring.make() is staged
    assert ring.load(first.key) is first
    assert ring.load(staged.key) is staged
    ring.settle(staged.key)
    assert ring.load(staged.key) is staged
    assert staged.earlier == (first.key,)
    with pytest.raises(Corrupt):
        ring.settle(KeyId(Chance(9).uuid()))


def test_nothing_outside_is_reached() -> None:
    async def main() -> None:
        with pytest.raises(Unavailable):
            await NoHostKeys().scan("alpha", 22)
        assert await NoHostKeys().known("alpha", 22) == ()
        with pytest.raises(Unavailable):
            await NoPoster().post("https://example.org", b"", {})
        with pytest.raises(Unavailable):
            NoSurroundings().look(deep=True)

    asyncio.run(main())
