"""A store to make requests in vain: it notes what they would change, and nothing of it stays.

What is committed goes to a rehearsal of the database (`Store.rehearsal`), which checks it as in
earnest; so refusals are the same refusals, and what is read later in the request is what would be
there then.
"""

from collections.abc import Iterator, Sequence

import msgspec

from vmuster.model.automation import HeldPlan
from vmuster.model.changes import Changes, Guarded
from vmuster.model.commands import Command, OutboxCommand
from vmuster.model.host import Host
from vmuster.model.rows import key_fields
from vmuster.model.vm import Sighting
from vmuster.ports.store import Store
from vmuster.server.paging import find_all
from vmuster.server.relayed import RelayedStore

Changed = Guarded | Sighting
_Slot = tuple[type[Changed], tuple[object, ...]]


class RowChange(msgspec.Struct, frozen=True, kw_only=True):
    """One row before all that was rehearsed, and after it; None where it is not there."""

    before: Changed | None
    after: Changed | None

    @property
    def row(self) -> Changed:
        """The row, as it is or as it was."""
        row = self.after or self.before
        if row is None:
            raise ValueError("a row that was never there does not change")
        return row


class Rehearsal(RelayedStore):
    """A rehearsal of the database, with what was written into it.

    `entries`: what the journal would say; `commands`: what would be put into the outbox.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._rows: dict[_Slot, RowChange] = {}
        self.entries: list[str] = []
        self.commands: list[Command] = []

    @property
    def changes(self) -> list[RowChange]:
        """The rows that would change, in the order in which each first did. A row that is written
        as it was, so that nobody else writes it at the same moment, does not change."""
        return [each for each in self._rows.values() if _differ(each.before, each.after)]

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """As `Store.commit`; what was not refused is noted."""
        before = [await self._before(each) for each in changes]
        refused = await self._store.commit(changes)
        for each, rows, why in zip(changes, before, refused, strict=True):
            if not why:
                self._note(each, rows)
        return refused

    async def _before(self, changes: Changes) -> dict[_Slot, Changed | None]:
        """Every row that `changes` may change, as it is. With a host go the parts of it."""
        rows: dict[_Slot, Changed | None] = {}
        for write in changes.writes:
            rows[_slot(RowChange(before=write.before, after=write.after).row)] = write.before
            if isinstance(write.before, Host) and write.after is None:
                rows |= {_slot(part): part for part in await self._parts(write.before)}
        for key in {*((seen.host, seen.uuid) for seen in changes.sightings), *changes.gone}:
            rows[Sighting, key] = await self._store.get(Sighting, *key)
        return rows

    async def _parts(self, host: Host) -> list[Changed]:
        plan = await self._store.get(HeldPlan, host.id)
        seen = await find_all(self._store, Sighting, host=host.id)
        return [*seen, *(() if plan is None else (plan,))]

    def _note(self, changes: Changes, before: dict[_Slot, Changed | None]) -> None:
        after = dict(_after(changes))
        for slot, row in before.items():
            earlier = self._rows.get(slot)
            first = row if earlier is None else earlier.before
            self._rows[slot] = RowChange(before=first, after=after.get(slot))
        self.entries += [entry.what for entry in changes.entries]
        self.commands += [
            write.after.command
            for write in changes.writes
            if write.before is None and isinstance(write.after, OutboxCommand)
        ]

    async def close(self) -> None:
        """Nothing is closed: it is for the one who began the rehearsal to end it."""


def _slot(row: Changed) -> _Slot:
    return type(row), key_fields(row)


def _after(changes: Changes) -> Iterator[tuple[_Slot, Changed]]:
    """The rows that are there once `changes` were written."""
    for write in changes.writes:
        if write.after is not None:
            yield _slot(write.after), write.after
    gone = set(changes.gone)
    for seen in changes.sightings:
        if (seen.host, seen.uuid) not in gone:
            yield _slot(seen), seen


def _differ(before: Changed | None, after: Changed | None) -> bool:
    """Whether more than the version differs."""
    if before is None or after is None:
        return before is not after
    fields = (name for name in before.__struct_fields__ if name != "version")
    return any(getattr(before, name) != getattr(after, name) for name in fields)
