"""Wall clocks that are wrong, or jump. Time itself goes on as ever."""

from typing import Final

from vmuster.sim.verbs.faults.breaking import far_host_of, fault, heal
from vmuster.sim.world.world import World


async def _host_jumps(world: World, host: str, number: str) -> None:
    far_host_of(world, host).clock.wrong_by += float(number)


async def _host_right(world: World, host: str) -> None:
    far_host_of(world, host).clock.wrong_by = 0.0


async def _server_jumps(world: World, number: str) -> None:
    _set(world, world.server_wrong_by + float(number))


async def _server_right(world: World) -> None:
    _set(world, 0.0)


def _set(world: World, wrong_by: float) -> None:
    """Of the machine of the servers: those that run, and those that will."""
    world.server_wrong_by = wrong_by
    for server in world.servers:
        server.clock.wrong_by = wrong_by


CLOCKS: Final = (
    fault("the clock of {host} jumps by {number}s", _host_jumps, "Forwards, or backwards."),
    heal("the clock of {host} is right again", _host_right, "It is set."),
    fault("the clock of the server jumps by {number}s", _server_jumps, "Forwards, or backwards."),
    heal("the clock of the server is right again", _server_right, "It is set."),
)
