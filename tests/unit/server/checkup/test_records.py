"""The facts of the database, read from a real one."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.checkups import PLACE
from tests.servers import Bench, bench, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Corrupt
from vmuster.model.keys import Credential, CredentialKind
from vmuster.ports.store import Store
from vmuster.server.checkup.records import Reader, Records
from vmuster.server.secrets.credentials import Sealable
from vmuster.server.watch.jumps import heed_jump
from vmuster.stores.sql.opening import open_sqlite

pytestmark = pytest.mark.anyio


def opens(row: Sealable) -> bytes:
    if row.name == "shut":
        raise Corrupt("sealed with another key")
    return row.sealed


async def read(store: Store, *, deep: bool = False) -> Records:
    reader = Reader(store=store, fits=lambda fleet: fleet.instance == "VM", opens=opens)
    return await reader.read(PLACE, deep=deep)


async def sealed(parts: Bench, *names: str) -> None:
    rows = [
        Credential(name=name, kind=CredentialKind.SSH, sealed=b"s", public="p", created_at=1.0)
        for name in names
    ]
    writes = tuple(Write(before=None, after=row) for row in rows)
    assert await parts.store.commit([Changes(writes=writes)]) == [""]


async def test_they_are_what_the_database_holds() -> None:
    parts = await bench()
    host = await parts.host()
    await parts.adopted(host, vm(1))
    await sealed(parts, "open", "shut")
    found = await read(parts.store, deep=True)
    assert found.fits
    assert found.ours == {host.id: 1}
    assert found.standings == {"owned": 1}
    assert [each.name for each in found.hosts] == ["alpha"]
    assert [(each.what, bool(each.trouble)) for each in found.sealed] == [
        ("credential open", False),
        ("credential shut", True),
    ]
    assert found.journal is not None
    assert found.journal.sound


async def test_a_clock_that_was_set_is_known_from_the_journal() -> None:
    parts = await bench()
    assert (await read(parts.store)).jumps == ()
    parts.clock.set_by(600)
    await heed_jump(parts.context)
    assert (await read(parts.store)).jumps == (parts.clock.now(),)


async def test_a_deep_look_finds_rows_that_nobody_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "vmuster.db"
    parts = await bench(await asyncio.to_thread(open_sqlite, path))
    host = await parts.host()
    for number in (1, 2, 3):
        await parts.adopted(host, vm(number))
    with closing(sqlite3.connect(path)) as behind:
        behind.execute("UPDATE vm SET desired = 'stopped' WHERE uuid = ?", (str(vm(2)),))
        behind.commit()
    assert (await read(parts.store)).unread == ()
    (said,) = (await read(parts.store, deep=True)).unread
    assert str(vm(2)) in said
    await parts.store.close()
