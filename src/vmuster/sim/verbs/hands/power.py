"""VMs are started and ended, named and defined by hand, and by their guests."""

from functools import partial
from typing import Final

from vmuster.model.ids import VmUuid
from vmuster.model.states import PowerReason
from vmuster.sim.verbs.hands.hand import hand, on_vm
from vmuster.sim.verbs.meaning import by_hand, domain_on, known_vm, powered, within_reach
from vmuster.sim.verbs.settings.vms import appear
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.hypervisor import SimHypervisor
from vmuster.sim.world.world import World


def delete(hypervisor: SimHypervisor, vm: VmUuid) -> None:
    """End a VM where it runs, and drop its definition where it has one."""
    domain = hypervisor.domains.get(vm)
    if domain is not None and domain.active:
        hypervisor.destroy(vm)
    if domain is None or domain.persistent:
        hypervisor.undefine(vm)


def _fail(hypervisor: SimHypervisor, vm: VmUuid) -> None:
    hypervisor.pause(vm, PowerReason.IO_ERROR)


async def _rename(world: World, vm: str, host: str, name: str) -> None:
    _ = domain_on(world, vm, host)
    hypervisor = within_reach(world, host)
    if any(known.name == name for known in hypervisor.domains.values()):
        raise Pointless(f"the name {name} is taken on {host}")
    with by_hand():
        hypervisor.rename(known_vm(world, vm), name)


POWER: Final = (
    hand("somebody starts {vm} on {host}", on_vm(SimHypervisor.start), "Past vmuster."),
    hand("somebody stops {vm} on {host}", on_vm(SimHypervisor.destroy), "The plug is pulled."),
    hand("somebody pauses {vm} on {host}", on_vm(SimHypervisor.pause), "It stands still."),
    hand("somebody resumes {vm} on {host}", on_vm(SimHypervisor.resume), "It goes on."),
    hand("somebody saves {vm} on {host}", on_vm(SimHypervisor.save), "Its memory lies on disk."),
    hand(
        "{vm} shuts itself down on {host}",
        on_vm(SimHypervisor.guest_shutdown, powered),
        "Its guest powers itself off.",
    ),
    hand("{vm} crashes on {host}", on_vm(SimHypervisor.crash, powered), "Its guest panics."),
    hand("the disk of {vm} fails on {host}", on_vm(_fail, powered), "Paused by an I/O error."),
    hand("somebody renames {vm} on {host} to {name}", _rename, "Only one that is off."),
    hand(
        "somebody redefines {vm} on {host}",
        on_vm(SimHypervisor.redefine),
        "From XML without our mark.",
    ),
    hand(
        "somebody undefines {vm} on {host}",
        on_vm(SimHypervisor.undefine),
        "One that runs is transient then, any other is gone.",
    ),
    hand("somebody deletes {vm} on {host}", on_vm(delete), "Ended, and gone."),
    hand("somebody creates {vm} on {host}", partial(appear, running=False), "It is off."),
    hand("somebody creates {vm} on {host} as {name}", partial(appear, running=False), "Off, too."),
    hand(
        "somebody creates {vm} on {host} and starts it",
        partial(appear, running=True),
        "A new VM, that runs.",
    ),
    hand(
        "somebody creates {vm} on {host} as {name} and starts it",
        partial(appear, running=True),
        "Its host calls it otherwise.",
    ),
)
