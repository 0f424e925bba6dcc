"""What guards cost: nothing where there are none, one look-up by key for each slice of many."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from tests.parts import record
from vmuster.model.changes import Changes
from vmuster.model.ids import VmUuid
from vmuster.stores.refusals import Refusal
from vmuster.stores.sql.guarding import check_guards
from vmuster.stores.sql.reading import SLICE
from vmuster.stores.sql.tables import METADATA

MANY = tuple(VmUuid(UUID(int=n)) for n in range(2 * SLICE + 1))


async def asked(database: Path, changes: Changes) -> list[str]:
    """The statements that checking `changes` takes, in an empty database."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{database}")
    statements: list[str] = []

    def noted(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
        event.listen(engine.sync_engine, "before_cursor_execute", noted)
        await check_guards(connection, changes)
    await engine.dispose()
    return statements


def test_without_guards_nothing_is_asked(tmp_path: Path) -> None:
    assert asyncio.run(asked(tmp_path / "vmuster.db", Changes())) == []


def test_many_are_asked_for_in_slices_by_their_key(tmp_path: Path) -> None:
    statements = asyncio.run(asked(tmp_path / "vmuster.db", Changes(unrecorded=MANY)))
    assert len(statements) == 3
    assert all("WHERE vm.uuid IN" in statement for statement in statements)


def test_a_guard_whose_row_is_gone_does_not_hold(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="version 1 is no longer current"):
        asyncio.run(asked(tmp_path / "vmuster.db", Changes(guards=(record(version=1),))))
