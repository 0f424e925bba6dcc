"""How faults are made, and when they make no sense."""

import pytest

from tests.faulty import Faulty
from vmuster.sim.verbs.faults.breaking import changes, far_host_of, fault, heal
from vmuster.sim.verbs.verb import Kind, Pointless
from vmuster.sim.world.world import World


async def _nothing(_world: World) -> None:
    """Nothing."""


def test_a_fault_counts_as_one_and_a_heal_does_not() -> None:
    assert fault("it breaks", _nothing, "It is broken.").kind is Kind.FAULT
    assert heal("it is mended", _nothing, "As usual.").kind is Kind.HEAL


def test_only_a_host_with_an_agent_of_its_own_is_a_far_one() -> None:
    async def main(small: Faulty) -> None:
        assert far_host_of(small.world, "beta").name == "beta"
        with pytest.raises(Pointless, match="alpha has no agent"):
            far_host_of(small.world, "alpha")
        with pytest.raises(Pointless, match="no host gamma"):
            far_host_of(small.world, "gamma")

    Faulty().play(main)


def test_what_is_so_already_is_pointless() -> None:
    changes(so=True, already="it is off already")
    with pytest.raises(Pointless, match="it is off already"):
        changes(so=False, already="it is off already")
