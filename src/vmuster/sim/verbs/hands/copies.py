"""VMs are copied: as clones with a uuid of their own, with the same uuid, or from an old copy.

What is copied is another VM than the one that was adopted, whatever its uuid and its mark say.
"""

from functools import partial
from typing import Final

from vmuster.sim.verbs.hands.hand import hand
from vmuster.sim.verbs.meaning import by_hand, domain_on, known_vm, within_reach
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.world import World


async def _clone(world: World, vm: str, host: str, copy: str) -> None:
    await _clone_to(world, vm, host, host, copy)


async def _clone_to(world: World, vm: str, host: str, other: str, copy: str) -> None:
    """A new VM from this one's XML, its mark included."""
    origin, target = domain_on(world, vm, host), within_reach(world, other)
    if world.vm(copy) == origin.uuid:
        raise Pointless("a clone has a name of its own")
    with by_hand():
        _ = target.define(world.vm(copy), copy, mark=origin.mark)


async def _copy(world: World, vm: str, host: str, other: str, *, running: bool = False) -> None:
    """The same uuid on two hosts."""
    origin, target = domain_on(world, vm, host), within_reach(world, other)
    with by_hand():
        _ = target.define(
            known_vm(world, vm), origin.name, mark=origin.mark, running=running, deaf=origin.deaf
        )


COPIES: Final = (
    hand("somebody clones {vm} on {host} as {copy}", _clone, "A uuid of its own, our mark in it."),
    hand("somebody clones {vm} from {host} to {other} as {copy}", _clone_to, "To another host."),
    hand("somebody copies {vm} from {host} to {other}", _copy, "The same uuid, off."),
    hand(
        "somebody copies {vm} from {host} to {other} and starts it",
        partial(_copy, running=True),
        "The same uuid, running.",
    ),
)
