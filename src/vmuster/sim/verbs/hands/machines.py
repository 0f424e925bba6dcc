"""Whole hosts in the hands of people: rebooted, installed anew, given each other's addresses."""

from typing import Final

from vmuster.model.ids import HostUuid
from vmuster.sim.verbs.hands.hand import hand
from vmuster.sim.verbs.meaning import host_there, powered
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.world import World


async def _reboot_and_start(world: World, host: str) -> None:
    """VMs that ran are set to start with the host."""
    hypervisor = powered(world, host)
    ran = [vm for vm, domain in hypervisor.domains.items() if domain.active and domain.persistent]
    _reboot(world, host)
    for vm in ran:
        hypervisor.start(vm)


async def _install(world: World, host: str) -> None:
    """It is another host by its uuid."""
    fresh = world.chance.stream(f"{host} installed at {world.loop.time()}").uuid()
    _wipe(world, host, HostUuid(fresh))


async def _install_from(world: World, host: str, other: str) -> None:
    """An image in which the uuid of the host it was made of was left."""
    if host_there(world, host) is host_there(world, other):
        raise Pointless("that is one host")
    _wipe(world, host, host_there(world, other).uuid)


def _wipe(world: World, host: str, uuid: HostUuid) -> None:
    """Everything on it is gone."""
    there = host_there(world, host)
    for (disk, _), pages in there.pages.items():
        if disk == there.name:
            pages.lose()
    there.hypervisor.uuid = uuid
    there.hypervisor.remember()
    _reboot(world, host)
    there.hypervisor.domains.clear()


def _reboot(world: World, host: str) -> None:
    _ = powered(world, host)
    world.power_off(host_there(world, host))
    world.power_on(host_there(world, host))


async def _swap(world: World, host: str, other: str) -> None:
    if host_there(world, host) is host_there(world, other):
        raise Pointless("that is one host")
    there = {name: world.addresses.get(name, name) for name in (host, other)}
    world.readdress(world.addresses | {host: there[other], other: there[host]})


MACHINES: Final = (
    hand("{host} reboots and its VMs start again", _reboot_and_start, "By themselves."),
    hand("somebody installs {host} anew", _install, "Its VMs are gone, its uuid is another."),
    hand(
        "somebody installs {host} from the image of {other}",
        _install_from,
        "Its VMs are gone, and its uuid is that of the other.",
    ),
    hand("somebody swaps the addresses of {host} and {other}", _swap, "Each is reached as other."),
)
