"""A backup is good, or it is said why not."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conformance.stores.first_schema import first_database
from tests.unit.wiring.backups.folders import told, unheard
from vmuster.model.errors import Corrupt
from vmuster.stores.sql.sqlite_file import prepare
from vmuster.wiring.backups import verifying
from vmuster.wiring.backups.creating import create
from vmuster.wiring.backups.key_files import files_in
from vmuster.wiring.backups.verifying import last_anchor, verified


@pytest.fixture
def state(tmp_path: Path) -> Path:
    told(tmp_path / "state", "first")
    return tmp_path / "state"


@pytest.fixture
def backup(state: Path, tmp_path: Path) -> Path:
    create(state, tmp_path / "a.db", 5.0, unheard)
    return tmp_path / "a.db"


def behind(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_good_one(
    state: Path, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "_ENTRIES_AT_ONCE", 1)
    heard = list[tuple[int, int]]()
    found = verified(backup, lambda done, all_: heard.append((done, all_)), keys=files_in(state))
    assert (found.instance, found.revision, found.keys) == ("VM", "0004", True)
    assert found.anchor == asyncio.run(last_anchor(backup))
    assert found.written_at == "1970-01-01T00:00:05.000000Z"
    assert heard[0] == (1, heard[-1][1])
    assert verified(backup, unheard).keys is None
    told(tmp_path / "another", "first")
    with pytest.raises(Corrupt, match="are not those of the fleet"):
        verified(backup, unheard, keys=files_in(tmp_path / "another"))


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE journal SET what = 'nothing' WHERE id = 2", "can't be read"),
        ("DELETE FROM journal WHERE id = 2", "the journal in it is not as it was written"),
        ("DELETE FROM fleet", "holds no fleet"),
    ],
)
def test_one_that_was_changed(backup: Path, statement: str, why: str) -> None:
    behind(backup, statement)
    with pytest.raises(Corrupt, match=why):
        verified(backup, unheard)


def test_one_of_an_older_schema_is_whole_and_not_read(tmp_path: Path) -> None:
    found = verified(first_database(tmp_path / "old.db"), unheard)
    assert (found.revision, found.fleet, found.anchor) == ("0001", "", "")


def test_a_database_that_nobody_has_used_is_none(tmp_path: Path) -> None:
    prepare(tmp_path / "a.db")
    with pytest.raises(Corrupt, match="holds no fleet"):
        verified(tmp_path / "a.db", unheard)
