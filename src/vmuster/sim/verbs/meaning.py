"""What the words of a sentence mean: people, hosts, VMs, and hypervisors that answer.

What makes no sense as things are raises `Pointless`.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from vmuster.drivers.simulated.domain import Domain
from vmuster.drivers.simulated.hypervisor import HandError, Hang
from vmuster.model.errors import NotFound
from vmuster.model.host import Fleet, Host, SimulatedProfile
from vmuster.model.ids import FleetId, KeyId, VmUuid
from vmuster.model.mark import OwnershipMark, RawMark, write_mark
from vmuster.ports.store import Store
from vmuster.server.references import host_called
from vmuster.server.secrets.signing import Signer
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.host import SimHost
from vmuster.sim.world.hypervisor import SimHypervisor
from vmuster.sim.world.people import Person
from vmuster.sim.world.world import World

_FOREIGN: Final = FleetId(UUID(int=0xF0E16))
"""The fleet of other people."""


def person(world: World, name: str) -> Person:
    """Who asks."""
    if name not in world.people:
        world.people[name] = Person(name, world.ask, world.chronicle)
    return world.people[name]


def host_there(world: World, name: str) -> SimHost:
    """The host of the world that is called so."""
    if name not in world.hosts:
        raise Pointless(f"there is no host {name}")
    return world.hosts[name]


def known_vm(world: World, name: str) -> VmUuid:
    """The uuid of the VM that is called so."""
    if name not in world.vms:
        raise Pointless(f"there is no VM {name}")
    return world.vms[name]


def powered(world: World, name: str) -> SimHypervisor:
    """The hypervisor of a host that has power: what its guests do, its daemon need not allow."""
    host = host_there(world, name)
    if host.off:
        raise Pointless(f"{name} is without power")
    return host.hypervisor


def within_reach(world: World, name: str) -> SimHypervisor:
    """The hypervisor of a host, where its daemon answers somebody who sits in front of it."""
    hypervisor = powered(world, name)
    if hypervisor.faults.dead or hypervisor.faults.hang is not Hang.NO:
        raise Pointless(f"the daemon of {name} does not answer")
    return hypervisor


def domain_on(world: World, vm: str, host: str) -> Domain:
    """A VM on a host, as its daemon knows it."""
    domain = within_reach(world, host).domains.get(known_vm(world, vm))
    if domain is None:
        raise Pointless(f"{vm} is not on {host}")
    return domain


@contextmanager
def by_hand() -> Generator[None]:
    """What the hypervisor refuses is pointless."""
    try:
        yield
    except HandError as refused:
        raise Pointless(str(refused)) from refused


async def host_of(store: Store, name: str) -> Host:
    """The record of a host: of this name, else the first one that is reached by this address.
    Raises `NotFound`."""
    try:
        return await host_called(store, name)
    except NotFound:
        for host in await store.find(Host):
            if isinstance(host.profile, SimulatedProfile) and host.profile.name == name:
                return host
        raise


def foreign_mark(world: World, vm: VmUuid) -> RawMark:
    """What another fleet writes into a VM."""
    signer = Signer(KeyId(UUID(int=0xF0)), world.chance.stream("foreign key").bytes(32))
    return write_mark(signer.mark(_FOREIGN, vm, 1))


async def forged_mark(world: World, vm: VmUuid) -> RawMark:
    """A mark in our name, by somebody who has not our key."""
    fleet = await _fleet(world)
    forger = Signer(fleet.key, world.chance.stream("forger's key").bytes(32))
    return write_mark(forger.mark(fleet.id, vm, 1))


async def early_mark(world: World, vm: VmUuid) -> RawMark:
    """A good mark of ours, of the first generation: from a time of which no record is left."""
    fleet = await _fleet(world)
    signed: OwnershipMark = world.keyring.signer.mark(fleet.id, vm, 1)
    return write_mark(signed)


async def _fleet(world: World) -> Fleet:
    fleet = await world.database.rows.get(Fleet)
    if fleet is None:
        raise Pointless("the fleet is not founded yet")
    return fleet
