"""A report is taken in: by the shipped core, over rows made of what is known, and its changes as
the server writes them are applied.

What a pass makes of the same knowledge and the same report is always the same, so each is decided
once and remembered.
"""

from collections.abc import Iterator

import msgspec

from vmuster.model.automation import Spent
from vmuster.model.changes import Changes
from vmuster.model.commands import Command, OutboxCommand
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind
from vmuster.model.operations import Operation
from vmuster.model.plan import Plan
from vmuster.model.report import HostReport
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import HostRows
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.recorded import Recorded
from vmuster.server.passes.gather import gather
from vmuster.server.passes.judge import MarkJudge
from vmuster.server.passes.writes import changes_of
from vmuster.sim.exhaustive.knowledge import (
    Known,
    here,
    plain_command,
    plain_operation,
    plain_record,
    plain_sighting,
    unordered,
    with_sighting,
    worded,
)
from vmuster.sim.exhaustive.looks import Report, stamped
from vmuster.sim.exhaustive.numbers import newest
from vmuster.sim.exhaustive.setting import (
    CLUSTER,
    FLEET,
    HOST_ROWS,
    NOW,
    OURS,
    POLICY,
    STRANGER,
)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a report. `refused`: why nothing did. `commands`: what is in the outbox now.
    `breaches`: laws that the changes break in themselves, whatever is true."""

    known: Known
    before: Known
    refused: str = ""
    commands: tuple[Command, ...] = ()
    breaches: tuple[str, ...] = ()


class Intake:
    """Takes reports in, and remembers what each came to."""

    def __init__(self) -> None:
        self._judge = MarkJudge(FLEET)
        self._taken: dict[tuple[int, Known, Report], Taken] = {}
        self._said: dict[Sighting, Sighting] = {}
        """What was last said where a sighting says this (see `knowledge.worded`)."""
        self._same: dict[Known, Known] = {}

    def take(self, known: Known, host: int, report: Report) -> Taken:
        """What `report` of `host` comes to, where `known` is all that is known."""
        key = (host, known, report)
        if key not in self._taken:
            self._taken[key] = self._decided(known, host, stamped(report, host))
        return self._taken[key]

    def _decided(self, known: Known, host: int, report: HostReport) -> Taken:
        recorded, plan = self._passed(known, host, report)
        if plan.refused:
            return Taken(known=known, before=known, refused=plan.refused)
        changes = changes_of(plan, recorded, FLEET, CLUSTER, NOW)
        after = _applied(known, host, changes)
        return Taken(
            known=self._same.setdefault(after, after),
            before=known,
            commands=tuple(plain_command(command) for command in plan.commands),
            breaches=tuple(breached(plan, changes)),
        )

    def _passed(self, known: Known, host: int, report: HostReport) -> tuple[Recorded, Plan]:
        """The plan, where words alone are no news: made again where they were."""
        while True:
            rows = _rows(self._in_words(known, host), host)
            recorded = gather(
                rows,
                self._judge.judge(report, (*rows.here, *rows.elsewhere)),
                intake=newest(known) + 1,
                idle="",
                unheard_of=frozenset(),
            )
            plan = reconcile(recorded, report, POLICY, NOW)
            if not self._learnt(known, host, plan):
                return recorded, plan

    def _in_words(self, known: Known, host: int) -> Known:
        for vm, before in here(known, host):
            said = self._said.get(unordered(before))
            if said is not None:
                known = with_sighting(known, host, vm, worded(before, said))
        return known

    def _learnt(self, known: Known, host: int, plan: Plan) -> bool:
        """Whether the plan says of anything in other words what was said of it before."""
        learnt = False
        for vm, before in here(known, host):
            for after in plan.sightings:
                same = after.uuid == vm and unordered(plain_sighting(after)) == unordered(before)
                if same and self._said.get(unordered(before)) != (words := unordered(after)):
                    self._said[unordered(before)] = words
                    learnt = True
        return learnt


def _rows(known: Known, host: int) -> HostRows:
    """The rows that the store would give."""
    there = known.sightings[1 - host]
    operations = (known.operation, known.ending if host == 0 else None)
    return HostRows(
        fleet=FLEET,
        cluster=CLUSTER,
        host=HOST_ROWS[host],
        records=(known.record,),
        here=tuple(sighting for _, sighting in here(known, host)),
        elsewhere=() if there is None else (there,),
        named=(known.record,),
        operations=tuple(operation for operation in operations if operation is not None),
        orphans=0,
        spent=Spent(),
    )


def _applied(known: Known, host: int, changes: Changes) -> Known:
    """`known` after the commit."""
    for sighting in changes.sightings:
        known = with_sighting(known, host, sighting.uuid, plain_sighting(sighting))
    for _, vm in changes.gone:
        known = with_sighting(known, host, vm, None)
    of_vm: dict[str, object] = {}
    for write in changes.writes:
        match write.after:
            case VmRecord() as record:
                of_vm["record"] = plain_record(record)
            case Operation() as operation:
                of_vm["operation" if operation.vm == OURS else "ending"] = (
                    plain_operation(operation) if operation.open else None
                )
            case _:
                pass
    return msgspec.structs.replace(known, **of_vm) if of_vm else known


def breached(plan: Plan, changes: Changes) -> Iterator[str]:
    """L5, L7, L9 and L12, as far as the changes show them."""
    intended = {
        entry.command
        for entry in changes.entries
        if entry.kind is EntryKind.COMMAND and entry.actor and entry.rule and entry.evidence
    }
    if plan.violations:
        yield f"the core's own second opinion: {plan.violations[0]}"
    if any(command.vm not in (OURS, STRANGER) for command in plan.commands):
        yield "L1: a command about a VM that nobody showed"
    for write in changes.writes:
        match write.before, write.after:
            case Host() as before, Host() as after:
                if (after.epoch, after.sequence) <= (before.epoch, before.sequence):
                    yield "L7: a report was applied that is not newer than the one before it"
            case VmRecord() as before, after:
                yield from _rewritten(before, after)
            case None, VmRecord():
                yield "L9: a record is made that nobody asked for"
            case None, OutboxCommand(id=command) if command not in intended:
                yield "L12: a command without a row that says who, why and on what evidence"
            case _:
                pass


def _rewritten(before: VmRecord, after: object) -> Iterator[str]:
    """What must not become of a record in a pass."""
    if not isinstance(after, VmRecord):
        yield "L9: a record is forgotten that nobody released"
        return
    if after.uuid != before.uuid or after.live is not before.live:
        yield "L9: a record changes its identity, or dies"
    if after.generation < before.generation or after.mark_generation < before.mark_generation:
        yield "L5: a generation goes backwards"
