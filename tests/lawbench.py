"""A bench on which a law's checker is tried: a true world and commits, each made by hand.

Two hosts, `home` and `other`, and one VM of ours. What is written goes through the real store, and
is told by the real chronicle, so that a checker sees what it would see in a run.
"""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec

from tests.parts import CLUSTER, FLEET, HOST, KEY, MARK, NAME, OTHER, VM, host, operation
from vmuster.model.changes import Changes, Guarded, Write
from vmuster.model.commands import (
    Command,
    HomeClearance,
    MarkVm,
    OrderFields,
    OutboxCommand,
    OwnershipProof,
    StartVm,
    StopVm,
    UnmarkVm,
)
from vmuster.model.host import Cluster, Fleet
from vmuster.model.ids import CommandId, HostId, OperationId, VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.mark import OwnershipMark, RawMark
from vmuster.model.messages import Reported
from vmuster.model.operations import Operation
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, OperationKind, PowerState, ProofKind, StopMethod
from vmuster.model.vm import Sighting, VmObservation
from vmuster.sim.engine.clock import BEGINNING
from vmuster.sim.laws.law import Law
from vmuster.sim.world.decided import FIELDS, Asking, Word
from vmuster.sim.world.truth import Act, Committed, Looked
from vmuster.sim.world.world import World
from vmuster.stores.kinds import key_of

SERVER = "server-1"
NOBODY = Asking(at=0.0, actor="", key="", what="")
"""Who asks for nothing at all."""
KINDS = {
    StopVm: OperationKind.STOP,
    StartVm: OperationKind.START,
    MarkVm: OperationKind.ADOPT,
    UnmarkVm: OperationKind.RELEASE,
}


def order(number: int = 1, *, automatic: bool = False) -> OrderFields:
    return OrderFields(
        id=CommandId(UUID(int=0xC0 + number)),
        operation=OperationId(UUID(int=77)),
        host=HOST,
        epoch=1,
        vm=VM,
        name=NAME,
        actor="vmuster" if automatic else "ann",
        automatic=automatic,
        issued_at=BEGINNING,
        valid_seconds=300.0,
    )


def stop(kind: ProofKind = ProofKind.RECORD, number: int = 1, *, automatic: bool = False) -> StopVm:
    proof = OwnershipProof(kind=kind, host=HOST, vm=VM, epoch=1, sequence=1)
    method = StopMethod.SHUTDOWN if kind is ProofKind.RECORD else StopMethod.SAVE
    fields = order(number, automatic=automatic)
    return StopVm(**fields, proof=proof, method=method, grace_seconds=10.0)


def start(number: int = 1, *, automatic: bool = False) -> StartVm:
    clearance = HomeClearance(host=HOST, vm=VM, epoch=1, sequence=1, mark=MARK)
    return StartVm(**order(number, automatic=automatic), clearance=clearance)


def mark(generation: int = 1, number: int = 1, replaces: RawMark | None = None) -> MarkVm:
    new = OwnershipMark(fleet=FLEET, vm=VM, generation=generation, key=KEY, signature=b"")
    return MarkVm(**order(number), mark=new, replaces=replaces)


def unmark() -> UnmarkVm:
    proof = OwnershipProof(kind=ProofKind.RECORD, host=HOST, vm=VM, epoch=1, sequence=1)
    return UnmarkVm(**order(), proof=proof)


def asks_for_all(*rows: Guarded) -> Asking:
    """What ann asks, where these rows are to be what came of it."""
    words = [
        Word(kind=type(row), field=field, value=value)
        for row in rows
        for field, value in _said(row)
    ]
    return Asking(at=0.0, actor="ann", key="", what="", words=tuple(words))


def _said(row: Guarded) -> Iterator[tuple[str, Any]]:
    if isinstance(row, Operation):
        yield "kind", row.kind
    for field in FIELDS.get(type(row), ()):
        value = getattr(row, field)
        if field == "policy":
            plain: dict[str, object] = msgspec.to_builtins(value)
            yield from ((field, setting) for setting in plain.items())
        elif field != "grant":
            yield field, (value is not None) if field == "disarmed" else value


class Bench:
    """The checker of one law, and what it found broken."""

    def __init__(self, law: type[Law]) -> None:
        self.world = World(1)
        self.broken: list[str] = []
        self.law = law(self.world, lambda violation: self.broken.append(violation.what))
        self.world.chronicle.watchers.append(self.law)
        self.truth = self.world.truth
        self.truth.written[VM] = {MARK}
        for each in (HOST, OTHER):
            _ = self.world.add_host(each, far=False)
        self.write(
            Fleet(id=FLEET, instance="VM", created_at=0.0, key=KEY, public_keys={str(KEY): b""}),
            Cluster(name=CLUSTER, policy=Policy(), created_at=0.0),
        )
        for each in (HOST, OTHER):
            uuid = self.world.hosts[each].uuid
            row = msgspec.structs.replace(host(), id=each, name=each, uuid=uuid, sequence=0)
            self.write(msgspec.structs.replace(row, last_complete_at=BEGINNING))

    def at(self, seconds: float) -> None:
        """Let time pass, until so many seconds since the beginning."""
        self.world.loop._time = seconds  # pyright: ignore[reportPrivateUsage]

    def write(
        self,
        *rows: Guarded,
        entries: tuple[JournalEntry, ...] = (),
        sightings: tuple[Sighting, ...] = (),
        gone: tuple[tuple[HostId, VmUuid], ...] = (),
        dropped: tuple[Guarded, ...] = (),
        asking: Asking | None = None,
    ) -> None:
        """Commit rows as they shall be, whatever they are; `asking`: in whose course, where it is
        not asked for by ann, who asks for each of them in all that they say."""
        writes = [Write(before=self._now(row), after=row) for row in rows]
        writes += [Write(before=self._now(row), after=None) for row in dropped]
        changes = Changes(writes=tuple(writes), entries=entries, sightings=sightings, gone=gone)
        (refused,) = asyncio.run(self.world.database.rows.commit([changes]))
        assert not refused
        at = self.world.loop.time()
        commit = Committed(
            at=at, process=SERVER, changes=changes, asking=asking or asks_for_all(*rows)
        )
        self.world.chronicle.committed(commit)

    def _now(self, row: Guarded) -> Guarded | None:
        kind: Any = type(row)
        return self.world.database.row(kind, *key_of(row))

    def runs(self, machine: str = HOST, vm: VmUuid = VM) -> None:
        """The VM's process begins."""
        self.world.hosts[machine].hypervisor.processes.add(vm)

    def ends(self, machine: str = HOST, vm: VmUuid = VM) -> None:
        """It is gone."""
        self.world.hosts[machine].hypervisor.processes.discard(vm)

    def look(
        self,
        *vms: VmObservation,
        machine: HostId = HOST,
        sequence: int = 1,
        began: float | None = None,
        absent: tuple[VmUuid, ...] = (),
        complete: bool = True,
        answers_as: HostId | None = None,
    ) -> Looked:
        """A report leaves the machine; `answers_as`: a host that is not its own."""
        host = answers_as or machine
        report = HostReport(
            host=host,
            epoch=1,
            sequence=sequence,
            boot_id="boot-1",
            completeness=Completeness.COMPLETE if complete else Completeness.PARTIAL,
            vms=vms,
            absent=absent,
        )
        now = self.world.loop.time()
        self.world.chronicle.looked(
            machine, now if began is None else began, Reported(report=report)
        )
        return self.truth.looks[host, 1, sequence]

    def take(self, look: Looked, *rows: Guarded, sightings: tuple[Sighting, ...] = ()) -> None:
        """It is taken in, and these rows come of it."""
        there = self.world.database.row(type(host()), look.report.host)
        assert there is not None
        stamp = {"epoch": look.report.epoch, "sequence": look.report.sequence}
        self.write(msgspec.structs.replace(there, **stamp), *rows, sightings=sightings)

    def order(self, command: Command, **changes: object) -> None:
        """A command becomes durable, with its operation and its entry in the journal."""
        kind = KINDS[type(command)]
        wish = operation(kind, **({"id": command.operation} | changes))
        self.write(wish)
        self.issue(command)

    def issue(self, *commands: Command, rows: tuple[Guarded, ...] = ()) -> None:
        """Commands become durable, with their entries in the journal."""
        now = BEGINNING + self.world.loop.time()
        outgoing = [
            OutboxCommand(id=c.id, host=c.host, vm=c.vm, command=c, created_at=now)
            for c in commands
        ]
        self.write(*outgoing, *rows, entries=tuple(entry(each) for each in commands))

    def act(self, what: str, command: Command | None, **changes: object) -> None:
        """The product changes the VM at home."""
        done = Act(
            at=self.world.loop.time(),
            host=HOST,
            process=SERVER,
            vm=VM,
            what=what,
            command=command,
            told_epoch=1,
            highest_epoch=1,
            name=NAME,
            power=PowerState.RUNNING,
            mark=MARK,
            stored_mark=MARK,
            adopted=True,
            runs_on=(),
        )
        self.law.acted(msgspec.structs.replace(done, **changes))


def entry(command: Command, **changes: object) -> JournalEntry:
    """The intent behind a command."""
    said = JournalEntry(
        at=BEGINNING,
        kind=EntryKind.COMMAND,
        actor=command.actor,
        what="why",
        rule="in-flight",
        vm=command.vm,
        command=command.id,
        evidence={"proof": "a proof"},
    )
    return msgspec.structs.replace(said, **changes)
