"""What guards cost: nothing where there are none, one look-up by key for each slice of many, and
no more for many sets than for one."""

from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, event

from tests.parts import record
from vmuster.model.changes import Changes
from vmuster.model.ids import VmUuid
from vmuster.stores.sql.guarding import unguarded
from vmuster.stores.sql.questions import SLICE
from vmuster.stores.sql.tables import METADATA

MANY = tuple(VmUuid(UUID(int=n)) for n in range(2 * SLICE + 1))


def asked(database: Path, *sets: Changes) -> tuple[list[str], list[str]]:
    """The statements that checking `sets` takes in an empty database, and what is said of each."""
    engine = create_engine(f"sqlite:///{database}")
    statements: list[str] = []

    def noted(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    with engine.begin() as connection:
        METADATA.create_all(connection)
        event.listen(engine, "before_cursor_execute", noted)
        said = unguarded(connection, sets)
    engine.dispose()
    return statements, said


def test_without_guards_nothing_is_asked(tmp_path: Path) -> None:
    assert asked(tmp_path / "vmuster.db", Changes(), Changes()) == ([], ["", ""])


def test_many_are_asked_for_in_slices_by_their_key(tmp_path: Path) -> None:
    sets = [Changes(unrecorded=(vm,)) for vm in MANY]
    for changes in ([Changes(unrecorded=MANY)], sets):
        statements, said = asked(tmp_path / "vmuster.db", *changes)
        assert len(statements) == 3
        assert all("WHERE vm.uuid IN" in statement for statement in statements)
        assert set(said) == {""}


def test_a_guard_whose_row_is_gone_stops_its_own_set_alone(tmp_path: Path) -> None:
    guarded = Changes(guards=(record(version=1),))
    _, said = asked(tmp_path / "vmuster.db", Changes(unrecorded=MANY[:1]), guarded)
    assert said == ["", f"vm {record().uuid}: version 1 is no longer current"]
