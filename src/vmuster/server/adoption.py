"""Adoption: a VM that was seen becomes a record of ours and the order to mark it. Nothing else.

Which VMs may be adopted, what their record says at first, and under which generation they are
marked: above every generation that is known of them, so that none goes backwards (L5).
"""

from typing import Final

from vmuster.model.commands import MarkVm
from vmuster.model.host import Host
from vmuster.model.ids import CommandId
from vmuster.model.mark import OwnershipMark, RawMark, parse_mark
from vmuster.model.names import VmKind, parse
from vmuster.model.operations import Operation
from vmuster.model.states import DesiredState, MarkVerdict, Standing, VmPhase
from vmuster.model.vm import Sighting, VmRecord

ADOPTABLE: Final = frozenset(
    {
        Standing.ALIEN,
        Standing.LOOKALIKE,
        Standing.ORPHAN,
        Standing.UNPROVEN,
        Standing.CLONE,
        Standing.GHOST,
    }
)
"""Another fleet's VMs are not among them, nor what is ours already."""


def adopted_record(
    seen: Sighting, record: VmRecord | None, home: Host, name: str, now: float
) -> VmRecord:
    """The record of an adopted VM: a new one, or `record` brought back or signed anew.

    What is asked for is what was seen: adoption starts and stops nothing.
    """
    parsed = parse(seen.name)
    return VmRecord(
        uuid=seen.uuid,
        name=name,
        label=seen.name,
        kind=parsed.kind if parsed is not None else VmKind.USER,
        cluster=home.cluster,
        host=home.id,
        desired=DesiredState.RUNNING if seen.active else DesiredState.STOPPED,
        phase=VmPhase.RUNNING if seen.active else VmPhase.STOPPED,
        power=seen.power,
        reason=seen.reason,
        generation=record.generation + 1 if record is not None else 1,
        mark_generation=_highest_generation(seen, record) + 1,
        protected=True,
        created_at=record.created_at if record is not None else now,
        changed_at=now,
        seen_at=seen.last_seen_at,
    )


def mark_command(
    command: CommandId,
    operation: Operation,
    home: Host,
    mark: OwnershipMark,
    replaces: RawMark | None,
) -> MarkVm:
    """The order to write `mark`, over exactly the mark that was there when a person asked."""
    return MarkVm(
        id=command,
        operation=operation.id,
        host=home.id,
        epoch=home.epoch,
        vm=operation.vm,
        name=operation.name,
        actor=operation.actor,
        automatic=False,
        issued_at=operation.created_at,
        valid_seconds=operation.deadline_at - operation.created_at,
        mark=mark,
        replaces=replaces,
    )


def _highest_generation(seen: Sighting, record: VmRecord | None) -> int:
    recorded = record.mark_generation if record is not None else 0
    found = parse_mark(seen.raw_mark) if seen.raw_mark is not None else None
    if found is None or seen.mark is not MarkVerdict.OURS:
        return recorded
    return max(recorded, found.generation)
