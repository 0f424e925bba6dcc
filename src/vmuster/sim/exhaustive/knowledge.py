"""What the database holds of the small world, as one value that does not grow.

Ids, versions, times and request generations are the same in all of it: no rule goes by them, or
time is a move of its own. Of a deadline there is left whether it is over; of intake numbers, their
order (`numbers`). What is written is written as the shipped code says it (`intake`).
"""

from typing import Final
from uuid import UUID

import msgspec

from vmuster.model.commands import Command
from vmuster.model.ids import CommandId, OperationId, VmUuid
from vmuster.model.operations import Operation
from vmuster.model.states import MarkVerdict, PowerReason, PowerState, Standing
from vmuster.model.vm import Sighting, VmRecord
from vmuster.reconcile.moves import has_left
from vmuster.sim.exhaustive.setting import (
    NOW,
    OURS,
    PATIENCE_SECONDS,
    RECORD,
    STRANGER,
)

_COMMAND: Final = CommandId(UUID(int=0xC0))
_OPERATION: Final = OperationId(UUID(int=0x09))
_OFF: Final = (PowerState.STOPPED, PowerState.CRASHED)
AT_HOME: Final = (Standing.OWNED, Standing.MOVED)
"""The standings of what a person may ask for, where it is at home."""


class Known(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """The rows: our VM's record, its sightings on both hosts, the stranger's, open operations."""

    record: VmRecord = RECORD
    sightings: tuple[Sighting | None, Sighting | None] = (None, None)
    stranger: Sighting | None = None
    operation: Operation | None = None
    """On our VM."""
    ending: Operation | None = None
    """On the stranger: an automatic stop."""


def here(known: Known, host: int) -> list[tuple[VmUuid, Sighting]]:
    """The sightings on `host`, by their VMs."""
    both = ((OURS, known.sightings[host]), (STRANGER, known.stranger if host == 0 else None))
    return [(vm, sighting) for vm, sighting in both if sighting is not None]


def with_sighting(known: Known, host: int, vm: VmUuid, sighting: Sighting | None) -> Known:
    """`known` with this sighting of `vm` on `host`."""
    if vm != OURS:
        return msgspec.structs.replace(known, stranger=sighting)
    both = (sighting, known.sightings[1]) if host == 0 else (known.sightings[0], sighting)
    return msgspec.structs.replace(known, sightings=both)


def plain_record(record: VmRecord) -> VmRecord:
    """`record` without what grows, and without what no rule reads: of its power, whether it was
    seen off; of the reason, whether it left by a migration."""
    off = record.power in _OFF
    left = record.reason is PowerReason.MIGRATED
    return msgspec.structs.replace(
        record,
        power=PowerState.STOPPED if off else PowerState.RUNNING,
        reason=PowerReason.MIGRATED if left else PowerReason.UNKNOWN,
        generation=1,
        changed_at=NOW,
        seen_at=NOW,
        restart_after=0.0,
        version=0,
    )


def plain_sighting(sighting: Sighting) -> Sighting:
    """`sighting` without what no rule reads. Of a stranger no numbers are compared; of ours nobody
    counts reports, and of what is absent nobody asks how it was. Of the reason: as of a record."""
    ours = sighting.uuid == OURS
    left = ours and not sighting.absent and has_left(sighting)
    counted = sighting.standing is Standing.LOOKALIKE
    standing = Standing.OWNED if sighting.standing in AT_HOME else sighting.standing
    after = msgspec.structs.replace(
        sighting,
        power=_power(sighting),
        reason=PowerReason.MIGRATED if left else PowerReason.UNKNOWN,
        standing=standing,
        finding="",
        why="",
        name="",
        complete_reports=sighting.complete_reports if counted else 0,
        raw_mark=None,
    )
    if not ours:
        since = int(sighting.active_since > 0)
        after = msgspec.structs.replace(after, taken_in=0, asked_after=0, active_since=since)
    if sighting.absent:
        after = msgspec.structs.replace(after, mark=MarkVerdict.NONE, standing=Standing.OWNED)
    return after


def _power(sighting: Sighting) -> PowerState:
    """Whether it is active, or nobody can tell."""
    if sighting.active:
        return PowerState.RUNNING
    untold = sighting.power is PowerState.UNKNOWN
    return PowerState.UNKNOWN if untold else PowerState.STOPPED


def unordered(sighting: Sighting) -> Sighting:
    """`sighting` without numbers, but for whether it is active."""
    return msgspec.structs.replace(
        sighting, taken_in=0, asked_after=0, active_since=int(sighting.active_since > 0)
    )


def worded(before: Sighting, said: Sighting) -> Sighting:
    """`before`, with what no rule reads as it was `said`.

    A sighting is written again where it says something new. What was left out of it here must not
    look new: so it is put in again, and that only its words may change is left out of this world.
    """
    return msgspec.structs.replace(
        said,
        taken_in=before.taken_in,
        asked_after=before.asked_after,
        active_since=before.active_since,
    )


def plain_operation(operation: Operation) -> Operation:
    """`operation` without what grows: its time is over, or all before it."""
    over = operation.deadline_at <= NOW
    return msgspec.structs.replace(
        operation,
        id=_OPERATION,
        command=_COMMAND if operation.command is not None else None,
        message="",
        created_at=NOW,
        deadline_at=NOW if over else NOW + PATIENCE_SECONDS,
        version=0,
    )


def plain_command(command: Command) -> Command:
    """`command` without what grows; what proves it stays as it is."""
    return msgspec.structs.replace(
        command,
        id=_COMMAND,
        operation=_OPERATION,
        issued_at=NOW,
        valid_seconds=PATIENCE_SECONDS,
    )
