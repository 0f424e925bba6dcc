"""Hypervisors and hosts that break: each sentence does what it says, and is mended by its heal."""

from collections.abc import Callable

import pytest

from tests.faulty import Faulty
from vmuster.drivers.simulated.hypervisor import Hang
from vmuster.model.states import PowerState
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.hypervisor import SimHypervisor

_VALUES: dict[str, tuple[str, Callable[[SimHypervisor], object], object, object]] = {
    "the daemon on beta dies": (
        "the daemon on beta is started",
        lambda there: there.faults.dead,
        True,
        False,
    ),
    "the daemon on beta hangs": (
        "the daemon on beta answers again",
        lambda there: there.faults.hang,
        Hang.BEFORE,
        Hang.NO,
    ),
    "the daemon on beta does and does not answer": (
        "the daemon on beta answers again",
        lambda there: there.faults.hang,
        Hang.AFTER,
        Hang.NO,
    ),
    "beta answers slowly": (
        "beta answers fast again",
        lambda there: there.slow > 1,
        True,
        False,
    ),
    "lists on beta fail": (
        "lists on beta succeed again",
        lambda there: there.faults.listing_fails,
        True,
        False,
    ),
    "lists on beta are empty": (
        "lists on beta are whole again",
        lambda there: there.faults.empty_listing,
        True,
        False,
    ),
    "web-beta can't be read on beta": (
        "web-beta is shown on beta again",
        lambda there: len(there.faults.sick),
        1,
        0,
    ),
    "web-beta is left out of lists on beta": (
        "web-beta is shown on beta again",
        lambda there: len(there.faults.hidden),
        1,
        0,
    ),
    "web-beta hangs on beta": (
        "web-beta goes on on beta",
        lambda there: [each.frozen for each in there.domains.values()],
        [True],
        [False],
    ),
    "events on beta are lost": (
        "events on beta are heard again",
        lambda there: there.bells_lost,
        True,
        False,
    ),
    "saving fails on beta": (
        "saving works on beta again",
        lambda there: there.faults.save_fails,
        True,
        False,
    ),
    "beta loses power": (
        "beta is powered on",
        lambda there: there.faults.gone,
        True,
        False,
    ),
    "the daemon on beta forgets its VMs": (
        "the daemon on beta remembers its VMs",
        lambda there: len(there.domains),
        0,
        1,
    ),
    "the daemon on beta takes its VMs for stopped": (
        "the daemon on beta remembers its VMs",
        lambda there: [each.power for each in there.domains.values()],
        [PowerState.STOPPED],
        [PowerState.RUNNING],
    ),
}


@pytest.mark.parametrize("sentence", _VALUES)
def test_a_daemon_is_so_until_it_is_mended(sentence: str) -> None:
    healed, value, broken, whole = _VALUES[sentence]

    async def main(small: Faulty) -> None:
        there = small.host_there("beta").hypervisor
        assert value(there) == whole
        await small.happens(sentence)
        assert value(there) == broken
        assert value(small.host_there("alpha").hypervisor) == whole
        await small.happens(healed)
        assert value(there) == whole

    Faulty().play(main)


@pytest.mark.parametrize(
    "sentence",
    [
        "the daemon on beta dies",
        "the daemon on beta is restarted",
        "the daemon on beta forgets its VMs",
        "the daemon on beta takes its VMs for stopped",
        "beta stands still",
    ],
)
def test_vms_run_on_whatever_becomes_of_the_daemon(sentence: str) -> None:
    async def main(small: Faulty) -> None:
        await small.happens(sentence)
        assert small.world.vm("web-beta") in small.host_there("beta").hypervisor.processes

    Faulty().play(main)


def test_a_daemon_that_is_restarted_has_another_life() -> None:
    async def main(small: Faulty) -> None:
        life = small.host_there("beta").hypervisor.life
        await small.happens("the daemon on beta is restarted")
        assert small.host_there("beta").hypervisor.life == life + 1

    Faulty().play(main)


def test_vms_end_with_the_power() -> None:
    async def main(small: Faulty) -> None:
        boot, agent = small.host_there("beta").hypervisor.boot_id, small.host_there("beta").agent
        await small.happens("beta loses power")
        assert not small.host_there("beta").hypervisor.processes
        assert not agent.alive
        await small.happens("beta is powered on")
        assert small.host_there("beta").hypervisor.boot_id != boot

    Faulty().play(main)


def test_a_host_stands_still_with_its_agent_or_out_of_reach() -> None:
    async def main(small: Faulty) -> None:
        alpha, beta = small.host_there("alpha"), small.host_there("beta")
        await small.happens("alpha stands still", "beta stands still")
        assert alpha.hypervisor.faults.gone
        assert beta.agent.frozen
        await small.happens("alpha goes on", "beta goes on")
        assert not alpha.hypervisor.faults.gone
        assert not beta.agent.frozen

    Faulty().play(main)


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("the daemon on beta dies", "the daemon on beta dies"),
        ("beta loses power", "the daemon on beta is restarted"),
        ("beta loses power", "beta loses power"),
        ("beta loses power", "beta stands still"),
        ("beta loses power", "beta reboots"),
        ("beta loses power", "beta goes on"),
        ("the daemon on beta is restarted", "beta is powered on"),
        ("the daemon on beta is restarted", "the daemon on beta is started"),
        ("the daemon on beta takes its VMs for stopped", "web-beta hangs on beta"),
        ("the daemon on beta is restarted", "web-beta goes on on beta"),
        ("the daemon on beta is restarted", "web-alpha can't be read on beta"),
        ("the daemon on beta is restarted", "gamma stands still"),
    ],
)
def test_what_can_not_be_is_pointless(before: str, sentence: str) -> None:
    async def main(small: Faulty) -> None:
        await small.happens(before)
        with pytest.raises(Pointless):
            await small.happens(sentence)

    Faulty().play(main)
