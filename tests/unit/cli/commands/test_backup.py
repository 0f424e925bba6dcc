"""`vmuster backup`, on a state folder."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.wiring.backups.folders import told


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where `alone` says that it is."""
    told(tmp_path / "state", "first")
    return tmp_path / "state"


def test_backups_are_taken_and_verified(alone: Run, state: Path, tmp_path: Path) -> None:
    database, keys = str(tmp_path / "a.db"), str(tmp_path / "keys.tar")
    made = alone("backup", "create", database)
    assert made.exit_code == 0, made.output
    assert "schema 0004" in made.stdout
    anchor = json.loads(alone("backup", "verify", database, "-o", "json").stdout)["anchor"]
    assert f"anchor  {anchor}" in made.stdout
    kept = alone("backup", "keys", keys)
    assert kept.stdout == f"{keys}: client.toml, keys/signing.key\n"
    assert "warning: the keys' backup lies beside the database's" in kept.stderr
    verified = alone("backup", "verify", database, "--keys", keys)
    assert "these keys are its own" in verified.stdout
    assert alone("backup", "verify", database, "-o", "name").stdout == f"{database}\n"


def test_what_is_refused(alone: Run, state: Path, tmp_path: Path) -> None:
    database = str(tmp_path / "a.db")
    assert alone("backup", "create", database).exit_code == 0
    again = alone("backup", "create", database)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "is there already" in again.stderr
    elsewhere = alone("backup", "keys", str(tmp_path / "k"), "--state-dir", str(tmp_path / "no"))
    assert (elsewhere.exit_code, "there are no keys" in elsewhere.stderr) == (1, True)
    (tmp_path / "bad.db").write_bytes(b"nothing")
    bad = alone("backup", "verify", str(tmp_path / "bad.db"))
    assert (bad.exit_code, "damaged" in bad.stderr) == (1, True)
