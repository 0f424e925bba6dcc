"""Neighbouring writes of one kind are one statement: cost follows the kinds, not the rows."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from tests.conformance.stores.rows import entry, house
from tests.parts import record, sighting
from vmuster.model.changes import Changes, Write
from vmuster.stores.sql.sqlite import SqliteDialect, hold_to_promises
from vmuster.stores.sql.sqlite_file import prepare
from vmuster.stores.sql.store import SqlStore

ROWS = [record(uuid=UUID(int=n), name=str(n), version=1) for n in range(1, 101)]
FILLED = Changes(writes=tuple(Write(before=None, after=row) for row in ROWS))
TOUCHED = Changes(
    writes=tuple(Write(before=row, after=replace(row, label="x")) for row in ROWS),
    sightings=tuple(sighting(uuid=row.uuid) for row in ROWS),
    entries=tuple(entry(vm=row.uuid) for row in ROWS),
)


def verbs_of(path: Path, *commits: Changes) -> tuple[list[str], list[str]]:
    """The first word of every statement of the last commit, and the answer to it."""
    prepare(path)
    verbs: list[str] = []

    def note(_1: object, _2: object, statement: str, *_rest: Any) -> None:
        verbs.append(statement.split(maxsplit=1)[0])

    async def write() -> list[str]:
        engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
        hold_to_promises(engine.sync_engine, write=True)
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        store = SqlStore(writer=engine, reader=engine, dialect=SqliteDialect())
        answer: list[str] = []
        for changes in (house(), *commits):
            verbs.clear()
            answer = await store.commit([changes])
        await store.close()
        return answer

    return verbs, asyncio.run(write())


def test_a_hundred_changed_vms_are_three_statements(tmp_path: Path) -> None:
    verbs, answer = verbs_of(tmp_path / "a.db", FILLED, TOUCHED)
    assert answer == [""]
    assert [verb for verb in verbs if verb in {"INSERT", "UPDATE", "DELETE"}] == [
        "UPDATE",
        "INSERT",
        "INSERT",
    ]


def test_only_a_refused_run_is_written_row_by_row(tmp_path: Path) -> None:
    verbs, answer = verbs_of(tmp_path / "a.db", FILLED, TOUCHED, TOUCHED)
    assert answer == [f"vm {ROWS[0].uuid}: version 1 is no longer current"]
    assert verbs.count("UPDATE") == 2
    assert verbs.count("INSERT") == 0
