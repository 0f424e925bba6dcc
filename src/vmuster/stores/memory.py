"""A store in plain dicts: for the simulator and for tests, where a crash ends the world anyway.

It obeys the port to the letter, refusals included; the conformance suite holds it against the SQL
store. Rows are immutable values, so a reader never sees a half-written one, and a set that fails
is undone step by step.
"""

import zlib
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy

import msgspec

from vmuster.model.automation import HeldPlan
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.rows import KEYS, row_place
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import HostAsked, HostRows, Place, Row, Store, VmQuery, VmRow
from vmuster.stores import refusals
from vmuster.stores.chaining import EMPTY, End, chained
from vmuster.stores.kinds import KINDS, check_findable, check_place, key_of, one_of, plain
from vmuster.stores.listing import lines, text_place, unseen
from vmuster.stores.loading import in_order, known_on, load_host, orders_for
from vmuster.stores.refusals import Refusal
from vmuster.stores.settle import check_writes, row_of, settle

_Key = tuple[object, ...]
_Undo = list[Callable[[], object]]


class MemoryStore:
    """The store port over dicts. Nothing is durable; nothing ever waits."""

    def __init__(self) -> None:
        self._tables: dict[type[msgspec.Struct], dict[_Key, msgspec.Struct]] = {
            kind: {} for kind in KINDS
        }
        self._end: End = EMPTY

    async def get(self, kind: type[Row], *key: object) -> Row | None:
        """As the port says."""
        if len(key) != len(KEYS[kind]):
            raise ValueError(f"the key of a {kind.__name__} has {len(KEYS[kind])} parts")
        return self._table(kind).get(plain(key))

    async def unanswered(self, host: HostId) -> Sequence[OutboxCommand]:
        """As the port says."""
        return orders_for(self._table, host)

    async def known_on(self, host: HostId) -> Sequence[VmUuid]:
        """As the port says."""
        return known_on(self._table, host)

    async def find(
        self,
        kind: type[Row],
        /,
        *,
        limit: int = 1000,
        newest_first: bool = False,
        after: tuple[object, ...] = (),
        readable: bool = False,  # noqa: ARG002  # every row is
        **equal: object,
    ) -> Sequence[Row]:
        """As the port says."""
        check_findable(kind, frozenset(equal))
        check_place(kind, after)
        found, place = in_order(self._table(kind).values(), _equals(equal)), plain(after)
        if newest_first:
            found = [row for row in found[::-1] if not place or _place(row) < place]
        else:
            found = [row for row in found if not place or _place(row) > place]
        return found[:limit]

    async def count(self, kind: type[Row], /, by: str, **equal: object) -> dict[object, int]:
        """As the port says."""
        check_findable(kind, frozenset({by, *equal}))
        fits = _equals(equal)
        return dict(Counter(getattr(row, by) for row in self._table(kind).values() if fits(row)))

    async def vms(
        self, query: VmQuery, *, after: Place | None = None, limit: int = 1000
    ) -> Sequence[VmRow]:
        """As the port says."""
        hosts = {host.id: host for host in self._table(Host).values()}
        sightings, records = self._table(Sighting).values(), self._table(VmRecord).values()
        start = None if after is None else text_place(after)
        found = lines(query, sightings, records, hosts)
        return [row for row in found if start is None or text_place(row.place) > start][:limit]

    async def unseen(self) -> dict[object, int]:
        """As the port says."""
        shown = [seen for seen in self._table(Sighting).values() if not seen.absent]
        live = [record for record in self._table(VmRecord).values() if record.live]
        return dict(Counter(record.phase for record in unseen(shown, live)))

    async def unread(self) -> Sequence[str]:
        """None: values are kept as they are."""
        return ()

    async def weigh(self, kinds: Collection[type[msgspec.Struct]]) -> str:
        """As the port says."""
        return ", ".join(
            f"{kind.__name__} {sum(map(_checksum, self._tables[kind].values()))}"
            for kind in sorted(kinds, key=lambda kind: kind.__name__)
        )

    async def load_hosts(
        self, asked: Sequence[HostAsked], since: float
    ) -> Sequence[HostRows | None]:
        """As the port says."""
        return [load_host(self._table, each, since) for each in asked]

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """As the port says. An inserted row gets version 1, whatever `after.version` says."""
        for each in changes:
            check_writes(each)
        return [self._commit_one(each) for each in changes]

    @asynccontextmanager
    async def rehearsal(self) -> AsyncGenerator[Store]:
        """As the port says: in a copy."""
        other = copy(self)
        other._tables = {kind: dict(rows) for kind, rows in self._tables.items()}  # noqa: SLF001
        yield other

    async def close(self) -> None:
        """Forget everything."""
        for table in self._tables.values():
            table.clear()

    def _table(self, kind: type[Row]) -> dict[_Key, Row]:
        return self._tables[kind]  # pyright: ignore[reportReturnType]  # keyed by its own kind

    def _commit_one(self, changes: Changes) -> str:
        undo: _Undo = []
        try:
            settled = settle(changes)
            self._check_guards(settled)
            for write in settled.writes:
                self._write(write, undo)
            self._write_sightings(settled, undo)
        except Refusal as refusal:
            for step in reversed(undo):
                step()
            return refusal.reason
        for entry in chained(self._end, settled.entries):
            self._table(JournalEntry)[key_of(entry)] = entry
            self._end = (entry.id, entry.chain)
        return ""

    def _check_guards(self, changes: Changes) -> None:
        records = self._table(VmRecord)
        for guard in changes.guards:
            there = records.get(key_of(guard))
            if there is None or there.version != guard.version:
                raise Refusal(refusals.stale(guard, guard.version))
        for vm in changes.unrecorded:
            if (plain(vm),) in records:
                raise Refusal(refusals.recorded(vm))

    def _write(self, write: Write, undo: _Undo) -> None:
        row = row_of(write)
        table = self._tables[type(row)]
        there = table.get(key_of(row))
        if write.before is None:
            if there is not None:
                raise Refusal(refusals.there_already(row))
        elif not (isinstance(there, type(row)) and there.version == write.before.version):
            raise Refusal(refusals.stale(row, write.before.version))
        if write.after is None:
            self._check_unused(row)
            self._put(table, key_of(row), None, undo)
            self._drop_parts(row, undo)
        else:
            self._check_unique(write.after)
            self._check_owner(write.after)
            self._put(table, key_of(row), write.after, undo)

    def _write_sightings(self, changes: Changes, undo: _Undo) -> None:
        table = self._tables[Sighting]
        for sighting in changes.sightings:
            if (sighting.host,) not in self._table(Host):
                raise Refusal(refusals.no_host(Sighting))
            self._put(table, key_of(sighting), sighting, undo)
        for key in changes.gone:
            self._put(table, plain(key), None, undo)

    def _check_unique(self, row: msgspec.Struct) -> None:
        own_key = key_of(row)
        for rule in KINDS[type(row)].unique:
            if rule.among(row) and any(
                key != own_key and rule.among(other) and _same(row, other, rule.columns)
                for key, other in self._tables[type(row)].items()
            ):
                raise Refusal(refusals.taken(rule, row))

    def _check_owner(self, row: msgspec.Struct) -> None:
        if isinstance(row, Host) and (row.cluster,) not in self._table(Cluster):
            raise Refusal(refusals.no_cluster(row.cluster))
        if isinstance(row, HeldPlan) and (row.host,) not in self._table(Host):
            raise Refusal(refusals.no_host(HeldPlan))

    def _check_unused(self, row: msgspec.Struct) -> None:
        for holder in KINDS[type(row)].holders:
            if any(
                plain(getattr(other, holder.field)) == key_of(row)[0] and holder.among(other)
                for other in self._tables[holder.kind].values()
            ):
                raise Refusal(refusals.still_held(holder, row))

    def _drop_parts(self, row: msgspec.Struct, undo: _Undo) -> None:
        if isinstance(row, Host):
            self._put(self._tables[HeldPlan], key_of(row), None, undo)
            table = self._table(Sighting)
            for key in [key for key, sighting in table.items() if sighting.host == row.id]:
                self._put(self._tables[Sighting], key, None, undo)

    def _put(
        self,
        table: dict[_Key, msgspec.Struct],
        key: _Key,
        row: msgspec.Struct | None,
        undo: _Undo,
    ) -> None:
        """Set or, for None, drop the row at `key`, and note how to undo it."""
        before = table.pop(key, None)
        if row is not None:
            table[key] = row
        if before is None:
            undo.append(lambda: table.pop(key, None))
        else:
            undo.append(lambda: table.__setitem__(key, before))


def _place(row: msgspec.Struct) -> _Key:
    """Where `row` stands in the order of its kind."""
    return plain(row_place(row))


def _checksum(row: msgspec.Struct) -> int:
    return zlib.crc32(msgspec.json.encode(row))


def _equals(equal: Mapping[str, object]) -> Callable[[msgspec.Struct], bool]:
    """Whether a row has these values, or one of them where they are a set."""
    among = {field: frozenset(map(plain, one_of(value))) for field, value in equal.items()}
    return lambda row: all(plain(getattr(row, field)) in among[field] for field in among)


def _same(one: msgspec.Struct, other: msgspec.Struct, columns: Iterable[str]) -> bool:
    return all(getattr(one, column) == getattr(other, column) for column in columns)
