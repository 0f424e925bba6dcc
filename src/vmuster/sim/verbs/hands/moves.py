"""VMs are moved by hand; the one that arrives is the one that left."""

from dataclasses import replace
from functools import partial
from typing import Final

from vmuster.model.states import PowerReason, PowerState
from vmuster.sim.verbs.hands.hand import hand
from vmuster.sim.verbs.hands.power import delete
from vmuster.sim.verbs.meaning import by_hand, domain_on, within_reach
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.world import World


async def _move(
    world: World, vm: str, host: str, other: str, *, leave_source: bool = False
) -> None:
    """Live where it runs; of one that is off, the definition moves."""
    domain, target = domain_on(world, vm, host), within_reach(world, other)
    source = within_reach(world, host)
    if source is target:
        raise Pointless(f"{vm} is on {host} already")
    with by_hand():
        if domain.active:
            source.migrate(domain.uuid, target, leave_source=leave_source)
            return
        if leave_source:
            raise Pointless(f"{vm} does not run")
        moved = target.define(domain.uuid, domain.name, mark=domain.config_mark, deaf=domain.deaf)
        if id(domain) in world.truth.adopted:
            world.truth.adopted[id(moved)] = moved
        source.undefine(domain.uuid)


async def _begin(world: World, vm: str, host: str, other: str) -> None:
    """Its memory begins to travel: a process of it waits over there, paused."""
    domain, target = domain_on(world, vm, host), within_reach(world, other)
    if domain.power is not PowerState.RUNNING or domain.uuid in target.domains:
        raise Pointless(f"{vm} can't move there")
    target.take_in(replace(domain))
    target.pause(domain.uuid, PowerReason.MIGRATING)


async def _complete(world: World, vm: str, host: str, other: str) -> None:
    source, incoming = within_reach(world, host), domain_on(world, vm, other)
    _ = domain_on(world, vm, host)
    _check_incoming(vm, other, incoming.reason)
    delete(source, incoming.uuid)
    within_reach(world, other).resume(incoming.uuid)


async def _give_up(world: World, vm: str, other: str) -> None:
    incoming = domain_on(world, vm, other)
    _check_incoming(vm, other, incoming.reason)
    delete(within_reach(world, other), incoming.uuid)


def _check_incoming(vm: str, other: str, reason: PowerReason) -> None:
    if reason is not PowerReason.MIGRATING:
        raise Pointless(f"{vm} is not on its way to {other}")


MOVES: Final = (
    hand("somebody moves {vm} from {host} to {other}", _move, "Live, or the definition alone."),
    hand(
        "somebody moves {vm} from {host} to {other} and leaves its definition",
        partial(_move, leave_source=True),
        "It is off at its old place.",
    ),
    hand("somebody begins to move {vm} from {host} to {other}", _begin, "It is on both, paused."),
    hand("{vm} from {host} has arrived on {other}", _complete, "The move has come to its end."),
    hand("{vm} does not arrive on {other}", _give_up, "It goes on where it was."),
)
