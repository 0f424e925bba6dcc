"""The line to a host: cut, one way or both, flapping, slow, unruly."""

from typing import Final

from vmuster.sim.verbs.faults.breaking import changes, far_host_of, fault, heal
from vmuster.sim.verbs.meaning import host_there
from vmuster.sim.world.host import SimHost
from vmuster.sim.world.world import World


async def _cut(world: World, host: str) -> None:
    host_there(world, host).cut(up=True, down=True)


async def _cut_up(world: World, host: str) -> None:
    host_there(world, host).cut(up=True, down=False)


async def _cut_down(world: World, host: str) -> None:
    host_there(world, host).cut(up=False, down=True)


async def _flap(world: World, host: str, seconds: str) -> None:
    """The line is whole and cut in turns, until it is mended."""
    there, every = host_there(world, host), float(seconds)
    changes(so=not there.line.flaps_every and every > 0, already="it flaps already")
    there.line.flaps_every = every
    _turn(world, there)


def _turn(world: World, host: SimHost) -> None:
    line = host.line
    if line.flaps_every:
        cut = not line.up_cut
        host.cut(up=cut, down=cut)
        at = world.loop.time() + line.flaps_every
        world.loop.post_at(at, world.loop.world, _turn, world, host)


async def _whole(world: World, host: str) -> None:
    there = host_there(world, host)
    there.line.flaps_every = 0.0
    there.cut(up=False, down=False)


async def _all_cut(world: World) -> None:
    for host in world.hosts.values():
        host.cut(up=True, down=True)


async def _all_whole(world: World) -> None:
    for name in world.hosts:
        await _whole(world, name)


async def _slow(world: World, host: str, number: str) -> None:
    far_host_of(world, host).line.slow = max(1.0, float(number))


async def _lose(world: World, host: str, share: str) -> None:
    far_host_of(world, host).line.lost = _share(share)


async def _repeat(world: World, host: str, share: str) -> None:
    far_host_of(world, host).line.repeated = _share(share)


async def _overtake(world: World, host: str, share: str) -> None:
    far_host_of(world, host).line.overtaken = _share(share)


async def _quiet(world: World, host: str) -> None:
    host_there(world, host).line.quiet()


def _share(percent: str) -> float:
    return min(1.0, int(percent) / 100)


NETWORK: Final = (
    fault("{host} is cut off", _cut, "Nothing goes to it, nothing comes from it."),
    fault("{host} is heard no more", _cut_up, "It hears, and nothing comes from it."),
    fault("{host} hears nothing", _cut_down, "Nothing goes to it; what it says arrives."),
    fault("the line to {host} flaps every {seconds}s", _flap, "It is cut and whole in turns."),
    heal("{host} is reached again", _whole, "The line to it is whole, and stays so."),
    fault("every host is cut off", _all_cut, "The servers are alone."),
    heal("every host is reached again", _all_whole, "All lines are whole."),
    fault("the line to {host} is {number} times slower", _slow, "Everything arrives late."),
    fault("the line to {host} loses {share}%", _lose, "Messages are lost, as on a bus."),
    fault("the line to {host} repeats {share}%", _repeat, "Messages come twice, some much later."),
    fault("the line to {host} mixes up {share}%", _overtake, "Messages overtake each other."),
    heal("the line to {host} is quiet again", _quiet, "Nothing is lost, late, twice or too early."),
)
