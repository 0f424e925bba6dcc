"""Everything that is broken is mended, and people do their part.

What people have decided stays as it is: who disarmed it has it disarmed, and a plan that is held
waits on. Their part is what nothing goes on without: a quarantine is left by the guided way, a host
that is not who it was is taken for who it is, and where nobody can look past a hypervisor whose
list is empty, somebody says which VMs are gone.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec

from vmuster.drivers.simulated.hypervisor import Faults
from vmuster.model.errors import Refused, VmusterError
from vmuster.model.host import Fleet, Host, SimulatedProfile
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.states import Completeness
from vmuster.model.vm import Sighting
from vmuster.reconcile.holds import EMPTIED
from vmuster.server.requests.copies import forget_copy
from vmuster.server.requests.quarantine import leave
from vmuster.server.requests.recognition import accept
from vmuster.server.service import Service
from vmuster.sim.world.host import SimHost
from vmuster.sim.world.people import Person, Request

if TYPE_CHECKING:
    from vmuster.sim.world.world import World

_LOOKS: Final = 60
_AGAIN_SECONDS: Final = 5.0
"""Between two looks of those who see to it that the fleet goes on; after the last, as it is."""
_WAITED_LOOKS: Final = 40
"""After so many a quarantine is left without the hosts that have given no account."""


async def heal(world: "World") -> None:
    """Mend everything, and wait until every host has been heard and nothing waits for a person."""
    for mend in _MENDERS:
        mend(world)
    _ = await world.serving()
    person, healed_at = Person("anna", world.ask, world.chronicle), world.loop.time()
    for look in range(_LOOKS):
        waiting = await _waiting(world, healed_at)
        with suppress(VmusterError):
            await _see_to(person, waiting, patient=look < _WAITED_LOOKS)
        if waiting.nothing:
            return
        await asyncio.sleep(_AGAIN_SECONDS)


class _Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a person, or is waited for. `changed`: hosts that are not who they were;
    `gone`: VMs of which nothing is left on a host that nobody believes to be empty."""

    quarantine: bool
    changed: tuple[Host, ...]
    gone: tuple[tuple[Host, VmUuid], ...]
    unheard: tuple[HostId, ...]

    @property
    def nothing(self) -> bool:
        """Whether all is well."""
        return not (self.quarantine or self.changed or self.gone or self.unheard)


async def _waiting(world: "World", since: float) -> _Waiting:
    rows, looks = world.database.rows, world.truth.looks.values()
    fleet, hosts = await rows.get(Fleet), await rows.find(Host)
    heard = {
        each.report.host
        for each in looks
        if each.sent >= since and each.report.completeness is Completeness.COMPLETE
    }
    machines = [(host, there) for host in hosts if (there := _machine(world, host)) is not None]
    seen = await rows.find(Sighting, absent=False)
    return _Waiting(
        quarantine=fleet is not None and fleet.quarantine is not None,
        changed=tuple(host for host, there in machines if host.claims == there.uuid),
        gone=tuple(
            (host, vm)
            for host, there in machines
            if there.blind and host.trouble == EMPTIED
            for vm in sorted(each.uuid for each in seen if each.host == host.id)
            if vm not in there.hypervisor.domains
        ),
        unheard=tuple(host.id for host in hosts if host.id not in heard),
    )


def _machine(world: "World", host: Host) -> SimHost | None:
    """The machine itself, to which a person goes and looks."""
    profile = host.profile
    return world.hosts.get(profile.name) if isinstance(profile, SimulatedProfile) else None


async def _see_to(person: Person, waiting: _Waiting, *, patient: bool) -> None:
    for host in waiting.changed:
        with suppress(VmusterError):
            _ = await person.ask(f"accepts {host.name}", _acceptance(person.name, host))
    for host, vm in waiting.gone:
        with suppress(VmusterError):
            _ = await person.ask(f"forgets a VM on {host.name}", _word(person.name, host, vm))
    if waiting.quarantine and not (patient and waiting.unheard):

        async def asked(service: Service, _key: str) -> object:
            lines = service.switchboard
            return await leave(service.context, lines, actor=person.name, without=waiting.unheard)

        _ = await person.ask("leaves the quarantine", asked)


def _acceptance(actor: str, host: Host) -> Request[object]:
    async def asked(service: Service, _key: str) -> object:
        who = host.claims or host.accepted
        if who is None:
            raise Refused(f"host {host.name} is who it was")
        return await accept(service.context, service.switchboard, host, who, actor=actor)

    return asked


def _word(actor: str, host: Host, vm: VmUuid) -> Request[object]:
    async def asked(service: Service, key: str) -> object:
        lines = service.switchboard
        return await forget_copy(service.context, lines, vm, host, actor=actor, key=key)

    return asked


def _lines(world: "World") -> None:
    for host in world.hosts.values():
        host.line.quiet()
        host.line.flaps_every = 0.0
        host.cut(up=False, down=False)
    world.readdress({})


def _hypervisors(world: "World") -> None:
    for host in world.hosts.values():
        hypervisor = host.hypervisor
        if host.off:
            world.power_on(host)
        if hypervisor.faults.dead:
            hypervisor.start_daemon()
        hypervisor.faults = Faults()
        hypervisor.bells_lost, hypervisor.slow = False, 1.0
        for domain in hypervisor.domains.values():
            domain.frozen = False
        hypervisor.remember()


def _disks(world: "World") -> None:
    for host in world.hosts.values():
        for pages in host.pages.values():
            pages.full = False


def _database(world: "World") -> None:
    database = world.database
    database.away, database.slow, database.next_edge, database.answers_lost = False, 1.0, "", 0


def _clocks(world: "World") -> None:
    world.server_wrong_by = 0.0
    for machine in (*world.servers, *world.hosts.values()):
        machine.clock.wrong_by = 0.0


def _processes(world: "World") -> None:
    """None stands still or is doomed, and one server is left: the one that was started last."""
    for there in (*world.hosts.values(), *world.servers):
        process = there.agent if isinstance(there, SimHost) else there.process
        world.loop.thaw(process)
        process.steps_left = 0
    for server in world.servers:
        if server is not world.server:
            world.kill_server(server, "is one too many")


_MENDERS: Final[tuple[Callable[["World"], None], ...]] = (
    _lines,
    _hypervisors,
    _disks,
    _database,
    _clocks,
    _processes,
)
