"""What goes wrong beneath the SQL store, and what its callers hear of it."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from tests.conformance.stores.rows import api_key, entry, house, inserted
from tests.loaded import load_host
from tests.parts import HOST, record
from vmuster.model.changes import Changes
from vmuster.model.errors import Corrupt, Unavailable
from vmuster.model.host import Host
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey
from vmuster.model.vm import VmRecord
from vmuster.stores.sql import sqlite
from vmuster.stores.sql.opening import open_sqlite
from vmuster.stores.sql.store import SqlStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vmuster.db"


def with_store(path: Path, story: Callable[[SqlStore], Awaitable[None]]) -> None:
    """Play `story` on a store at `path`."""

    async def play() -> None:
        store = open_sqlite(path)
        await story(store)
        await store.close()

    asyncio.run(play())


def test_a_database_that_another_holds_is_unavailable_and_then_is_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    promises = (("PRAGMA busy_timeout = 50", "PRAGMA busy_timeout", 50), *sqlite.PROMISES[1:])
    monkeypatch.setattr(sqlite, "PROMISES", promises)

    async def story(store: SqlStore) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unavailable, match="locked"):
                await store.commit([house()])
            assert await store.find(Host) == []
            other.execute("ROLLBACK")
        assert await store.commit([house()]) == [""]

    with_store(path, story)


def test_a_caller_that_is_cancelled_does_not_cut_a_transaction(path: Path) -> None:
    async def story(store: SqlStore) -> None:
        for number in range(20):
            entries = Changes(entries=(entry(), entry()))
            row = inserted(api_key(name=str(number)))
            caller = asyncio.ensure_future(
                store.commit([Changes(writes=row.writes, entries=entries.entries)])
            )
            for _ in range(number):
                await asyncio.sleep(0)
            caller.cancel()
            await asyncio.gather(caller, return_exceptions=True)
        assert await store.commit([inserted(api_key(name="last"))]) == [""]
        keys = await store.find(ApiKey)
        assert len(await store.find(JournalEntry)) == 2 * (len(keys) - 1)

    with_store(path, story)


def test_close_lets_commits_under_way_finish(path: Path) -> None:
    async def story(store: SqlStore) -> None:
        await store.commit([house()])
        commits = [store.commit([inserted(api_key(name=str(n)))]) for n in range(10)]
        under_way = asyncio.gather(*commits)
        await asyncio.sleep(0)
        await store.close()
        async with asyncio.timeout(20):  # nobody waits for a connection that is gone
            assert await under_way == [[""]] * 10

    with_store(path, story)


def test_a_commit_waits_for_one_rehearsal_however_many_are_asked_for(path: Path) -> None:
    async def story(store: SqlStore) -> None:
        done: list[None] = []
        begun = asyncio.Event()

        async def rehearse() -> None:
            async with store.rehearsal() as rehearsed:
                begun.set()
                await rehearsed.find(VmRecord)
            done.append(None)

        rehearsals = [asyncio.create_task(rehearse()) for _ in range(10)]
        await begun.wait()
        assert await store.commit([house()]) == [""]
        assert len(done) <= 2
        await asyncio.gather(*rehearsals)

    with_store(path, story)


@pytest.mark.parametrize("where", ["connect", "rollback"])
def test_a_rehearsal_that_the_database_does_not_let_begin_or_end_is_not_now(
    path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(_self: object) -> None:
        cause = sqlite3.OperationalError("database is locked")
        cause.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise OperationalError("", None, cause)

    async def story(store: SqlStore) -> None:
        await store.commit([house()])
        with monkeypatch.context() as patch:
            patch.setattr(Engine if where == "connect" else Connection, where, locked)
            with pytest.raises(Unavailable):
                async with store.rehearsal():
                    pass
        assert await store.commit([inserted(record())]) == [""]

    with_store(path, story)


def test_a_row_that_can_not_be_true_is_corrupt(path: Path) -> None:
    async def story(store: SqlStore) -> None:
        await store.commit([house(), inserted(record())])
        with closing(sqlite3.connect(path)) as other:
            other.execute("UPDATE vm SET phase = 'sleeping', checksum = NULL")
            other.commit()
        with pytest.raises(Corrupt, match="sleeping"):
            await store.find(VmRecord)
        with pytest.raises(Corrupt, match="sleeping"):
            await load_host(store, HOST, [], [], 0.0)

    with_store(path, story)


def behind_our_back(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute(statement)
        other.commit()


def test_who_can_do_without_a_damaged_row_is_given_the_others(path: Path) -> None:
    async def story(store: SqlStore) -> None:
        await store.commit([inserted(*(api_key(name=f"{n:02}") for n in range(10)))])
        assert await store.unread() == []
        behind_our_back(path, "UPDATE api_key SET digest = 'x' WHERE name IN ('01', '02', '05')")

        async def found(limit: int, *, newest_first: bool = False) -> list[str]:
            rows = await store.find(ApiKey, limit=limit, readable=True, newest_first=newest_first)
            return [row.name for row in rows]

        with capture_logs() as logs:
            assert await found(4) == ["00", "03", "04", "06"]
            assert await found(3, newest_first=True) == ["09", "08", "07"]
            assert await found(100) == ["00", "03", "04", "06", "07", "08", "09"]
        assert [line["why"][:6] for line in logs] == ["key 01", "key 02", "key 05"]
        with pytest.raises(Corrupt, match="key 01"):
            await store.find(ApiKey)
        with pytest.raises(Corrupt, match="key 05"):
            await store.get(ApiKey, "05")
        assert [said[:6] for said in await store.unread()] == ["key 01", "key 02", "key 05"]
        behind_our_back(path, "UPDATE api_key SET checksum = NULL WHERE name = '01'")
        behind_our_back(path, "DELETE FROM api_key WHERE name = '05'")
        assert [said[:6] for said in await store.unread()] == ["key 02"]
        assert len(await found(100)) == 8

    with_store(path, story)


def test_our_own_mistakes_are_not_called_unavailable(path: Path) -> None:
    async def story(store: SqlStore) -> None:
        with closing(sqlite3.connect(path)) as other:
            other.execute("DROP TABLE api_key")
            other.commit()
        with pytest.raises(Exception, match="no such table") as caught:
            await store.find(ApiKey)
        assert not isinstance(caught.value, Unavailable | Corrupt)

    with_store(path, story)


def test_readers_do_not_wait_for_the_writer(path: Path) -> None:
    async def story(store: SqlStore) -> None:
        await store.commit([house()])
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("DELETE FROM fleet")
            rows = await asyncio.gather(*(store.find(Host) for _ in range(20)))
            assert [len(each) for each in rows] == [2] * 20
            other.execute("ROLLBACK")

    with_store(path, story)
