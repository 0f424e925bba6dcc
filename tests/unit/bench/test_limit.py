"""The bare loops do what they are named for."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench import fleets, limit, reports
from bench.fleets import Shape
from bench.sizes import Sizes
from vmuster.model.report import digest_of

pytestmark = pytest.mark.anyio
SHAPE = Shape(hosts=2, vms=3)


async def test_the_loops_see_what_has_changed() -> None:
    said = dict(await fleets.reports_of(SHAPE))
    host, message = next(iter(said.items()))
    images = limit.images_of([reports.vms_in(each) for each in said.values()])
    known_as = {each: digest_of(reports.body(bytes_)) for each, bytes_ in said.items()}
    (first, second, _) = reports.report_in(message).vms
    said[host] = reports.changed(message, 2, {first.uuid, second.uuid})
    accounts = [reports.vms_in(each) for each in said.values()]
    bodies = {each: reports.body(bytes_) for each, bytes_ in said.items()}
    assert limit.decode(accounts) == 6
    assert limit.diff(accounts, images) == 2
    assert limit.digest(bodies, known_as) == 1


def test_bare_rows_are_written(tmp_path: Path) -> None:
    bare = limit.BareRows(tmp_path)
    bare.commit([(1, "a"), (2, "b")])
    bare.commit([(2, "c")])
    bare.close()
    with closing(sqlite3.connect(tmp_path / "bare.db")) as connection:
        assert connection.execute("SELECT * FROM bare").fetchall() == [(1, "a"), (2, "c")]


async def test_every_loop_is_told_and_none_has_a_goal() -> None:
    result = await limit.run(Sizes(hosts=2, vms=3, repeats=1))
    assert result.bench == "limit"
    assert len(result.rows) == 5
    assert result.ok
    assert all(row.value > 0 for row in result.rows)
