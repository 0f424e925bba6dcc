"""A backup is taken while a server runs or not, noted, and never of a damaged database."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conformance.stores.first_schema import first_database
from tests.unit.wiring.backups.folders import served, told, unheard
from vmuster.model.errors import Corrupt, Refused, Unavailable
from vmuster.server.service import Service
from vmuster.wiring.backups import creating
from vmuster.wiring.backups.creating import create, create_keys
from vmuster.wiring.backups.notes import backed_up
from vmuster.wiring.backups.verifying import verified


@pytest.fixture
def state(tmp_path: Path) -> Path:
    told(tmp_path / "state", "first")
    return tmp_path / "state"


def test_it_is_taken_beside_a_server_and_noted(state: Path, tmp_path: Path) -> None:
    async def beside(_service: Service) -> None:
        found = await asyncio.to_thread(create, state, tmp_path / "a.db", 5.0, unheard)
        assert found.size == (tmp_path / "a.db").stat().st_size

    served(state, beside)
    note = backed_up(state)
    assert note is not None
    assert (note.at, note.file) == (5.0, str(tmp_path / "a.db"))
    assert verified(tmp_path / "a.db", unheard).anchor == note.anchor != ""


def test_it_is_taken_before_an_upgrade_too(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    first_database(state / "vmuster.db")
    found = create(state, tmp_path / "a.db", 5.0, unheard)
    assert (found.revision, found.anchor) == ("0001", "")


def test_a_damaged_database_is_not_backed_up(state: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(state / "vmuster.db")) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET rootpage = 3 WHERE name = 'host'")
        connection.commit()
    with pytest.raises(Corrupt):
        create(state, tmp_path / "a.db", 5.0, unheard)
    assert not (tmp_path / "a.db").exists()
    assert backed_up(state) is None


def test_a_full_disk_leaves_nothing_half(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_source: Path, target: Path, _told: object) -> None:
        target.write_bytes(b"half")
        raise Unavailable("database or disk is full")

    monkeypatch.setattr(creating, "copy_database", full)
    (tmp_path / "to").mkdir()
    with pytest.raises(Unavailable, match="full"):
        create(state, tmp_path / "to" / "a.db", 5.0, unheard)
    assert list((tmp_path / "to").iterdir()) == []
    assert backed_up(state) is None


def test_where_no_database_is_nothing_is_backed_up(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no database"):
        create(tmp_path, tmp_path / "a.db", 5.0, unheard)


def test_keys_belong_apart_from_the_database(state: Path, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    create(state, tmp_path / "one" / "a.db", 5.0, unheard)
    assert create_keys(state, tmp_path / "other" / "keys.tar").warning == ""
    assert "beside the database's" in create_keys(state, tmp_path / "one" / "keys.tar").warning
    kept = create_keys(state, state / "keys.tar")
    assert "in the state folder itself" in kept.warning
    assert kept.names == ("client.toml", "keys/signing.key")
