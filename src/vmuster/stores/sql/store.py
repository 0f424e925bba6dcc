"""The store port over SQLAlchemy Core.

One writer, behind a lock: databases with one writer stay fast and never deadlock on themselves.
Readers have their own connections and see only what was committed. What differs between databases
stands in a `Dialect`.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import ColumnElement
from sqlalchemy import Row as SqlRow
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from vmuster.model.changes import Changes
from vmuster.model.errors import Corrupt, Unavailable
from vmuster.model.ids import HostId, VmUuid
from vmuster.ports.store import HostRows, Row
from vmuster.stores.kinds import KINDS, check_findable, is_text, plain
from vmuster.stores.refusals import Refusal
from vmuster.stores.settle import check_writes, settle
from vmuster.stores.sql.dialect import Dialect
from vmuster.stores.sql.reading import load_host
from vmuster.stores.sql.rows import from_row, rows_of
from vmuster.stores.sql.tables import TABLES
from vmuster.stores.sql.writing import write

_log = structlog.get_logger("vmuster.store")
_LEFT_OUT_MAX: Final = 100
"""Rows left out that are kept in mind: a person has heard enough then."""


class SqlStore:
    """The store port over one database, through one engine that writes and one that reads."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine, dialect: Dialect) -> None:
        self._writer = writer
        self._reader = reader
        self._dialect = dialect
        self._writing = asyncio.Lock()
        self._commits: set[asyncio.Task[list[str]]] = set()
        self._left_out: set[tuple[type[Any], tuple[object, ...]]] = set()

    async def get(self, kind: type[Row], *key: object) -> Row | None:
        """As the port says. Raises `Unavailable`, or `Corrupt` where the row can't be read."""
        fields = KINDS[kind].key
        if len(key) != len(fields):
            raise ValueError(f"the key of a {kind.__name__} has {len(fields)} parts")
        found = await self._select(kind, dict(zip(fields, key, strict=True)), (), limit=1)
        return from_row(kind, found[0]) if found else None

    async def find(
        self,
        kind: type[Row],
        /,
        *,
        limit: int = 1000,
        newest_first: bool = False,
        readable: bool = False,
        **equal: object,
    ) -> Sequence[Row]:
        """As the port says. Raises `Unavailable`, or `Corrupt` where a row can't be read."""
        check_findable(kind, frozenset(equal))
        columns = [TABLES[kind].c[field] for field in KINDS[kind].order]
        order = [column.desc() if newest_first else column.asc() for column in columns]
        asked = limit
        while True:
            rows = await self._select(kind, equal, order, limit=asked)
            if not readable:
                return [from_row(kind, row) for row in rows]
            found = [value for row in rows if (value := self._readable(kind, row)) is not None]
            if len(found) >= limit or len(rows) < asked:
                return found[:limit]
            asked += limit - len(found)  # in the place of those left out

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
        async with self._reading() as connection:
            return await load_host(
                connection, host, vms, [name for name in names if is_text(name)], since
            )

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """As the port says. An inserted row gets version 1, whatever `after.version` says.

        Within a set: guarded rows in their order, then sightings, those gone, and entries. A
        dropped host takes its sightings with it. A caller that is cancelled does not cut a
        transaction in two: it is finished, only nobody hears of it. Raises `Unavailable` where
        nothing, or nothing known, was written: read again before trying again.
        """
        for each in changes:
            check_writes(each)
        task = asyncio.ensure_future(self._commit(changes))
        self._commits.add(task)
        task.add_done_callback(self._commits.discard)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Let commits under way finish, then release the database."""
        await asyncio.gather(*self._commits, return_exceptions=True)
        await self._reader.dispose()
        await self._writer.dispose()

    def _readable(self, kind: type[Row], row: SqlRow[Any]) -> Row | None:
        """The value in `row`; None where it can't be read, which is noted, and logged once."""
        try:
            return from_row(kind, row)
        except Corrupt as error:
            noted = kind, tuple(getattr(row, field) for field in KINDS[kind].key)
            if noted not in self._left_out:
                _log.error("left out", why=error.message, hint=error.hint)
            if len(self._left_out) < _LEFT_OUT_MAX:
                self._left_out.add(noted)
            return None

    async def _select(
        self,
        kind: type[msgspec.Struct],
        equal: Mapping[str, object],
        order: Sequence[ColumnElement[Any]],
        *,
        limit: int,
    ) -> Sequence[SqlRow[Any]]:
        if not all(is_text(value) for value in equal.values()):
            return []
        table = TABLES[kind]
        where = [table.c[field] == plain(value) for field, value in equal.items()]
        statement = rows_of(kind).where(*where).order_by(*order).limit(limit)
        async with self._reading() as connection:
            return (await connection.execute(statement)).all()

    async def _commit(self, changes: Sequence[Changes]) -> list[str]:
        async with self._writing:
            with self._answering():
                async with self._writer.begin() as connection:
                    return [await self._commit_one(connection, each) for each in changes]

    async def _commit_one(self, connection: AsyncConnection, changes: Changes) -> str:
        """Write one set in a savepoint of its own; the reason why not, or ""."""
        try:
            settled = settle(changes)
            try:
                await self._attempt(connection, settled, together=True)
            except Refusal as refusal:
                if refusal.exact:
                    raise
                await self._attempt(connection, settled, together=False)
        except Refusal as refusal:
            return refusal.reason
        return ""

    async def _attempt(
        self, connection: AsyncConnection, changes: Changes, *, together: bool
    ) -> None:
        """Write `changes`, or raise `Refusal` and leave the transaction as it was.

        Any other error ends the whole transaction, and the savepoint is not touched: a database
        that ran out of room has ended both by itself, and would only complain about the savepoint.
        """
        savepoint = await connection.begin_nested()
        try:
            await write(connection, self._dialect, changes, together=together)
        except Refusal:
            await savepoint.rollback()
            raise
        await savepoint.commit()

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[AsyncConnection]:
        with self._answering():
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
