"""A place in an order is one comparison, which the index of that order serves."""

import asyncio
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest

from tests.parts import HOST, VM
from tests.plans import plans_of, statements_of
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import Operation, RequestAnswer
from vmuster.model.vm import Sighting, VmRecord
from vmuster.stores.sql.asking import counted, found
from vmuster.stores.sql.opening import open_sqlite

PLACES = {
    "vms": (VmRecord, (VM,), "(uuid>?)"),
    "sightings": (Sighting, (HOST, VM), "(host,uuid)>(?,?)"),
    "entries": (JournalEntry, (5,), "(rowid>?)"),
    "operations": (Operation, (1.0, VM), "(created_at,id)>(?,?)"),
    "answers kept": (RequestAnswer, (1.0, "ann", "k"), "(created_at,actor,key)>(?,?,?)"),
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database."""
    path = tmp_path_factory.mktemp("plans") / "vmuster.db"
    asyncio.run(open_sqlite(path).close())
    return path


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("name", PLACES)
def test_reading_on_begins_at_the_place_and_sorts_nothing(
    path: Path, name: str, *, newest_first: bool
) -> None:
    kind, place, search = cast(tuple[type[VmRecord], tuple[object, ...], str], PLACES[name])
    (plan,) = plans_of(
        path, lambda store: store.find(kind, after=place, newest_first=newest_first, limit=5)
    )
    (step,) = plan
    assert (search.replace(">", "<") if newest_first else search) in step


def test_the_journal_of_one_kind_is_read_on_in_its_order(path: Path) -> None:
    (plan,) = plans_of(
        path, lambda store: store.find(JournalEntry, kind=EntryKind.ALERT, after=(5,), limit=5)
    )
    assert plan == ["SEARCH journal USING INDEX ix_journal_kind (kind=? AND rowid>?)"]


def test_values_are_bound_and_never_part_of_a_statement(path: Path) -> None:
    name = "'; DROP TABLE vm; --"
    ((statement, parameters),) = statements_of(
        path, lambda store: store.find(VmRecord, name=frozenset({name, "b"}), after=(UUID(int=1),))
    )
    assert "DROP" not in statement
    assert {name, "b", str(UUID(int=1))} <= set(parameters)


def test_text_that_no_database_holds_is_not_asked_for() -> None:
    for asked in ("\ud800", frozenset({"\ud800"})):
        statement = found(VmRecord, {"name": asked}).compile()
        assert "\ud800" not in str(statement.params.values())


def test_counting_asks_for_no_more_than_is_counted() -> None:
    statement = str(counted(VmRecord, "phase", {"removed_at": None}))
    assert statement.split("\nFROM", maxsplit=1)[0] == "SELECT vm.phase, count(*) AS count_1 "
    assert "vm.removed_at IS NULL" in statement
