"""The server's process: killed, frozen, ended and started, at every await and every commit edge."""

import asyncio
from typing import Final

from vmuster.sim.verbs.faults.breaking import changes, fault, heal
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.server import SimServer
from vmuster.sim.world.world import World

_SECOND_DISK: Final = "second"
"""The disk of the machine on which a second server runs."""
_WATCH_SECONDS: Final = 2.0
"""About how long a service manager waits before it starts a dead server again."""


def _living(world: World) -> SimServer:
    """The server that was started last; raises `Pointless` where it is dead."""
    if world.server is None:
        raise Pointless("no server is alive")
    return world.server


async def _kill(world: World) -> None:
    world.kill_server(_living(world))


async def _start(world: World) -> None:
    changes(so=world.server is None, already="a server is alive")
    _ = world.start_server()


async def _restart(world: World) -> None:
    await _kill(world)
    await _start(world)


async def _end(world: World) -> None:
    server = _living(world)
    changes(so=not server.process.frozen, already="it is frozen, and would not hear")
    await world.stop_server(server)


async def _loop(world: World, number: str, seconds: str) -> None:
    for _each in range(int(number)):
        if world.server is not None:
            world.kill_server(world.server)
        _ = world.start_server()
        await asyncio.sleep(float(seconds))


async def _kill_before(world: World) -> None:
    world.database.next_edge = "before"


async def _kill_after(world: World) -> None:
    world.database.next_edge = "after"


async def _doom(world: World, number: str) -> None:
    server = _living(world)
    world.loop.doom(
        server.process,
        int(number),
        lambda: world.kill_server(server, f"killed after {number} steps"),
    )


async def _freeze(world: World) -> None:
    server = _living(world)
    changes(so=not server.process.frozen, already="it is frozen already")
    world.chronicle.note(server.process.name, "stands still")
    world.loop.freeze(server.process)


async def _thaw(world: World) -> None:
    frozen = [each for each in world.servers if each.process.alive and each.process.frozen]
    changes(so=bool(frozen), already="no server is frozen")
    world.chronicle.note(frozen[0].process.name, "goes on")
    world.loop.thaw(frozen[0].process)


async def _second(world: World) -> None:
    _ = _living(world)
    changes(so=len(_alive(world)) == 1, already="there are two already")
    _ = world.start_server(_SECOND_DISK)


async def _kill_older(world: World) -> None:
    alive = _alive(world)
    changes(so=len(alive) > 1, already="there is no older one")
    world.kill_server(alive[0])


def _alive(world: World) -> list[SimServer]:
    return [each for each in world.servers if each.process.alive]


async def _watch_over(world: World) -> None:
    """A service manager: a server that is dead, or could not begin, is started again."""
    changes(so=not world.watched_over, already="it is already")
    world.watched_over = True
    _ = world.loop.spawn(world.loop.world, _watching(world))


async def _watching(world: World) -> None:
    while True:
        server = world.server
        if server is None or server.failed:
            if server is not None:
                world.kill_server(server, "ended, for it could not begin")
            _ = world.start_server()
        await asyncio.sleep(_WATCH_SECONDS)


SERVERS: Final = (
    fault("the server is killed", _kill, "It goes no step further."),
    heal("the server is started", _start, "Over the database as it is."),
    heal("the server is watched over", _watch_over, "From now on a dead one is started again."),
    fault("the server is restarted", _restart, "It is killed and started at once."),
    fault("the server is ended", _end, "In good order, as its service manager does it."),
    fault("the server is killed {number} times every {seconds}s", _loop, "It begins, and dies."),
    fault("the server is killed before its next commit", _kill_before, "Nothing is written."),
    fault("the server is killed after its next commit", _kill_after, "Nobody hears of it."),
    fault("the server dies after {number} steps", _doom, "At any of its awaits."),
    fault("the server is frozen", _freeze, "It stands still, and knows nothing of it."),
    heal("the server is thawed", _thaw, "The one that has stood still for longest goes on."),
    fault("a second server is started", _second, "Over the same database, on another machine."),
    heal("the older server is killed", _kill_older, "One is left."),
)
