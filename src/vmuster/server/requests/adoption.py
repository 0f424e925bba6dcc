"""Adoption: a VM that was seen becomes a record of ours and the order to mark it. Nothing else.

Which VMs may be adopted, what their record says at first, and under which generation they are
marked: above every generation that is known of them, so that none goes backwards (L5).
"""

from typing import Final

import msgspec

from vmuster.model.commands import MarkVm
from vmuster.model.errors import Refused, Unavailable
from vmuster.model.host import Host
from vmuster.model.ids import CommandId
from vmuster.model.mark import OwnershipMark, RawMark
from vmuster.model.names import VmKind, parse
from vmuster.model.operations import Operation
from vmuster.model.states import (
    DesiredState,
    PowerReason,
    PowerState,
    Standing,
    VmPhase,
)
from vmuster.model.text import visible
from vmuster.model.vm import Sighting, VmRecord

_ADOPTABLE: Final = frozenset(
    {
        Standing.OWNED,
        Standing.ALIEN,
        Standing.LOOKALIKE,
        Standing.ORPHAN,
        Standing.UNPROVEN,
        Standing.CLONE,
        Standing.GHOST,
    }
)
"""Another fleet's VMs are not among them. What is OWNED is signed anew."""
WAY_OUT: Final = {
    Standing.FOREIGN: "release it in the fleet that manages it; if we have a record of it, and that"
    " fleet shall keep it: vmuster vm forget",
    Standing.UNPROVEN: "adopt it, to sign it anew; or, where it bears no mark and shall not be"
    " ours: vmuster vm forget",
    Standing.DUPLICATE: "find out which of the two is the right one, and undefine the other",
    Standing.MOVED: "its record follows once its old home has looked; try again then. If nobody can"
    " confirm that it is gone there, and you know: vmuster vm forget, with --on and its old home",
}


def check_adoptable(seen: Sighting, record: VmRecord | None, home: Host) -> None:
    """Refuses what may not be adopted as it was seen: `Refused`, or `Unavailable` for now."""
    if seen.standing not in _ADOPTABLE:
        hint = WAY_OUT.get(seen.standing, f"vmuster vm explain {seen.uuid}")
        raise Refused(f"{visible(seen.name)} is {seen.standing}", hint=hint)
    if record is not None and record.live and record.host not in (None, home.id):
        raise Refused(
            f"our record of {visible(seen.name)} says that it lives on another host",
            hint=f"vmuster vm explain {seen.uuid}",
        )
    if home.well_since is None:
        raise Unavailable(f"host {home.name} is not heard of now: {home.trouble or home.health}")
    if seen.reason is PowerReason.SAVED:
        raise Refused(
            f"{visible(seen.name)} is saved to disk: a mark would not last",
            hint="start it on its host by hand (virsh start); then adopt it",
        )
    if seen.power is PowerState.UNKNOWN or seen.reason is PowerReason.MIGRATING:
        raise Unavailable(
            f"it can't be told now whether {visible(seen.name)} runs",
            hint="adopt it once its host shows it running or stopped",
        )


def adopted_record(
    seen: Sighting, record: VmRecord | None, home: Host, *, name: str, number: int, now: float
) -> VmRecord:
    """The record of an adopted VM: a new one, or `record` brought back or signed anew.

    What is asked for is what was seen: adoption starts and stops nothing. Only a VM that is OWNED,
    and signed anew, keeps its wish. `name`: the record's; empty for the one it has, or what its
    host calls it. `number`: an intake number, which no earlier mark can have had; the new mark's
    generation is that, or above all that are known.
    """
    recorded = record.mark_generation if record is not None else 0
    generation = max(number, recorded + 1, seen.mark_generation + 1)
    wish = DesiredState.RUNNING if seen.active else DesiredState.STOPPED
    if record is not None and record.live:
        return msgspec.structs.replace(
            record,
            name=name or record.name,
            desired=record.desired if seen.standing is Standing.OWNED else wish,
            generation=record.generation + 1,
            mark_generation=generation,
            changed_at=now,
        )
    parsed = parse(seen.name)
    return VmRecord(
        uuid=seen.uuid,
        name=name or seen.name,
        label=seen.name,
        kind=parsed.kind if parsed is not None else VmKind.USER,
        cluster=home.cluster,
        host=home.id,
        desired=wish,
        phase=VmPhase.RUNNING if seen.active else VmPhase.STOPPED,
        power=seen.power,
        reason=seen.reason,
        generation=record.generation + 1 if record is not None else 1,
        mark_generation=generation,
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
