"""The agent of a host and the disk under its journal: killed, frozen, full, lost, torn, old."""

from collections.abc import Callable
from typing import Final

from vmuster.sim.verbs.faults.breaking import changes, far_host_of, fault, heal
from vmuster.sim.verbs.meaning import host_there
from vmuster.sim.verbs.verb import Deed
from vmuster.sim.world.host import SimHost
from vmuster.sim.world.pages import MemoryPages
from vmuster.sim.world.world import World

_TORN_BYTES: Final = 40
"""Less than a line: the last one is torn in its middle."""


async def _kill(world: World, host: str) -> None:
    there = far_host_of(world, host)
    changes(so=not there.off, already="the host is without power")
    world.kill_agent(there)


async def _doom(world: World, host: str, number: str) -> None:
    there = far_host_of(world, host)
    changes(so=not there.off, already="the host is without power")
    world.loop.doom(there.agent, int(number), lambda: world.kill_agent(there))


async def _freeze(world: World, host: str) -> None:
    world.loop.freeze(far_host_of(world, host).agent)


async def _thaw(world: World, host: str) -> None:
    there = far_host_of(world, host)
    changes(so=not there.off, already="the host is without power")
    world.loop.thaw(there.agent)


def _pages(deed: Callable[[MemoryPages], object]) -> Deed:
    """A deed on the journals of a host's agents. It comes to light when they are read again."""

    async def do(world: World, host: str) -> None:
        for pages in _written(host_there(world, host)):
            _ = deed(pages)

    return do


def _crash(deed: Callable[[MemoryPages], object]) -> Deed:
    """A deed on the journals, while the agent on the host is down."""

    async def do(world: World, host: str) -> None:
        there = host_there(world, host)
        for pages in _written(there):
            _ = deed(pages)
        if there.far and not there.off:
            world.kill_agent(there)

    return do


def _written(host: SimHost) -> list[MemoryPages]:
    changes(so=bool(host.pages), already="no journal was ever written")
    return list(host.pages.values())


def _full(pages: MemoryPages) -> None:
    pages.full = True


def _roomy(pages: MemoryPages) -> None:
    pages.full = False


DISKS: Final = (
    fault("the agent of {host} is killed", _kill, "Its service manager starts another."),
    fault("the agent of {host} dies after {number} steps", _doom, "At any of its awaits."),
    fault("the agent of {host} is frozen", _freeze, "It stands still; its VMs run on."),
    heal("the agent of {host} is thawed", _thaw, "It goes on as if nothing had been."),
    fault("the disk of {host} is full", _pages(_full), "No journal can be written."),
    heal("the disk of {host} has room again", _pages(_roomy), "It can be written again."),
    fault("the journal of {host} is lost", _crash(MemoryPages.lose), "Its disk is a new one."),
    fault(
        "the journal of {host} is damaged",
        _crash(MemoryPages.damage),
        "One of its lines can't be read.",
    ),
    fault(
        "the journal of {host} is torn",
        _crash(lambda pages: pages.tear(_TORN_BYTES)),
        "The power went while its last line was written.",
    ),
    fault(
        "a copy of the journal of {host} is kept", _pages(MemoryPages.keep), "As a snapshot does."
    ),
    fault(
        "an older journal of {host} is back",
        _crash(MemoryPages.roll_back),
        "The disk is the copy that was kept.",
    ),
)
