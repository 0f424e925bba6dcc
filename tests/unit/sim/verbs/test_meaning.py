"""What the words of a sentence mean, and when they mean nothing."""

import pytest

from tests.spoken import Spoken, played
from vmuster.drivers.simulated.hypervisor import HandError
from vmuster.model.errors import NotFound
from vmuster.model.mark import RawMark
from vmuster.model.states import MarkVerdict
from vmuster.reconcile.ownership import judge_mark
from vmuster.sim.verbs.meaning import (
    by_hand,
    domain_on,
    early_mark,
    foreign_mark,
    forged_mark,
    host_of,
    host_there,
    known_vm,
    person,
    powered,
    within_reach,
)
from vmuster.sim.verbs.verb import Pointless


def test_what_is_not_there_is_pointless() -> None:
    async def main(small: Spoken) -> None:
        world = small.world
        for find in (host_there, powered, within_reach):
            assert find(world, "alpha")
            with pytest.raises(Pointless, match="no host gamma"):
                find(world, "gamma")
        with pytest.raises(Pointless, match="no VM web"):
            known_vm(world, "web")
        await small.say("web runs on alpha")
        assert domain_on(world, "web", "alpha").name == "web"
        with pytest.raises(Pointless, match="web is not on beta"):
            domain_on(world, "web", "beta")

    played(main)


def test_a_daemon_that_does_not_answer_is_out_of_reach_and_its_guests_are_not() -> None:
    async def main(small: Spoken) -> None:
        for fault, heal in (
            ("the daemon on alpha dies", "the daemon on alpha is started"),
            ("the daemon on alpha hangs", "the daemon on alpha answers again"),
        ):
            await small.say(fault)
            assert powered(small.world, "alpha")
            with pytest.raises(Pointless, match="daemon of alpha"):
                within_reach(small.world, "alpha")
            await small.say(heal)
        assert within_reach(small.world, "alpha")
        await small.say("alpha loses power")
        with pytest.raises(Pointless, match="without power"):
            powered(small.world, "alpha")

    played(main)


def test_what_a_hypervisor_refuses_is_pointless() -> None:
    with pytest.raises(Pointless, match="it is running already"), by_hand():
        raise HandError("it is running already")
    with pytest.raises(KeyError), by_hand():
        raise KeyError("another mistake")


def test_a_person_is_the_same_one_every_time() -> None:
    async def main(small: Spoken) -> None:
        assert person(small.world, "bert") is person(small.world, "bert")
        assert person(small.world, "bert") is not person(small.world, "anna")
        assert person(small.world, "bert").name == "bert"

    played(main)


def test_a_host_is_found_by_its_name_and_else_by_its_address() -> None:
    async def main(small: Spoken) -> None:
        store = small.world.database.rows
        assert (await host_of(store, "alpha")).name == "alpha"
        await small.say("anna calls alpha west")
        assert (await host_of(store, "alpha")).name == "west"
        assert (await host_of(store, "west")).name == "west"
        with pytest.raises(NotFound):
            await host_of(store, "gamma")

    played(main)


def test_marks_are_what_they_are_called() -> None:
    async def main(small: Spoken) -> None:
        fleet, vm = await small.fleet(), small.world.vm("web")

        def verdict(raw: RawMark) -> MarkVerdict:
            return judge_mark(raw, vm, fleet.id, fleet.public_keys).verdict

        assert verdict(foreign_mark(small.world, vm)) is MarkVerdict.FOREIGN
        assert verdict(await forged_mark(small.world, vm)) is MarkVerdict.FORGED
        assert verdict(await early_mark(small.world, vm)) is MarkVerdict.OURS
        assert verdict(await early_mark(small.world, small.world.vm("db"))) is MarkVerdict.COPIED

    played(main)
