"""Where no server answers, the state folder tells what keeps one from starting."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conformance.stores.first_schema import first_database
from tests.unit.wiring.backups.folders import told
from vmuster.model.errors import Refused
from vmuster.server.checkup.checks import Checked
from vmuster.wiring.checkup.offline import examine, server
from vmuster.wiring.serving.sole import sole_server
from vmuster.wiring.settings.table import Settings


@pytest.fixture
def state(tmp_path: Path) -> Path:
    told(tmp_path / "state", "first")
    return tmp_path / "state"


def said(state: Path, *, deep: bool = False, silent: bool = True) -> dict[str, Checked]:
    found = examine(Settings(state_dir=state), deep=deep, silent=silent)
    assert not found.running
    return {check.name: check for check in found.checks}


def test_a_folder_that_only_lacks_a_server(state: Path) -> None:
    found = said(state, deep=True)
    assert [name for name, check in found.items() if check.verdict == "failed"] == []
    assert found["running"].verdict == "warning"
    assert found["journal"].found.startswith("3 entries")


def test_nothing_is_written_to_the_database(state: Path) -> None:
    before = (state / "vmuster.db").read_bytes()
    said(state, deep=True)
    assert (state / "vmuster.db").read_bytes() == before


def test_a_key_of_another_fleet_keeps_it_from_starting(state: Path, tmp_path: Path) -> None:
    told(tmp_path / "other", "first")
    (state / "keys" / "signing.key").unlink()
    (tmp_path / "other" / "keys" / "signing.key").rename(state / "keys" / "signing.key")
    assert said(state)["fleet's key"].verdict == "failed"
    (state / "keys" / "signing.key").unlink()
    assert said(state)["fleet's key"].verdict == "failed"


def test_an_operators_key_that_opens_nothing(state: Path) -> None:
    assert said(state)["operator's key"].verdict == "ok"
    (state / "client.toml").write_text('url = "http://127.0.0.1:8040"\nkey = "another"\n')
    assert said(state)["operator's key"].verdict == "warning"


def test_who_only_looks_leaves_no_lock(state: Path) -> None:
    said(state)
    assert not (state / "server.lock").exists()


def test_a_row_that_can_not_be_read(state: Path) -> None:
    with closing(sqlite3.connect(state / "vmuster.db")) as behind:
        behind.execute("UPDATE fleet SET instance = 'OTHER'")
        behind.commit()
    assert "can't be read" in said(state)["rows"].found
    assert said(state)["rows"].verdict == "failed"


@pytest.mark.parametrize("content", [b"", b"nothing"])
def test_a_database_that_is_none(state: Path, content: bytes) -> None:
    (state / "vmuster.db").write_bytes(content)
    found = said(state)
    assert found["integrity"].verdict == "failed"
    assert "rows" not in found


def test_a_database_of_before_is_to_be_upgraded(tmp_path: Path) -> None:
    first_database(tmp_path / "vmuster.db")
    assert "backup" in said(tmp_path)["schema"].mend


def test_a_server_that_is_there_and_does_not_answer(state: Path) -> None:
    with sole_server(state):
        assert said(state)["running"].verdict == "failed"
        assert said(state, silent=False)["running"].verdict == "ok"
    assert server(held=False, silent=False).verdict == "warning"


def test_where_no_folder_is_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no state folder"):
        said(tmp_path / "nowhere")
