"""Healing: everything that is broken is mended, and people do their part and no more."""

import asyncio
from contextlib import suppress

import pytest

from tests.spoken import Spoken, played
from vmuster.drivers.simulated.hypervisor import Faults
from vmuster.model.errors import VmusterError
from vmuster.model.host import Host
from vmuster.model.states import HostHealth
from vmuster.reconcile.holds import EMPTIED
from vmuster.sim.verbs.verb import Pointless

FAULTS = (
    "beta is cut off",
    "alpha is heard no more",
    "the line to beta flaps every 5s",
    "the line to beta is 50 times slower",
    "the line to beta loses 30%",
    "the line to beta repeats 30%",
    "the line to beta mixes up 30%",
    "alpha loses power",
    "beta loses power",
    "beta stands still",
    "alpha stands still",
    "the daemon on alpha dies",
    "the daemon on alpha hangs",
    "the daemon on beta does and does not answer",
    "beta answers slowly",
    "lists on alpha fail",
    "lists on alpha are empty",
    "web can't be read on alpha",
    "web is left out of lists on alpha",
    "web hangs on alpha",
    "the daemon on alpha forgets its VMs",
    "the daemon on alpha takes its VMs for stopped",
    "events on alpha are lost",
    "saving fails on alpha",
    "the agent of beta is frozen",
    "the agent of beta dies after 100000 steps",
    "the disk of beta is full",
    "the server is killed",
    "the server is frozen",
    "the server is killed before its next commit",
    "the server dies after 100000 steps",
    "a second server is started",
    "the database is away",
    "the database is 50 times slower",
    "the answer to the next commit is lost",
    "the clock of the server jumps by 5000s",
    "the clock of beta jumps by -5000s",
    "somebody swaps the addresses of alpha and beta",
    "somebody installs alpha anew",
    "anna says that the database was restored",
)
"""Everything that is broken, or waits for a person."""


def assert_mended(small: Spoken) -> None:
    """Nothing is broken any more, whatever it was."""
    world, database = small.world, small.world.database
    for host in world.hosts.values():
        line, there = host.line, host.hypervisor
        assert (line.up_cut, line.down_cut, line.flaps_every, host.off) == (False, False, 0, False)
        assert (line.slow, line.lost, line.repeated, line.overtaken) == (1.0, 0.0, 0.0, 0.0)
        assert there.faults == Faults()
        assert not there.bells_lost
        assert there.slow == 1.0
        assert {vm for vm, each in there.domains.items() if each.active} == there.processes
        assert not any(domain.frozen for domain in there.domains.values())
        assert not any(pages.full for pages in host.pages.values())
        assert host.clock.wrong_by == 0.0
        assert not host.agent.frozen
        assert host.agent.steps_left == 0
    assert (database.away, database.slow, database.next_edge, database.answers_lost) == (
        False,
        1.0,
        "",
        0,
    )
    alive = [server for server in world.servers if server.process.alive]
    assert alive == [world.server]
    assert alive[0].service is not None
    assert not alive[0].process.frozen
    assert alive[0].process.steps_left == 0
    assert alive[0].clock.wrong_by == world.server_wrong_by == 0.0
    assert all(world.addresses.get(name, name) == name for name in world.hosts)


async def all_up(small: Spoken) -> bool:
    hosts = await small.world.database.rows.find(Host)
    return all(host.health is HostHealth.UP for host in hosts)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_mended_and_every_host_is_heard(fault: str) -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha", "db of ours runs on beta", fault)
        await asyncio.sleep(120)
        await small.world.heal()
        assert_mended(small)
        assert (await small.fleet()).quarantine is None
        await small.until(lambda: all_up(small))

    played(main)


def test_faults_at_once_are_mended_at_once() -> None:
    async def main(small: Spoken) -> None:
        await small.say("web of ours runs on alpha", "db of ours runs on beta")
        for fault in FAULTS:
            with suppress(Pointless, VmusterError):
                await small.say(fault)
        await asyncio.sleep(30)
        await small.world.heal()
        assert_mended(small)
        await small.until(lambda: all_up(small))

    played(main)


def test_an_empty_host_that_nobody_can_look_into_is_believed_by_a_persons_word() -> None:
    async def main(small: Spoken) -> None:
        await small.say("blind host gamma", "gamma is in manage", "web of ours runs on gamma")
        await small.say("events on gamma are lost", "somebody deletes web on gamma")
        await asyncio.sleep(300)
        assert (await small.host("gamma")).trouble == EMPTIED
        await small.world.heal()

        async def believed() -> bool:
            return (await small.host("gamma")).trouble == ""

        await small.until(believed)
        assert [seen.absence_confirmed for seen in await small.sightings("web")] == [True]
        forgotten = [each for each in small.ears.requests if each.what.startswith("forgets")]
        assert len(forgotten) == 1

    played(main)


def test_of_a_vm_that_its_daemon_has_found_again_nobody_says_that_it_is_gone() -> None:
    async def main(small: Spoken) -> None:
        await small.say("blind host gamma", "gamma is in manage", "web of ours runs on gamma")
        await small.say("somebody stops web on gamma", "the daemon on gamma forgets its VMs")
        await asyncio.sleep(300)
        assert (await small.host("gamma")).trouble == EMPTIED
        await small.world.heal()
        assert small.domain("web", "gamma") is not None
        assert not [each for each in small.ears.requests if each.what.startswith("forgets")]

    played(main)


def test_what_people_have_decided_stays() -> None:
    async def main(small: Spoken) -> None:
        await small.say("anna disarms host alpha", "bert disarms the fleet")
        before = len(small.ears.requests)
        await small.world.heal()
        assert (await small.host("alpha")).disarmed is not None
        assert (await small.fleet()).disarmed is not None
        assert len(small.ears.requests) == before

    played(main)
