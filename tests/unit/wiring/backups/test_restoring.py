"""A backup takes the database's place whole or not at all, and what was there is never lost."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.wiring.backups.folders import journal, quarantined, told, unheard
from vmuster.model.errors import Corrupt, Refused, Unavailable
from vmuster.wiring.backups import restoring
from vmuster.wiring.backups.creating import create, create_keys
from vmuster.wiring.backups.notes import restored
from vmuster.wiring.backups.restoring import STAGED, finish, restore, undo
from vmuster.wiring.serving.sole import sole_server

NOW = 1_000_000.0


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A folder that was backed up after the first thing, and has seen a second one since."""
    state = tmp_path / "state"
    told(state, "first")
    create(state, tmp_path / "a.db", 5.0, unheard)
    create_keys(state, tmp_path / "keys.tar")
    told(state, "second")
    return state


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


def put_back(state: Path, backup: Path, keys: Path | None = None) -> restoring.Restored:
    return restore(state, backup, keys, NOW, unheard)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "server.lock"
    }


def test_the_next_server_has_the_old_database_and_begins_in_quarantine(
    state: Path, backup: Path
) -> None:
    there = (state / "vmuster.db").read_bytes()
    done = put_back(state, backup)
    assert (done.keys, done.quarantine) == (False, True)
    assert Path(done.aside) == state / "aside-19700112T134640Z"
    assert (Path(done.aside) / "vmuster.db").read_bytes() == there
    assert (state / "vmuster.db").stat().st_mode & 0o777 == 0o600
    assert not (state / STAGED).exists()
    assert journal(state) == ["first"]
    assert quarantined(state)
    assert restored(state) is None


def test_what_was_set_aside_is_put_back_as_it_was(state: Path, backup: Path) -> None:
    put_back(state, backup)
    done = undo(state, NOW, unheard)
    assert not done.quarantine
    assert done.aside != put_back(state, backup).aside
    undo(state, NOW + 60, unheard)
    assert not quarantined(state)
    assert journal(state) == ["first", "second"]


def test_what_is_put_back_after_a_server_has_run_is_the_older_one_then(
    state: Path, backup: Path
) -> None:
    put_back(state, backup)
    told(state, "since")
    assert undo(state, NOW + 60, unheard).quarantine
    assert quarantined(state)
    assert journal(state) == ["first", "second"]


def test_an_undone_restore_of_a_restored_database_keeps_its_quarantine(
    state: Path, backup: Path
) -> None:
    put_back(state, backup)
    restore(state, backup, None, NOW + 60, unheard)
    assert undo(state, NOW + 120, unheard).quarantine


def test_keys_are_put_back_with_it(state: Path, backup: Path, tmp_path: Path) -> None:
    before = contents(state / "keys")
    shutil.rmtree(state / "keys")
    (state / "client.toml").write_text("another")
    done = put_back(state, backup, tmp_path / "keys.tar")
    assert done.keys
    assert contents(state / "keys") == before
    assert (state / "keys" / "signing.key").stat().st_mode & 0o777 == 0o400
    assert (state / "client.toml").stat().st_mode & 0o777 == 0o600
    assert (Path(done.aside) / "client.toml").read_text() == "another"
    assert journal(state) == ["first"]


def test_it_is_put_on_a_new_machine(tmp_path: Path, state: Path, backup: Path) -> None:
    new = tmp_path / "new"
    with pytest.raises(Refused, match="there are no keys"):
        put_back(new, backup)
    put_back(new, backup, tmp_path / "keys.tar")
    assert journal(new) == ["first"]


def test_what_agents_remember_stays(state: Path, backup: Path) -> None:
    (state / "agents").mkdir(exist_ok=True)
    (state / "agents" / "h-1").write_text("remembered")
    put_back(state, backup)
    assert (state / "agents" / "h-1").read_text() == "remembered"


def test_while_a_server_runs_nothing_is_put_back(state: Path, backup: Path) -> None:
    before = contents(state)
    with sole_server(state), pytest.raises(Refused, match="another server holds"):
        put_back(state, backup)
    assert contents(state) == before


def changed(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize("flaw", ["damaged", "changed", "another fleet's", "the database itself"])
def test_a_backup_that_is_not_good_changes_nothing(
    state: Path, backup: Path, tmp_path: Path, flaw: str
) -> None:
    match flaw:
        case "damaged":
            backup.write_bytes(backup.read_bytes()[:-8192])
        case "changed":
            changed(backup, "DELETE FROM journal WHERE id = 2")
        case "another fleet's":
            told(tmp_path / "another", "theirs")
            backup.unlink()
            create(tmp_path / "another", backup, 5.0, unheard)
        case _:
            backup = state / "vmuster.db"
    before = contents(state)
    with pytest.raises((Corrupt, Refused)):
        put_back(state, backup)
    assert contents(state) == before


def test_a_database_that_was_left_in_a_crash_is_set_aside_whole(
    state: Path, backup: Path, tmp_path: Path
) -> None:
    """What is in its write-ahead log alone comes back with it."""
    with closing(sqlite3.connect(state / "vmuster.db")) as user:
        user.execute("CREATE TABLE late (n)")
        user.commit()
        for name in ("vmuster.db", "vmuster.db-wal"):
            shutil.copyfile(state / name, tmp_path / name)
    for name in ("vmuster.db", "vmuster.db-wal"):
        shutil.copyfile(tmp_path / name, state / name)
    aside = Path(put_back(state, backup).aside)
    assert {"vmuster.db", "vmuster.db-wal"} <= {each.name for each in aside.iterdir()}
    assert not (state / "vmuster.db-wal").exists()
    undo(state, NOW + 60, unheard)
    with closing(sqlite3.connect(state / "vmuster.db")) as found:
        assert found.execute("SELECT count(*) FROM late").fetchone() == (0,)


def test_a_full_disk_changes_nothing(
    state: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_source: Path, target: Path, _told: object, *, alone: bool) -> None:
        assert alone
        target.write_bytes(b"half")
        raise Unavailable("database or disk is full")

    before = contents(state)
    monkeypatch.setattr(restoring, "copy_database", full)
    with pytest.raises(Unavailable, match="full"):
        put_back(state, backup)
    assert contents(state) == before


class Cut(Exception):
    """The power is gone."""


@pytest.mark.parametrize("keys", [False, True])
def test_a_restore_that_is_cut_short_anywhere_is_brought_to_its_end_or_never_began(
    state: Path, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, keys: bool
) -> None:
    """Cut at each rename in turn: the next server has one whole database, and the right one."""
    rename, cuts = Path.rename, 0
    fresh = tmp_path / "fresh"
    shutil.copytree(state, fresh)
    for at in range(1, 12):
        shutil.rmtree(state)
        shutil.copytree(fresh, state)
        left = at

        def cut(self: Path, target: Path) -> Path:
            nonlocal left
            left -= 1
            if not left:
                raise Cut
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", cut)
        try:
            put_back(state, backup, tmp_path / "keys.tar" if keys else None)
        except Cut:
            cuts += 1
        monkeypatch.setattr(Path, "rename", rename)
        began = (state / STAGED).exists() or restored(state) is not None
        assert journal(state) == (["first"] if began else ["first", "second"])
        assert quarantined(state) is began
        assert not (state / STAGED).exists()
        assert set(contents(state / "keys")) == {"signing.key"}
    assert cuts >= 4


def test_what_a_killed_one_laid_out_is_dropped(state: Path, backup: Path) -> None:
    (state / "restoring.partial").mkdir()
    (state / "restoring.partial" / "vmuster.db").write_bytes(b"half")
    finish(state)
    assert journal(state) == ["first", "second"]
    put_back(state, backup)
    assert not (state / "restoring.partial").exists()


def test_where_nothing_was_set_aside_there_is_nothing_to_undo(state: Path) -> None:
    with pytest.raises(Refused, match="nothing was set aside"):
        undo(state, NOW, unheard)


def test_a_folder_of_that_name_that_is_none_of_ours_is_refused(state: Path) -> None:
    (state / STAGED).mkdir()
    with pytest.raises(Refused, match="is no restore of ours"):
        finish(state)
