"""VMs that are there from the beginning: strangers, and such as anna has adopted.

A VM is called by its name on its host, unless another name is said: `web runs on alpha as
i-2-78-VM` is called web in a story, and looks like one of ours.
"""

import asyncio
from functools import partial
from typing import Final

from vmuster.model.errors import Refused
from vmuster.model.mark import RawMark
from vmuster.model.operations import Operation
from vmuster.model.states import OperationState
from vmuster.sim.verbs.meaning import (
    by_hand,
    early_mark,
    foreign_mark,
    forged_mark,
    known_vm,
    within_reach,
)
from vmuster.sim.verbs.requests.asking import AGAIN_SECONDS
from vmuster.sim.verbs.requests.vms import adopt
from vmuster.sim.verbs.settings.setting import KEEPER, setting
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.world import World

_PATIENCE_SECONDS: Final = 300.0
"""Until a VM that is to be ours is."""


async def appear(
    world: World,
    vm: str,
    host: str,
    name: str = "",
    *,
    running: bool,
    deaf: bool = False,
    mark: RawMark | None = None,
) -> None:
    """A VM is defined on a host by hand, and perhaps started. `deaf`: it hears no shutdown."""
    hypervisor = within_reach(world, host)
    with by_hand():
        _ = hypervisor.define(world.vm(vm), name or vm, mark=mark, running=running, deaf=deaf)


async def _transient(world: World, vm: str, host: str) -> None:
    await appear(world, vm, host, running=True)
    within_reach(world, host).undefine(known_vm(world, vm))


async def _foreign(world: World, vm: str, host: str) -> None:
    await appear(world, vm, host, running=True, mark=foreign_mark(world, world.vm(vm)))


async def _forged(world: World, vm: str, host: str) -> None:
    await appear(world, vm, host, running=True, mark=await forged_mark(world, world.vm(vm)))


async def _early(world: World, vm: str, host: str) -> None:
    await appear(world, vm, host, running=True, mark=await early_mark(world, world.vm(vm)))


async def _ours(world: World, vm: str, host: str, *, running: bool) -> None:
    """It is adopted, as soon as it was seen and its host allows it."""
    await appear(world, vm, host, running=running)
    until = world.loop.time() + _PATIENCE_SECONDS
    while True:
        try:
            await adopt(world, KEEPER, vm)
            break
        except Refused as refused:
            await _wait(world, until, vm, str(refused))
    while (ended := await _adoption(world, vm)) is None:
        await _wait(world, until, vm, "it is under way")
    if ended.state is not OperationState.DONE:
        raise Pointless(f"{vm} was not adopted: {ended.message}")


async def _adoption(world: World, vm: str) -> Operation | None:
    """The adoption of a VM, once it has ended."""
    found = await world.database.rows.find(Operation, vm=known_vm(world, vm))
    return next((each for each in found if not each.open), None)


async def _wait(world: World, until: float, vm: str, why: str) -> None:
    if world.loop.time() >= until:
        raise Pointless(f"{vm} was not adopted: {why}")
    await asyncio.sleep(AGAIN_SECONDS)


_RUNS: Final = partial(appear, running=True)
_OFF: Final = partial(appear, running=False)

VMS: Final = (
    setting("{vm} runs on {host}", _RUNS, "A stranger that runs."),
    setting("{vm} runs on {host} as {name}", _RUNS, "Its host calls it otherwise."),
    setting("{vm} is stopped on {host}", _OFF, "A stranger that is off."),
    setting("{vm} is stopped on {host} as {name}", _OFF, "Its host calls it otherwise."),
    setting("{vm} runs deaf on {host}", partial(_RUNS, deaf=True), "Its guest hears no shutdown."),
    setting("{vm} runs transient on {host}", _transient, "It has no config: off, it is gone."),
    setting("{vm} runs on {host} with the mark of another fleet", _foreign, "It is theirs."),
    setting("{vm} runs on {host} with a forged mark", _forged, "Signed by none of our keys."),
    setting("{vm} runs on {host} with an early mark of ours", _early, "No record is left of it."),
    setting("{vm} of ours runs on {host}", partial(_ours, running=True), "Adopted by anna."),
    setting("{vm} of ours is stopped on {host}", partial(_ours, running=False), "By anna, too."),
)
