"""A fleet is whole, ours and at rest, and it is built once."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench import fleets, reports
from bench.fleets import Shape
from vmuster.model.host import Fleet, Host
from vmuster.model.states import MarkVerdict, PowerState
from vmuster.model.vm import Sighting, VmRecord
from vmuster.reconcile.ownership import judge_mark
from vmuster.stores.sql.opening import open_sqlite

SHAPE = Shape(hosts=3, vms=4, power=PowerState.STOPPED)
pytestmark = pytest.mark.anyio


def test_its_file_has_a_row_of_each_kind_for_every_vm(tmp_path: Path) -> None:
    with closing(sqlite3.connect(fleets.copied(SHAPE, tmp_path))) as connection:
        counts = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("host", "vm", "sighting")
        }
    assert counts == {"host": 3, "vm": 12, "sighting": 12}
    assert SHAPE.all_vms == 12


async def test_what_it_reports_is_what_is_recorded_and_its_marks_are_good(tmp_path: Path) -> None:
    said = dict(await fleets.reports_of(SHAPE))
    database = fleets.copied(SHAPE, tmp_path)
    store = open_sqlite(database)
    fleet = await store.get(Fleet)
    assert fleet is not None
    assert [host.id for host in await store.find(Host)] == list(said)
    for host, message in said.items():
        seen = reports.report_in(message).vms
        assert [vm.uuid for vm in seen] == sorted(vm.uuid for vm in seen)
        for vm in seen:
            record, sighting = (
                await store.get(VmRecord, vm.uuid),
                await store.get(Sighting, host, vm.uuid),
            )
            assert record is not None
            assert sighting is not None
            assert (record.power, record.host, record.name) == (vm.power, host, vm.name)
            assert sighting.raw_mark == vm.mark is not None
            judged = judge_mark(vm.mark, vm.uuid, fleet.id, fleet.public_keys)
            assert judged.verdict is MarkVerdict.OURS
    await store.close()


def test_it_is_built_once_for_a_state_of_the_code(
    tmp_path: Path, own_fleets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fleets.copied(SHAPE, tmp_path).read_bytes()
    (place,) = own_fleets.iterdir()
    (tmp_path / "again").mkdir()
    assert fleets.copied(SHAPE, tmp_path / "again").read_bytes() == first
    monkeypatch.setattr(fleets, "_state_of_code", lambda: "another")
    fleets.copied(SHAPE, tmp_path)
    (other,) = own_fleets.iterdir()
    assert other != place
