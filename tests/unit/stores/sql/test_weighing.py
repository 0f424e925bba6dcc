"""Rows weigh what their checksums say, and where one has none, nobody can tell."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conformance.stores.rows import house, inserted
from tests.parts import record
from vmuster.model.vm import VmRecord
from vmuster.stores.sql.opening import open_sqlite

pytestmark = pytest.mark.anyio
KINDS = frozenset({VmRecord})


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize(
    ("by_hand", "weighs"),
    [
        ("UPDATE vm SET checksum = checksum", "the same"),
        ("UPDATE vm SET checksum = checksum + 1", "something else"),
        ("UPDATE vm SET checksum = NULL", ""),
    ],
)
async def test_a_row_that_is_corrected_by_hand_is_noticed(
    tmp_path: Path, by_hand: str, weighs: str
) -> None:
    path = tmp_path / "vmuster.db"
    store = open_sqlite(path)
    assert await store.commit([house(), inserted(record())]) == ["", ""]
    before = await store.weigh(KINDS)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(by_hand)
    after = await store.weigh(KINDS)
    await store.close()
    assert before.startswith("vm 1 ")
    assert weighs == (after and ("the same" if after == before else "something else"))
