"""A bare group commit writes as many rows for each event as is said, and times each."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.group_commit import ROWS_PER_EVENT, GroupCommit

pytestmark = pytest.mark.anyio


async def test_every_event_is_written_and_timed(tmp_path: Path) -> None:
    bare = GroupCommit(tmp_path)
    await bare.run(200.0, 0.1)
    assert len(bare.latencies) == 20
    assert all(latency > 0 for latency in bare.latencies)
    with closing(sqlite3.connect(tmp_path / "bare.db")) as connection:
        (count,) = connection.execute("SELECT count(*) FROM bare").fetchone()
    assert count == 20 * ROWS_PER_EVENT
