"""How deeds by hand are made."""

from collections.abc import Callable

from vmuster.model.ids import VmUuid
from vmuster.sim.verbs.meaning import by_hand, known_vm, within_reach
from vmuster.sim.verbs.verb import Deed, Kind, Verb
from vmuster.sim.world.hypervisor import SimHypervisor
from vmuster.sim.world.world import World

Reach = Callable[[World, str], SimHypervisor]
"""The hypervisor of a host, for a deed; raises `Pointless` where it can't be done there now."""


def hand(form: str, do: Deed, what: str) -> Verb:
    """Somebody does something past vmuster."""
    return Verb(form=form, kind=Kind.HAND, what=what, do=do)


def on_vm(deed: Callable[[SimHypervisor, VmUuid], object], reach: Reach = within_reach) -> Deed:
    """What is done to one VM on one host."""

    async def do(world: World, vm: str, host: str) -> None:
        hypervisor = reach(world, host)
        with by_hand():
            _ = deed(hypervisor, known_vm(world, vm))

    return do
