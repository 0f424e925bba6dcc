"""Where records and the true world differ: hosts, what was seen on them, and what lives there."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from vmuster.drivers.simulated.domain import Domain
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.operations import PAUSE_SECONDS_MAX, Operation
from vmuster.model.states import (
    CommandOutcome,
    HostHealth,
    PowerReason,
    PowerState,
    Standing,
    VmPhase,
)
from vmuster.model.text import bounded
from vmuster.model.vm import Sighting, VmRecord, is_active
from vmuster.sim.engine.clock import BEGINNING
from vmuster.sim.laws.knowing import OFF
from vmuster.sim.world.host import SimHost
from vmuster.sim.world.world import World

UNSETTLED: Final = frozenset({VmPhase.PENDING, VmPhase.STARTING, VmPhase.STOPPING})
"""What a phase is only while a request is open."""


_EITHER: Final = frozenset({Standing.FOREIGN, Standing.CLONE, Standing.UNPROVEN})
_STANDINGS: Final = {
    True: _EITHER | {Standing.OWNED, Standing.MOVED, Standing.DUPLICATE},
    False: _EITHER | {Standing.GHOST, Standing.ORPHAN, Standing.LOOKALIKE, Standing.ALIEN},
}
"""What a VM may be to us, with a live record of it and without."""


class Place(msgspec.Struct, frozen=True):
    """A host as we record it, and the machine that it truly is."""

    row: Host
    machine: SimHost

    @property
    def domains(self) -> Mapping[VmUuid, Domain]:
        """The VMs that its hypervisor knows."""
        return self.machine.hypervisor.domains

    def runs(self, vm: VmUuid) -> bool:
        """Whether a process of this VM runs on it."""
        return vm in self.machine.hypervisor.processes


class Estate:
    """The whole of it, as it is at this moment; everything is read once."""

    def __init__(self, world: World) -> None:
        database = world.database
        self.world = world
        self.fleet = database.row(Fleet)
        self.clusters = {cluster.name: cluster for cluster in database.every(Cluster)}
        # of two with one uuid, the one that was there first bore it first
        machines = {machine.uuid: machine for machine in reversed(world.hosts.values())}
        self.places = [
            Place(row, machines[row.uuid])
            for row in database.every(Host)
            if row.uuid is not None and row.uuid in machines and row.claims is None
        ]
        """The hosts that are who they should be; whose is whose is else for a person to say."""
        self.records = [record for record in database.every(VmRecord) if record.live]
        self.recorded = {record.uuid for record in self.records}
        self.sightings = {(seen.host, seen.uuid): seen for seen in database.every(Sighting)}
        self.open = [each for each in database.every(Operation) if each.open]

    def pause(self, operation: Operation) -> float:
        """For how many seconds an open operation is the pause after an automatic act that failed
        for certain; 0 where it is none, or one that has lasted too long or would."""
        row = self.world.database.row(OutboxCommand, operation.command)
        result = None if row is None else row.result
        failed = result is not None and result.outcome is CommandOutcome.FAILED
        if result is None or not failed or result.unknown or not operation.automatic:
            return 0.0
        rest = operation.deadline_at - BEGINNING - self.world.loop.time()
        return rest if 0.0 < rest <= PAUSE_SECONDS_MAX else 0.0

    def place(self, host: HostId | None) -> Place | None:
        """The place that a record names."""
        return next((place for place in self.places if place.row.id == host), None)

    def having(self, vm: VmUuid) -> list[Place]:
        """Where a hypervisor knows this VM, or a process of it runs."""
        return [place for place in self.places if vm in place.domains or place.runs(vm)]

    def ours(self, vm: VmUuid, domain: Domain) -> bool:
        """Whether it bears a mark that the product wrote for it, by a key that it knows: an older
        database does not know the keys that were made after it."""
        keys = self.fleet.public_keys if self.fleet is not None else {}
        written = domain.mark in self.world.truth.written.get(vm, ())
        return written and domain.mark is not None and domain.mark.key in keys


def power_of(place: Place, domain: Domain) -> PowerState:
    """How a VM is, as far as anybody can tell: one that its daemon takes for stopped, for no reason
    that it knows, while a process of it runs, or may for all that anybody sees, can't be told."""
    stopped = (domain.power, domain.reason) == (PowerState.STOPPED, PowerReason.UNKNOWN)
    may_run = place.runs(domain.uuid) or place.machine.blind
    unclear = stopped and not domain.saved and may_run
    return PowerState.UNKNOWN if unclear else domain.power


def differences(estate: Estate) -> Iterator[str]:
    """What is recorded, and is not so; what is so, and not recorded. In words, the first first."""
    for operation in estate.open:
        if estate.pause(operation):
            continue
        name = estate.world.name_of(operation.vm)
        yield f"{operation.kind} of {name} by {operation.actor} does not end: {operation.message}"
    for place in estate.places:
        if place.row.health is not HostHealth.UP:
            yield f"host {place.row.name} is {place.row.health}: {place.row.trouble}"
        yield from _unseen(estate, place)
    for record in estate.records:
        yield from _unlike(estate, record)


def _unseen(estate: Estate, place: Place) -> Iterator[str]:
    """VMs of a host that were not seen as they are, and some that were and are not."""
    host, blind = place.row, place.machine.blind
    for vm, domain in place.domains.items():
        name, seen = estate.world.name_of(vm), estate.sightings.get((host.id, vm))
        if seen is None or seen.absent:
            yield f"{name} is on {host.name}, and was not seen there"
        elif seen.power is not power_of(place, domain):
            yield f"{name} is {domain.power} on {host.name}, and was seen {seen.power}"
        elif (seen.name, seen.raw_mark) != (bounded(domain.name), domain.mark):
            yield f"{name} was seen on {host.name} with another name or mark than it has"
        elif seen.standing not in _STANDINGS[vm in estate.recorded]:
            yield f"{name} on {host.name} stands as {seen.standing}, whatever records say by now"
    for (where, vm), seen in estate.sightings.items():
        there = vm in place.domains or place.runs(vm)
        if where == host.id and not seen.absent and not there and not blind:
            yield f"{estate.world.name_of(vm)} is seen on {host.name}, and is not there"


def _unlike(estate: Estate, record: VmRecord) -> Iterator[str]:
    """How a VM of ours differs from its record."""
    name, home = estate.world.name_of(record.uuid), estate.place(record.host)
    having = estate.having(record.uuid)
    if home is None or len(having) > 1:
        return  # of two, which is the right one is for a person to say
    if not having:
        gone = record.phase in (VmPhase.MISSING, VmPhase.DELETED) or home.machine.blind
        if not gone and not _may_be_left(estate, record.uuid):
            yield f"{name} is nowhere, and is recorded {record.phase} on {home.row.name}"
        return
    there = having[0]
    domain = there.domains.get(record.uuid)
    if domain is None:
        return  # a process that no hypervisor knows of is nothing that anybody can name
    if there is not home:
        yield from _elsewhere(estate, record, there, domain)
        return
    yield from _at_home(estate, record, there, domain)


def _may_be_left(estate: Estate, vm: VmUuid) -> bool:
    """Whether it was seen on a host where nobody can look past the hypervisor, and a process of it
    may be left there for all that anybody can tell: only a person's word ends that."""
    seen = [(place, estate.sightings.get((place.row.id, vm))) for place in estate.places]
    return any(
        place.machine.blind and sighting is not None and not sighting.absence_confirmed
        for place, sighting in seen
    )


def _elsewhere(estate: Estate, record: VmRecord, there: Place, domain: Domain) -> Iterator[str]:
    """A record follows its VM, if that can be proved ours, and that may be done. One that does not
    run, or whose memory is still on its way, may run on at home where nobody can look."""
    cluster = estate.clusters.get(there.row.cluster)
    follows = cluster is not None and cluster.policy.track_host_change
    home = estate.place(record.host)
    told = is_active(domain.power, domain.reason) or (home is not None and not home.machine.blind)
    if follows and told and estate.ours(record.uuid, domain):
        name = estate.world.name_of(record.uuid)
        yield f"{name} is on {there.row.name}, and its record did not follow"


def _at_home(estate: Estate, record: VmRecord, there: Place, domain: Domain) -> Iterator[str]:
    name, power = estate.world.name_of(record.uuid), power_of(there, domain)
    if (record.power, record.label) != (power, bounded(domain.name)):
        yield f"{name} is {power}, and is recorded {record.power}"
    if record.phase in UNSETTLED:
        yield f"{name} is in phase {record.phase}, and nobody asks for that any more"
    if not estate.ours(record.uuid, domain) or record.reason is PowerReason.MIGRATED:
        return
    if power is PowerState.RUNNING and record.phase is VmPhase.STOPPED:
        yield f"{name} runs, and is in phase {record.phase}"
    if power in OFF and record.phase is VmPhase.RUNNING:
        yield f"{name} is {power}, and is in phase {record.phase}"
