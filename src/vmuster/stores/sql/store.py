"""The store port over SQLAlchemy Core.

One writer, behind a lock: databases with one writer stay fast and never deadlock on themselves.
Readers have their own connections and see only what was committed. What differs between databases
stands in a `Dialect`.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import Any, Final, TypeVar, TypeVarTuple

import structlog
from sqlalchemy import Row as SqlRow
from sqlalchemy import Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from vmuster.model.changes import Changes
from vmuster.model.errors import Corrupt, Unavailable
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.rows import KEYS
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports import spans
from vmuster.ports.store import HostRows, Place, Row, Store, VmQuery, VmRow
from vmuster.stores.kinds import check_findable, check_place, is_text
from vmuster.stores.listing import place_of, text_place
from vmuster.stores.settle import check_writes
from vmuster.stores.sql.asking import counted, found
from vmuster.stores.sql.committing import commit_sets
from vmuster.stores.sql.dialect import Dialect
from vmuster.stores.sql.finishing import to_the_end
from vmuster.stores.sql.listing import UNSEEN, Line, page
from vmuster.stores.sql.reading import load_host
from vmuster.stores.sql.rows import field_value, from_row

_log = structlog.get_logger("vmuster.store")
_T = TypeVar("_T")
_Read = TypeVar("_Read")
_Columns = TypeVarTuple("_Columns")
_LEFT_OUT_MAX: Final = 100
"""Rows left out that are kept in mind: a person has heard enough then."""


class SqlStore:
    """The store port over one database, through one engine that writes and one that reads; or
    `inside` a transaction that somebody else ends."""

    def __init__(
        self,
        writer: AsyncEngine,
        reader: AsyncEngine,
        dialect: Dialect,
        inside: AsyncConnection | None = None,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._dialect = dialect
        self._inside = inside
        self._writing = asyncio.Lock()
        self._rehearsing = asyncio.Lock()
        self._under_way: set[asyncio.Future[Any]] = set()
        self._left_out: set[tuple[type[Any], tuple[object, ...]]] = set()

    async def get(self, kind: type[Row], *key: object) -> Row | None:
        """As the port says. Raises `Unavailable`, or `Corrupt` where the row can't be read."""
        fields = KEYS[kind]
        if len(key) != len(fields):
            raise ValueError(f"the key of a {kind.__name__} has {len(fields)} parts")
        rows = await self._select(found(kind, dict(zip(fields, key, strict=True))).limit(1))
        return from_row(kind, rows[0]) if rows else None

    async def find(
        self,
        kind: type[Row],
        /,
        *,
        limit: int = 1000,
        newest_first: bool = False,
        after: tuple[object, ...] = (),
        readable: bool = False,
        **equal: object,
    ) -> Sequence[Row]:
        """As the port says. Raises `Unavailable`, or `Corrupt` where a row can't be read."""
        check_findable(kind, frozenset(equal))
        check_place(kind, after)
        statement = found(kind, equal, after=after, newest_first=newest_first)
        if not readable:
            return [from_row(kind, row) for row in await self._select(statement.limit(limit))]
        return await _filled(
            limit,
            lambda most: self._select(statement.limit(most)),
            partial(self._readable, kind),
        )

    async def count(self, kind: type[Row], /, by: str, **equal: object) -> dict[object, int]:
        """As the port says. A word in the database that is none of ours is counted as it is."""
        check_findable(kind, frozenset({by, *equal}))
        return await self._count(kind, by, counted(kind, by, equal))

    async def vms(
        self, query: VmQuery, *, after: Place | None = None, limit: int = 1000
    ) -> Sequence[VmRow]:
        """As the port says. Raises `Unavailable`."""
        place = None if after is None else text_place(after)
        if not all(is_text(part) for part in (query.host, query.cluster, query.name)):
            return []
        return await _filled(
            limit,
            lambda most: self._read(partial(page, query=query, after=place, limit=most)),
            self._vm_row,
        )

    async def unseen(self) -> dict[object, int]:
        """As the port says. Raises `Unavailable`."""
        return await self._count(VmRecord, "phase", UNSEEN)

    async def unread(self) -> Sequence[str]:
        """As the port says."""
        said: list[str] = []
        for kind, key in sorted(self._left_out, key=str):
            try:
                await self.get(kind, *key)
                self._left_out.discard((kind, key))
            except Corrupt as error:
                said.append(error.message)
        return said

    async def load_host(
        self, host: HostId, vms: Collection[VmUuid], names: Collection[str], since: float
    ) -> HostRows | None:
        """As the port says. Raises `Unavailable`, or `Corrupt` where a row can't be read."""
        if not is_text(host):
            return None
        texts = [name for name in names if is_text(name)]
        return await self._read(partial(load_host, host=host, vms=vms, names=texts, since=since))

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """As the port says. An inserted row gets version 1, whatever `after.version` says.

        Within a set: guarded rows in their order, then sightings, those gone, and entries. A
        dropped host takes its sightings with it. A caller that is cancelled does not cut a
        transaction in two: it is finished, only nobody hears of it. Raises `Unavailable` where
        nothing, or nothing known, was written: read again before trying again.
        """
        for each in changes:
            check_writes(each)
        with spans.committing(changes if self._inside is None else ()):
            return await self._whole(self._commit(changes))

    @asynccontextmanager
    async def rehearsal(self) -> AsyncGenerator[Store]:
        """As the port says: a transaction that is rolled back. Other commits wait for it, and for
        one only, however many are asked for (L13)."""
        async with self._rehearsing, self._writing, self._connected() as connection:
            rehearsed = SqlStore(self._writer, self._reader, self._dialect, connection)
            try:
                yield rehearsed
            finally:
                with self._answering():
                    await to_the_end(rehearsed.undo(connection))

    async def finished(self) -> None:
        """Let what is under way finish, whatever becomes of it."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def undo(self, connection: AsyncConnection) -> None:
        """Undo what was written inside of `connection`, once nothing is under way there."""
        await self.finished()
        await connection.rollback()

    async def close(self) -> None:
        """Let what is under way finish, then release the database."""
        await self.finished()
        await self._reader.dispose()
        await self._writer.dispose()

    def _vm_row(self, line: Line) -> VmRow | None:
        """The row of a list in `line`; None where what makes it a row can't be read."""
        _, seen, recorded = line
        sighting = None if seen is None else self._readable(Sighting, seen)
        record = None if recorded is None else self._readable(VmRecord, recorded)
        if seen is not None:
            return sighting and VmRow(place=place_of(sighting), sighting=sighting, record=record)
        return record and VmRow(place=place_of(record), sighting=None, record=record)

    def _readable(self, kind: type[Row], row: Sequence[Any]) -> Row | None:
        """The value in `row`; None where it can't be read, which is noted, and logged once."""
        try:
            return from_row(kind, row)
        except Corrupt as error:
            fields = dict(zip(kind.__struct_fields__, row, strict=False))
            noted = kind, tuple(fields[field] for field in KEYS[kind])
            if noted not in self._left_out:
                _log.error("left out", why=error.message, hint=error.hint)
            if len(self._left_out) < _LEFT_OUT_MAX:
                self._left_out.add(noted)
            return None

    async def _count(
        self, kind: type[Row], by: str, statement: Select[Any, int]
    ) -> dict[object, int]:
        counts = await self._select(statement)
        return {field_value(kind, by, value): number for value, number in counts}

    async def _select(self, statement: Select[*_Columns]) -> Sequence[SqlRow[*_Columns]]:
        async def select(connection: AsyncConnection) -> Sequence[SqlRow[*_Columns]]:
            return (await connection.execute(statement)).all()

        return await self._read(select)

    async def _read(self, read: Callable[[AsyncConnection], Awaitable[_T]]) -> _T:
        async def reading() -> _T:
            async with self._reading() as connection:
                return await read(connection)

        return await self._whole(reading())

    async def _whole(self, work: Awaitable[_T]) -> _T:
        """What `work` gives. It is finished even where nobody waits for it any more."""
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _commit(self, changes: Sequence[Changes]) -> list[str]:
        async with self._writing:
            with self._answering():
                async with self._transaction() as connection:
                    return await commit_sets(connection, self._dialect, changes)

    @asynccontextmanager
    async def _transaction(self) -> AsyncGenerator[AsyncConnection]:
        if self._inside is not None:
            yield self._inside
        else:
            async with self._writer.begin() as connection:
                yield connection

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[AsyncConnection]:
        """A connection that writes. What fails while it is in use is for its user to translate."""
        async with AsyncExitStack() as stack:
            with self._answering():
                connection = await stack.enter_async_context(self._writer.connect())
            yield connection

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[AsyncConnection]:
        with self._answering():
            if self._inside is not None:
                yield self._inside
                return
            async with self._reader.connect() as connection:
                yield connection

    @contextmanager
    def _answering(self) -> Generator[None]:
        """Errors of the database become ours; what is our own mistake stays as it is."""
        try:
            yield
        except NoConnection as error:
            raise Unavailable(
                "every connection to the database is in use", hint="try again"
            ) from error
        except (DBAPIError, UnicodeDecodeError) as error:
            translated = self._dialect.translate(error)
            if translated is None:
                raise
            raise translated from error


async def _filled(
    limit: int,
    ask: Callable[[int], Awaitable[Sequence[_Read]]],
    value: Callable[[_Read], _T | None],
) -> list[_T]:
    """`limit` values of what `ask` gives at most so many of; in the place of those that can't be
    read it is asked for more."""
    asked = limit
    while True:
        rows = await ask(asked)
        values = [each for row in rows if (each := value(row)) is not None]
        if len(values) >= limit or len(rows) < asked:
            return values[:limit]
        asked += limit - len(values)
