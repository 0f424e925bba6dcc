"""Deeds by hand are deeds by hand, and what a hypervisor refuses is pointless."""

import pytest

from tests.spoken import Spoken, played
from vmuster.sim.verbs.hands.all import HANDS
from vmuster.sim.verbs.hands.hand import hand, on_vm
from vmuster.sim.verbs.meaning import powered
from vmuster.sim.verbs.verb import Kind, Pointless
from vmuster.sim.world.hypervisor import SimHypervisor


def test_a_hand_is_one() -> None:
    made = hand("somebody looks at {vm} on {host}", on_vm(SimHypervisor.acts_on), "A look.")
    assert (made.kind, made.places) == (Kind.HAND, ("vm", "host"))
    assert {verb.kind for verb in HANDS} == {Kind.HAND}


def test_a_deed_needs_a_daemon_that_answers_unless_it_is_the_guests() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web runs on alpha", "the daemon on alpha dies")
        with pytest.raises(Pointless, match="the daemon of alpha"):
            await on_vm(SimHypervisor.destroy)(small.world, "web", "alpha")
        assert small.runs("web", "alpha")
        await on_vm(SimHypervisor.guest_shutdown, powered)(small.world, "web", "alpha")
        assert not small.runs("web", "alpha")

    played(main)


def test_a_refused_deed_changes_nothing() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web runs on alpha")
        with pytest.raises(Pointless, match="running already"):
            await on_vm(SimHypervisor.start)(small.world, "web", "alpha")
        with pytest.raises(Pointless, match="no such VM"):
            await on_vm(SimHypervisor.destroy)(small.world, "web", "beta")

    played(main)
