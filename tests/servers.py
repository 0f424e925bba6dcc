"""The parts of a server on a bench: a store in memory, a clock in the hand, reports by the test."""

from typing import TypeVar
from uuid import UUID

import msgspec

from tests.clocks import HandClock
from tests.outside import new_signer
from vmuster.model.automation import HeldPlan
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import CommandResult, OutboxCommand
from vmuster.model.host import Cluster, Host, HostFacts, LocalProfile
from vmuster.model.ids import CommandId, HostId, HostUuid, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.mark import RawMark, write_mark
from vmuster.model.operations import Operation
from vmuster.model.plan import LookWish
from vmuster.model.report import HostReport
from vmuster.model.states import (
    CommandOutcome,
    Completeness,
    HostMode,
    OperationKind,
    PowerReason,
    PowerState,
)
from vmuster.model.vm import Sighting, VmObservation, VmRecord
from vmuster.ports.store import Store
from vmuster.server.context import Context
from vmuster.server.founding import DEFAULT_CLUSTER, found
from vmuster.server.passes.intake import take_in
from vmuster.server.references import fleet_now
from vmuster.server.requests.estate import Estate
from vmuster.server.requests.operations import Requests
from vmuster.server.talks.results import note_result
from vmuster.stores.memory import MemoryStore

T = TypeVar("T")
RUNNING, STOPPED = PowerState.RUNNING, PowerState.STOPPED


class Heard:
    """Conversations with nobody: remembers what would have been said."""

    def __init__(self) -> None:
        self.asked: list[LookWish] = []
        self.outboxes: list[HostId] = []
        self.settings: list[HostId] = []
        self.hung_up: list[HostId] = []
        self.introduced: list[HostId] = []
        self.begun_anew = 0
        self.epochs: dict[HostId, int] = {}

    def ask(self, wish: LookWish) -> None:
        self.asked.append(wish)

    def outbox_changed(self, host: HostId) -> None:
        self.outboxes.append(host)

    def settings_changed(self, host: HostId) -> None:
        self.settings.append(host)

    def begin_anew(self) -> None:
        self.begun_anew += 1

    def heed_epoch(self, host: HostId, epoch: int) -> None:
        self.epochs[host] = epoch

    async def hang_up(self, host: HostId) -> None:
        self.hung_up.append(host)

    async def introduce(self, host: HostId) -> None:
        self.introduced.append(host)


class Bench:
    """One server's parts. `bench` makes one that has been founded."""

    def __init__(self, context: Context, clock: HandClock) -> None:
        self.context = context
        self.store = context.store
        self.clock = clock
        self.heard = Heard()
        self.generations: dict[VmUuid, int] = {}
        self.estate = Estate(context, self.heard, loopback_hosts=False)
        self.requests = Requests(context, self.heard)

    async def second(self) -> "Bench":
        """Another server, begun now, over the same database."""
        context, fleet = self.context, await fleet_now(self.store)
        made = Context(store=self.store, clock=self.clock, fleet=fleet, signer=context.signer)
        await made.intakes.reserve()
        return Bench(made, self.clock)

    async def host(self, name: str = "alpha", mode: HostMode = HostMode.MANAGE) -> Host:
        """A host whose agent has greeted: epoch 1."""
        cluster = await self.cluster()
        host = await self.estate.add_host(
            name=name, profile=LocalProfile(), cluster=cluster, actor="ann"
        )
        facts = HostFacts(
            uuid=HostUuid(UUID(int=len(await self.store.find(Host)))),
            boot_id="boot-1",
            hypervisor="qemu",
            version="9",
            hostname=name,
        )
        await self.change(await self.now(host), mode=mode, uuid=facts.uuid, facts=facts, epoch=1)
        return await self.now(host)

    async def cluster(self) -> Cluster:
        found = await self.store.get(Cluster, DEFAULT_CLUSTER)
        assert found is not None
        return found

    async def policy(self, **settings: object) -> Cluster:
        return await self.estate.set_policy(await self.cluster(), settings, actor="ann")

    async def change(self, row: Host | VmRecord | Operation | HeldPlan, **changes: object) -> None:
        """Write a row past every rule, as the past may have done."""
        after = msgspec.structs.replace(row, **changes)
        assert await self.store.commit([Changes(writes=(Write(before=row, after=after),))]) == [""]

    async def heard_of(self, *vms: VmUuid) -> None:
        """Have the journal know of VMs: that a good mark of ours is in them is no riddle then."""
        entries = tuple(
            JournalEntry(at=1.0, kind=EntryKind.REQUEST, actor="ann", what="adopt", vm=vm)
            for vm in vms
        )
        assert await self.store.commit([Changes(entries=entries)]) == [""]

    async def now(self, host: Host) -> Host:
        found = await self.store.get(Host, host.id)
        assert found is not None
        return found

    async def record(self, vm: VmUuid) -> VmRecord:
        found = await self.store.get(VmRecord, vm)
        assert found is not None
        return found

    async def operation(self, operation: Operation) -> Operation:
        found = await self.store.get(Operation, operation.id)
        assert found is not None
        return found

    async def sighting(self, host: Host, vm: VmUuid) -> Sighting:
        found = await self.store.get(Sighting, host.id, vm)
        assert found is not None
        return found

    async def report(
        self,
        host: Host,
        *vms: VmObservation,
        partial: bool = False,
        absent: tuple[VmUuid, ...] = (),
    ) -> str:
        """Take in the next report of a host."""
        now = await self.now(host)
        report = HostReport(
            host=host.id,
            epoch=now.epoch,
            sequence=now.sequence + 1,
            boot_id="boot-1",
            completeness=Completeness.PARTIAL if partial else Completeness.COMPLETE,
            vms=vms,
            absent=absent,
            asked_after=self.context.intakes.last,
        )
        refused = await take_in(self.context, self.heard, report)
        if not refused:
            self.context.pulses.reported(host.id, whole=bool(vms) and not partial)
        return refused

    async def adopted(self, host: Host, *vms: VmUuid, power: PowerState = RUNNING) -> None:
        """Adopt VMs of a host, one after another, through every step of it."""
        for vm in vms:
            shown = await self.shown(host)
            await self.report(host, *shown, seen(vm, power=power))
            await self.adopt(vm)
            await self.report(host, *shown, seen(vm, power=power, mark=self.mark(vm)))

    async def adopt(self, vm: VmUuid) -> Operation:
        """Ask for an adoption; `mark` then gives the mark that it asks for."""
        operation = await self.requests.adopt(vm, actor="ann")
        self.generations[vm] = (await self.record(vm)).mark_generation
        return operation

    async def asked_to_stop(self, vm: VmUuid) -> Operation:
        """A person's stop, in flight, of a VM on a new host that bears its mark."""
        host = await self.host()
        await self.adopted(host, vm)
        for mark in await self.sent(vm):
            await self.answer(mark.id, host)
        stop = await self.requests.power(OperationKind.STOP, vm, actor="ann")
        return await self.operation(stop)

    async def shown(self, host: Host) -> list[VmObservation]:
        """What the host showed last, as if it showed it again."""
        rows = await self.store.find(Sighting, host=host.id, absent=False)
        return [
            VmObservation(
                uuid=row.uuid, name=row.name, power=row.power, reason=row.reason, mark=row.raw_mark
            )
            for row in rows
        ]

    async def answer(
        self,
        command: CommandId,
        host: Host,
        outcome: CommandOutcome = CommandOutcome.DONE,
        *,
        unknown: bool = False,
        message: str = "said so",
    ) -> None:
        """What an agent says became of a command."""
        result = CommandResult(
            command=command, host=host.id, outcome=outcome, message=message, unknown=unknown
        )
        await note_result(self.context, result)

    async def sent(self, vm: VmUuid) -> list[OutboxCommand]:
        rows = await self.store.find(OutboxCommand, vm=vm)
        return sorted(rows, key=lambda row: row.created_at)

    async def journal(self, vm: VmUuid | None = None) -> list[JournalEntry]:
        entries = await self.store.find(JournalEntry)
        return [entry for entry in entries if vm in (None, entry.vm)]

    def mark(self, vm: VmUuid, generation: int | None = None) -> RawMark:
        """Our mark: of this generation, or of the VM's last adoption here."""
        given = self.generations.get(vm, 1) if generation is None else generation
        return write_mark(self.context.signer.mark(self.context.fleet.id, vm, given))


async def bench(store: Store | None = None) -> Bench:
    """A bench whose fleet is founded, in a hurry: no quiet time, no hold."""
    kept, clock, signer = store or MemoryStore(), HandClock(), new_signer()
    fleet = await found(kept, clock, signer, "VM")
    made = Bench(Context(store=kept, clock=clock, fleet=fleet, signer=signer), clock)
    await made.policy(quiet_seconds=0, steady_seconds=0)
    made.context.weather.count([])
    await made.context.intakes.reserve()
    return made


def vm(number: int) -> VmUuid:
    """The uuid of a VM by number."""
    return VmUuid(UUID(int=number))


def seen(
    uuid: VmUuid,
    name: str = "",
    *,
    power: PowerState = RUNNING,
    reason: PowerReason = PowerReason.UNKNOWN,
    mark: RawMark | None = None,
) -> VmObservation:
    """A VM as a host shows it; by default it runs, and is called after its uuid."""
    called = name or f"vm-{uuid.int}"
    return VmObservation(uuid=uuid, name=called, power=power, reason=reason, mark=mark)
