"""The store port over SQLAlchemy Core.

One writer, in turns: databases with one writer stay fast and never deadlock on themselves. Readers
have their own connections and see only what was committed. Both work in threads of their own
(`threads.py`), where rows become values too. What differs between databases stands in a `Dialect`.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Select
from sqlalchemy.exc import DBAPIError

from vmuster.model.changes import Changes
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Corrupt
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.rows import KEYS
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports import spans
from vmuster.ports.store import HostAsked, HostRows, Place, Row, Store, VmQuery, VmRow
from vmuster.stores.kinds import check_findable, check_place, is_text
from vmuster.stores.listing import text_place, vm_row
from vmuster.stores.refusals import Refusal
from vmuster.stores.settle import check_writes
from vmuster.stores.sql.asking import counted, found
from vmuster.stores.sql.committing import commit_boldly, commit_with_care
from vmuster.stores.sql.dialect import Dialect
from vmuster.stores.sql.finishing import to_the_end
from vmuster.stores.sql.leftout import LeftOut, filled
from vmuster.stores.sql.listing import UNSEEN, Line, page
from vmuster.stores.sql.lookups import LookUps
from vmuster.stores.sql.reading import load_hosts
from vmuster.stores.sql.rows import field_value, from_row
from vmuster.stores.sql.sharing import SharedTransactions
from vmuster.stores.sql.statements import Statements
from vmuster.stores.sql.threads import EngineThreads, Lasting
from vmuster.stores.sql.weighing import weigh
from vmuster.stores.sql.writing import Writer

_T = TypeVar("_T")


class SqlStore:
    """The store port over one database, through one engine that writes, in a single thread, and one
    that reads; or `inside` a transaction that somebody else ends."""

    def __init__(
        self,
        writer: EngineThreads,
        reader: EngineThreads,
        dialect: Dialect,
        inside: Lasting | None = None,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._dialect = dialect
        self._inside = inside
        self._statements = Statements(dialect, writer.engine.dialect)
        self._writing = asyncio.Lock()
        self._rehearsing = asyncio.Lock()
        self._shared = SharedTransactions(self._write, self._writing)
        self._under_way: set[asyncio.Future[Any]] = set()
        self._look_ups = LookUps(self._read)
        self._left_out = LeftOut()

    async def get(self, kind: type[Row], *key: object) -> Row | None:
        """As the port says. Raises `Unavailable`, or `Corrupt` where the row can't be read."""
        fields = KEYS[kind]
        if len(key) != len(fields):
            raise ValueError(f"the key of a {kind.__name__} has {len(fields)} parts")
        return await self._look_ups.row(kind, key)

    async def unanswered(self, host: HostId) -> Sequence[OutboxCommand]:
        """As the port says. Raises `Unavailable`, or `Corrupt` where a row can't be read."""
        return await self._look_ups.orders(host)

    async def known_on(self, host: HostId) -> Sequence[VmUuid]:
        """As the port says. Raises `Unavailable`, or `Corrupt` where a uuid is none."""
        return await self._look_ups.known(host)

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
            return await self._values(kind, statement.limit(limit))
        return await self._read(
            lambda connection: filled(
                limit,
                lambda most: connection.execute(statement.limit(most)).all(),
                partial(self._left_out.readable, kind),
            )
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
        return await self._read(
            lambda connection: filled(
                limit,
                lambda most: page(connection, query=query, after=place, limit=most),
                partial(self._vm_row, query),
            )
        )

    async def unseen(self) -> dict[object, int]:
        """As the port says. Raises `Unavailable`."""
        return await self._count(VmRecord, "phase", UNSEEN)

    async def unread(self) -> Sequence[str]:
        """As the port says."""
        said: list[str] = []
        for kind, key in self._left_out.noted():
            try:
                await self.get(kind, *key)
                self._left_out.forget(kind, key)
            except Corrupt as error:
                said.append(error.message)
        return said

    async def weigh(self, kinds: Collection[type[msgspec.Struct]]) -> str:
        """As the port says. Raises `Unavailable`."""
        return await self._read(partial(weigh, kinds=kinds))

    async def load_hosts(
        self, asked: Sequence[HostAsked], since: float
    ) -> Sequence[HostRows | None]:
        """As the port says. Raises `Unavailable`, or `Corrupt` where a row can't be read."""
        return await self._read(partial(load_hosts, asked=asked, since=since))

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """As the port says. An inserted row gets version 1, whatever `after.version` says.

        Within a set: guarded rows in their order, then sightings, those gone, and entries. A
        dropped host takes its sightings with it. Callers at the same time share a transaction. One
        that is cancelled does not cut it in two: it is finished, only nobody hears of it. Raises
        `Unavailable` where nothing, or nothing known, was written: read again before trying again.
        """
        for each in changes:
            check_writes(each)
        if self._inside is not None:
            return await self._whole(self._write(changes))
        with spans.committing(changes):
            return await self._shared.commit(changes)

    @asynccontextmanager
    async def rehearsal(self) -> AsyncGenerator[Store]:
        """As the port says: a transaction that is rolled back. Other commits wait for it, and for
        one only, however many are asked for (L13)."""
        async with self._rehearsing, self._writing:
            lasting = Lasting(self._writer.engine)
            rehearsed = SqlStore(self._writer, self._reader, self._dialect, lasting)
            try:
                await rehearsed.begin(lasting)
                yield rehearsed
            finally:
                await to_the_end(rehearsed.undo(lasting))

    async def begin(self, lasting: Lasting) -> None:
        """Have the database begin what will be undone."""
        await self._whole(self._work(self._writer, lasting.connection))

    async def undo(self, lasting: Lasting) -> None:
        """Undo what was written inside of `lasting`, once nothing is under way there."""
        await self.finished()
        await self._work(self._writer, lasting.undo)

    async def finished(self) -> None:
        """Let what is under way finish, whatever becomes of it."""
        await self._look_ups.finished()
        await self._shared.finished()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def close(self) -> None:
        """Let what is under way finish, then release the database."""
        await self.finished()
        self._reader.close()
        self._writer.close()

    def _vm_row(self, query: VmQuery, line: Line) -> VmRow | None:
        """The row of a list in `line`; None where what makes it a row can't be read."""
        _, seen, recorded = line
        readable = self._left_out.readable
        sighting = None if seen is None else readable(Sighting, seen)
        record = None if recorded is None else readable(VmRecord, recorded)
        return None if seen is not None and sighting is None else vm_row(query, sighting, record)

    async def _count(
        self, kind: type[Row], by: str, statement: Select[Any, int]
    ) -> dict[object, int]:
        return await self._read(
            lambda connection: {
                field_value(kind, by, value): number
                for value, number in connection.execute(statement)
            }
        )

    async def _values(self, kind: type[Row], statement: Select[Any]) -> Sequence[Row]:
        # All are fetched before one may turn out to be damaged: a question that is left half
        # answered would hold this connection to its moment.
        return await self._read(
            lambda connection: [from_row(kind, row) for row in connection.execute(statement).all()]
        )

    async def _read(self, read: Callable[[Connection], _T]) -> _T:
        inside = self._inside
        if inside is not None:
            return await self._whole(self._work(self._writer, lambda: read(inside.connection())))

        def reading() -> _T:
            with self._reader.engine.connect() as connection:
                return read(connection)

        return await self._whole(self._work(self._reader, reading))

    async def _write(self, changes: Sequence[Changes]) -> list[str]:
        def written_on(connection: Connection) -> Writer:
            return Writer(connection, self._dialect, self._statements)

        def writing() -> list[str]:
            if self._inside is not None:
                return commit_with_care(written_on(self._inside.connection()), changes)
            with suppress(Refusal), self._writer.engine.begin() as connection:
                return commit_boldly(written_on(connection), changes)
            with self._writer.engine.begin() as connection:
                return commit_with_care(written_on(connection), changes)

        return await self._work(self._writer, writing)

    async def _whole(self, work: Coroutine[Any, Any, _T]) -> _T:
        """What `work` gives. It is finished even where nobody waits for it any more."""
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _work(self, threads: EngineThreads, work: Callable[[], _T]) -> _T:
        with self._answering():
            return await threads.run(work)

    @contextmanager
    def _answering(self) -> Generator[None]:
        """Errors of the database become ours; what is our own mistake stays as it is."""
        try:
            yield
        except (DBAPIError, UnicodeDecodeError) as error:
            translated = self._dialect.translate(error)
            if translated is None:
                raise
            raise translated from error
