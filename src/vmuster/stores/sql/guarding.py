"""Whether what a set of changes was decided on still holds, asked within its transaction."""

from collections.abc import Sequence
from itertools import chain
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from vmuster.model.changes import Changes, Guarded
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Host
from vmuster.model.operations import Operation
from vmuster.model.vm import VmRecord
from vmuster.stores import refusals
from vmuster.stores.kinds import KINDS, key_of, plain
from vmuster.stores.refusals import Refusal
from vmuster.stores.sql.reading import slices
from vmuster.stores.sql.tables import LIVE, OPEN, TABLES, UNANSWERED, VM

_HOLDING: Final[dict[type[msgspec.Struct], ColumnElement[bool]]] = {
    Host: true(),
    VmRecord: LIVE,
    Operation: OPEN,
    OutboxCommand: UNANSWERED,
}
"""Which rows hold another, as `Holder.among` says it of values."""


async def check_guards(connection: AsyncConnection, changes: Changes) -> None:
    """Raise `Refusal` where a guarding record was written, or a VM without one has one now."""
    concerned = chain((guard.uuid for guard in changes.guards), changes.unrecorded)
    uuids: list[str] = [plain(uuid) for uuid in concerned]
    versions = await _versions(connection, uuids)
    for guard in changes.guards:
        if versions.get(plain(guard.uuid)) != guard.version:
            raise Refusal(refusals.stale(guard, guard.version))
    for vm in changes.unrecorded:
        if plain(vm) in versions:
            raise Refusal(refusals.recorded(vm))


async def _versions(connection: AsyncConnection, uuids: Sequence[str]) -> dict[str, int]:
    """The versions of the records that there are, by uuid; they stay so until the commit."""
    found: dict[str, int] = {}
    for part in slices(uuids):
        statement = select(VM.c.uuid, VM.c.version).where(VM.c.uuid.in_(part)).with_for_update()
        found.update((uuid, version) for uuid, version in await connection.execute(statement))
    return found


async def check_unheld(connection: AsyncConnection, dropped: Sequence[Guarded]) -> None:
    """Raise `Refusal` where another row still names one of those that were just `dropped`."""
    for row in dropped:
        for holder in KINDS[type(row)].holders:
            table = TABLES[holder.kind]
            names_it = table.c[holder.field] == key_of(row)[0]
            held = select(names_it).where(names_it, _HOLDING[holder.kind]).limit(1)
            if (await connection.execute(held)).first() is not None:
                raise Refusal(refusals.still_held(holder, row))
