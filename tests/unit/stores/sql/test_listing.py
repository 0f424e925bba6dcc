"""A page of VMs costs what stands on it, not what there is; what is damaged is left out."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from tests.conformance.stores.rows import house, inserted
from tests.parts import CLUSTER, HOST, VM, record, sighting
from tests.plans import LookUp, plans_of
from vmuster.model.changes import Changes
from vmuster.model.ids import VmUuid
from vmuster.model.states import DesiredState, PowerState, Standing, VmPhase
from vmuster.model.vm import Sighting
from vmuster.ports.store import Place, VmQuery, VmRow
from vmuster.stores.sql.opening import open_sqlite
from vmuster.stores.sql.store import SqlStore

AFTER: Final[Place] = ("m", VM, HOST)
PAGES: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "all": ({}, "ix_sighting_name_uuid_host_shown"),
    "of a host": ({"host": HOST}, "ix_sighting_host_name_uuid_shown (host=?"),
    "of a standing": (
        {"standing": Standing.ALIEN},
        "ix_sighting_standing_name_uuid_host_shown (standing=?",
    ),
    "of a name": ({"name": "a"}, "ix_sighting_name_uuid_host_shown (name=?"),
    "of a cluster": (
        {"cluster": CLUSTER},
        "ix_sighting_cluster_name_uuid_host_shown (cluster=?",
    ),
    "in a state": (
        {"power": PowerState.CRASHED},
        "ix_sighting_power_name_uuid_host_shown (power=?",
    ),
    "asked to be so": ({"desired": DesiredState.STOPPED}, "ix_vm_desired_name_live (desired=?"),
    "in a phase": ({"phase": VmPhase.FAILED}, "ix_vm_phase_name_live (phase=?"),
    "of a name, in a phase": ({"name": "a", "phase": VmPhase.FAILED}, "uq_vm_name_live (name=?"),
}
"""What is asked for, and the index that the first question walks."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one line at each end of the page that is asked for."""
    path = tmp_path_factory.mktemp("plans") / "vmuster.db"

    async def fill() -> None:
        store = open_sqlite(path)
        seen = tuple(sighting(uuid=UUID(int=n), name=name) for n, name in enumerate("az", 1))
        await store.commit([house(), Changes(sightings=seen)])
        await store.close()

    asyncio.run(fill())
    return path


def page(asked: dict[str, Any], after: Place | None) -> LookUp:
    """One line of those that are asked for."""
    return lambda store: store.vms(VmQuery(**asked), after=after, limit=1)


@pytest.mark.parametrize("after", [None, AFTER], ids=["first", "later"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_walks_an_index_in_order_and_sorts_nothing(
    path: Path, name: str, after: Place | None
) -> None:
    asked, index = PAGES[name]
    plans = plans_of(path, page(asked, after))
    one = {"standing", "desired", "phase"} & set(asked)
    assert len(plans) == (1 if one else 2) + ("name" in asked)
    assert index in plans[0][0]
    steps = [step for plan in plans for step in plan]
    assert [step for step in steps if step.startswith("SCAN") and "USING" not in step] == []
    sorted_ = [plan for plan in plans if any("TEMP B-TREE" in step for step in plan)]
    # Those of the one record that bears a name are as many as its hosts, and sorted.
    assert len(sorted_) <= ("name" in asked)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"host": HOST},
        {"cluster": CLUSTER},
        {"standing": Standing.OWNED},
        {"power": PowerState.RUNNING},
        {"desired": DesiredState.RUNNING},
        {"phase": VmPhase.RUNNING},
    ],
)
def test_a_later_page_begins_behind_the_last_one(path: Path, asked: dict[str, Any]) -> None:
    for plan in plans_of(path, page(asked, AFTER)):
        assert "(name,uuid" in plan[0] or "name>?" in plan[0]


def test_records_are_looked_for_no_further_than_the_page_reaches(path: Path) -> None:
    seen, alone = plans_of(path, page({}, None))
    assert "vm" not in seen[0]
    assert "name<?" in alone[0]
    _, unbound = plans_of(path, lambda store: store.vms(VmQuery(), limit=5))
    assert "name<?" not in unbound[0]


@pytest.mark.parametrize("state", ["power", "desired", "phase"])
def test_records_of_one_state_are_looked_for_by_it(path: Path, state: str) -> None:
    """Also those that no host shows: a state that hardly any has is found at once."""
    rare = {"power": PowerState.PAUSED, "desired": DesiredState.ABSENT, "phase": VmPhase.FAILED}
    *_, last = plans_of(path, page({state: rare[state]}, None))
    assert f"SEARCH vm USING INDEX ix_vm_{state}_name_live ({state}=?" in last[0]


@pytest.mark.parametrize("state", [{"power": PowerState.RUNNING}, {"phase": VmPhase.RUNNING}])
def test_one_host_is_looked_for_before_a_state_that_many_have(
    path: Path, state: dict[str, Any]
) -> None:
    first, *_ = plans_of(path, page({"host": HOST, **state}, None))
    assert "_host_name_uuid" in first[0]


def with_store(path: Path, *damage: str) -> tuple[Sequence[VmRow], Sequence[str], Sequence[VmRow]]:
    """What is listed of three VMs after the damage, what is said of it, and a page of one line."""

    async def play() -> tuple[Sequence[VmRow], Sequence[str], Sequence[VmRow]]:
        store: SqlStore = open_sqlite(path)
        uuids = [VmUuid(UUID(int=n)) for n in (1, 2, 3)]
        rows = [record(uuid=uuid, name=f"r{n}") for n, uuid in enumerate(uuids)]
        seen = tuple(sighting(uuid=uuid, name=f"s{n}") for n, uuid in enumerate(uuids[:2]))
        await store.commit([house(), inserted(*rows), Changes(sightings=seen)])
        with closing(sqlite3.connect(path)) as database:
            for statement in damage:
                assert database.execute(statement).rowcount == 1
            database.commit()
        listed = await store.vms(VmQuery())
        said = await store.unread()
        first = await store.vms(VmQuery(), limit=1)
        await store.close()
        return listed, said, first

    return asyncio.run(play())


def test_nothing_is_left_out_of_what_is_whole(tmp_path: Path) -> None:
    listed, said, first = with_store(tmp_path / "a.db")
    assert [row.place[0] for row in listed] == ["r2", "s0", "s1"]
    assert (list(said), [row.place[0] for row in first]) == ([], ["r2"])


def test_a_sighting_that_can_not_be_read_is_left_out_and_said(tmp_path: Path) -> None:
    damage = "UPDATE sighting SET why = 'x' WHERE name = 's0'"
    listed, said, _ = with_store(tmp_path / "a.db", damage)
    assert [row.place[0] for row in listed] == ["r2", "s1"]
    assert [line.partition(" in the")[0] for line in said] == [f"sighting {HOST}/{VM}"]


def test_a_page_has_another_line_in_the_place_of_one_left_out(tmp_path: Path) -> None:
    damage = "UPDATE vm SET label = 'x' WHERE name = 'r2'"
    listed, said, first = with_store(tmp_path / "a.db", damage)
    assert [row.place[0] for row in listed] == ["s0", "s1"]
    assert [row.place[0] for row in first] == ["s0"]
    assert len(said) == 1


def test_a_record_that_can_not_be_read_leaves_what_was_seen(tmp_path: Path) -> None:
    damage = "UPDATE vm SET label = 'x' WHERE name = 'r0'"
    listed, said, _ = with_store(tmp_path / "a.db", damage)
    assert [row.place[0] for row in listed] == ["r2", "s0", "s1"]
    assert [row.record is None for row in listed] == [False, True, False]
    assert len(said) == 1


def test_what_is_no_text_where_text_belongs_holds_no_page_up(tmp_path: Path) -> None:
    damage = "UPDATE sighting SET name = x'ff00' WHERE name = 's0'"
    listed, said, _ = with_store(tmp_path / "a.db", damage)
    assert [row.place[0] for row in listed] == ["r2", "s1"]
    assert len(said) == 1


def test_standings_are_counted_in_the_order_of_an_index(path: Path) -> None:
    plans = plans_of(path, lambda store: store.count(Sighting, by="standing", absent=False))
    (step,) = plans[0]
    assert step == "SCAN sighting USING INDEX ix_sighting_standing_name_uuid_host_shown"


def test_unseen_records_are_looked_for_one_by_one(path: Path) -> None:
    (plan,) = plans_of(path, lambda store: store.unseen())
    (inner,) = (step for step in plan if "SEARCH sighting" in step)
    assert "(host=? AND uuid=?)" in inner
