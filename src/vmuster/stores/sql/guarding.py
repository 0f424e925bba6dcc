"""Whether what sets of changes were decided on still holds, asked within their transaction."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, select, true

from vmuster.model.changes import Changes, Guarded
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Host
from vmuster.model.operations import Operation
from vmuster.model.vm import VmRecord
from vmuster.stores import refusals
from vmuster.stores.kinds import KINDS, key_of
from vmuster.stores.refusals import Refusal
from vmuster.stores.sql.questions import PART, slices
from vmuster.stores.sql.tables import LIVE, OPEN, TABLES, UNANSWERED, VM

_HOLDING: Final[dict[type[msgspec.Struct], ColumnElement[bool]]] = {
    Host: true(),
    VmRecord: LIVE,
    Operation: OPEN,
    OutboxCommand: UNANSWERED,
}
"""Which rows hold another, as `Holder.among` says it of values."""

_VERSIONS: Final = (
    select(VM.c.uuid, VM.c.version)
    .where(VM.c.uuid.in_(bindparam(PART, expanding=True)))
    .with_for_update()
)


def unguarded(connection: Connection, sets: Sequence[Changes]) -> list[str]:
    """For each set why its guards do not hold, or "": a guarding record was written, or a VM
    without one has one now. What was asked stays so until the commit."""
    concerned = {str(guard.uuid) for each in sets for guard in each.guards}
    concerned.update(str(vm) for each in sets for vm in each.unrecorded)
    versions: dict[str, int] = {}
    for part in slices(sorted(concerned)):
        found = connection.execute(_VERSIONS, {PART: part})
        versions.update((uuid, version) for uuid, version in found)
    return [_why_not(each, versions) for each in sets]


def _why_not(changes: Changes, versions: Mapping[str, int]) -> str:
    for guard in changes.guards:
        if versions.get(str(guard.uuid)) != guard.version:
            return refusals.stale(guard, guard.version)
    for vm in changes.unrecorded:
        if str(vm) in versions:
            return refusals.recorded(vm)
    return ""


def check_unheld(connection: Connection, dropped: Sequence[Guarded]) -> None:
    """Raise `Refusal` where another row still names one of those that were just `dropped`."""
    for row in dropped:
        for holder in KINDS[type(row)].holders:
            table = TABLES[holder.kind]
            names_it = table.c[holder.field] == key_of(row)[0]
            held = select(names_it).where(names_it, _HOLDING[holder.kind]).limit(1)
            if connection.execute(held).first() is not None:
                raise Refusal(refusals.still_held(holder, row))
