"""Writes of one kind are one statement: cost follows the kinds, not the rows and not the sets."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import create_engine, event

from tests.conformance.stores.rows import entry, house
from tests.parts import record, sighting
from vmuster.model.changes import Changes, Write
from vmuster.stores.sql.sqlite import SqliteDialect, hold_to_promises
from vmuster.stores.sql.sqlite_file import prepare
from vmuster.stores.sql.store import SqlStore
from vmuster.stores.sql.threads import EngineThreads

ROWS = [record(uuid=UUID(int=n), name=str(n), version=1) for n in range(1, 101)]
FILLED = Changes(writes=tuple(Write(before=None, after=row) for row in ROWS))
TOUCHED = Changes(
    writes=tuple(Write(before=row, after=replace(row, label="x")) for row in ROWS),
    sightings=tuple(sighting(uuid=row.uuid) for row in ROWS),
    entries=tuple(entry(vm=row.uuid) for row in ROWS),
)


def verbs_of(path: Path, *commits: Changes | Sequence[Changes]) -> tuple[list[str], list[str]]:
    """The first word of every statement of the last commit, and the answer to it."""
    prepare(path)
    verbs: list[str] = []

    def note(_1: object, _2: object, statement: str, *_rest: Any) -> None:
        verbs.append(statement.split(maxsplit=1)[0])

    async def write() -> list[str]:
        engine = create_engine(f"sqlite:///{path}")
        hold_to_promises(engine, write=True)
        event.listen(engine, "before_cursor_execute", note)
        threads = EngineThreads(engine, many=1)
        store = SqlStore(writer=threads, reader=threads, dialect=SqliteDialect())
        answer: list[str] = []
        for changes in (house(), *commits):
            verbs.clear()
            sets = [changes] if isinstance(changes, Changes) else changes
            answer = await store.commit(sets)
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


def apart(changes: Changes) -> Sequence[Changes]:
    """A set for each VM of a set."""
    return [
        Changes(writes=(write,), sightings=(seen,), entries=(line,))
        for write, seen, line in zip(
            changes.writes, changes.sightings, changes.entries, strict=True
        )
    ]


def test_a_hundred_sets_are_the_same_three_statements_and_one_transaction(tmp_path: Path) -> None:
    verbs, answer = verbs_of(tmp_path / "a.db", FILLED, apart(TOUCHED))
    assert answer == [""] * 100
    assert verbs == ["BEGIN", "UPDATE", "SELECT", "INSERT", "SELECT", "INSERT"]


def test_one_refused_of_a_hundred_costs_no_hundred_statements(tmp_path: Path) -> None:
    again = [*apart(TOUCHED)[:50], TOUCHED, *apart(TOUCHED)[50:]]
    stale = replace(ROWS[70], version=9)
    again[50] = Changes(writes=(Write(before=stale, after=stale),))
    verbs, answer = verbs_of(tmp_path / "a.db", FILLED, again)
    assert [place for place, why in enumerate(answer) if why] == [50]
    assert verbs.count("UPDATE") < 20


def test_what_is_refused_is_written_again_with_care_and_then_row_by_row(tmp_path: Path) -> None:
    verbs, answer = verbs_of(tmp_path / "a.db", FILLED, TOUCHED, TOUCHED)
    assert answer == [f"vm {ROWS[0].uuid}: version 1 is no longer current"]
    assert verbs.count("UPDATE") == 3
    assert verbs.count("INSERT") == 0
