"""A real state folder, and one thing after another that is wrong with it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.server.checkup.worlds import unwell
from tests.unit.wiring.backups.folders import told, unheard
from vmuster.server.checkup.folder import FOLDER
from vmuster.server.checkup.place import Place
from vmuster.wiring.backups.creating import create
from vmuster.wiring.checkup.state_folder import StateFolder
from vmuster.wiring.outside.clock import SystemClock
from vmuster.wiring.secrets.tls import Tls
from vmuster.wiring.settings.table import Settings


@pytest.fixture
def state(tmp_path: Path) -> Path:
    state = tmp_path / "state"
    told(state, "first")
    create(state, tmp_path / "a.db", SystemClock().now(), unheard)
    return state


def look(state: Path, *, deep: bool = False, host: str = "127.0.0.1") -> Place:
    return StateFolder(Settings(state_dir=state, host=host), SystemClock()).look(deep=deep)


def wrong(place: Place) -> list[str]:
    """The checks that are not content, but for where the tests themselves run."""
    return [said.name for said in unwell(FOLDER, place) if said.name != "durability"]


def test_a_folder_as_a_server_leaves_it_is_well(state: Path) -> None:
    place = look(state, deep=True)
    assert wrong(place) == []
    assert place.database.full
    assert place.database.bytes > 0
    assert place.database.free > 0
    assert {"", "vmuster.db", "keys/signing.key", "client.toml"} <= {f.name for f in place.files}
    assert len(place.operator) == 64
    assert {f.name for f in place.files if f.secret} >= {"vmuster.db", "keys/signing.key"}


def gone(name: str) -> Callable[[Path], object]:
    return lambda state: (state / name).unlink()


def open_to_all(name: str) -> Callable[[Path], object]:
    return lambda state: (state / name).chmod(0o644)


def shown_to_all(state: Path) -> None:
    state.chmod(0o755)


def filled(name: str) -> Callable[[Path], object]:
    def fill(state: Path) -> None:
        (state / name).unlink(missing_ok=True)
        (state / name).write_bytes(b"nothing")
        (state / name).chmod(0o400)

    return fill


def left(name: str) -> Callable[[Path], object]:
    return lambda state: (state / name).mkdir(parents=True)


@pytest.mark.parametrize(
    ("break_it", "checks"),
    [
        (gone("keys/signing.key"), ["signing key"]),
        (filled("keys/signing.key"), ["signing key"]),
        (open_to_all("keys/signing.key"), ["permissions", "signing key"]),
        (filled("keys/sealing.key"), ["sealing key"]),
        (open_to_all("client.toml"), ["permissions"]),
        (open_to_all("vmuster.db"), ["permissions"]),
        (shown_to_all, ["permissions"]),
        (gone("vmuster.db"), ["integrity"]),
        (filled("vmuster.db"), ["integrity"]),
        (gone("last-backup.json"), ["backup"]),
        (filled("last-backup.json"), ["backup"]),
        (left("approaches/h-1"), ["leftovers"]),
        (left("restoring"), ["leftovers"]),
    ],
)
def test_one_thing_is_wrong(
    state: Path, break_it: Callable[[Path], object], checks: list[str]
) -> None:
    break_it(state)
    assert wrong(look(state)) == checks


def test_certificates_are_looked_at_where_tls_is_spoken(state: Path) -> None:
    settings = Settings(state_dir=state, host="0.0.0.0")
    Tls(SystemClock()).refresh(settings)
    found = look(state, host="0.0.0.0")
    assert {each.name: each.own for each in found.certificates} == {
        "ca.crt": True,
        "server.pem": True,
    }
    assert wrong(found) == []
    assert look(state).certificates == ()
    (state / "tls" / "server.pem").chmod(0o600)
    (state / "tls" / "server.pem").write_text("nothing")
    assert "certificates" in wrong(look(state, host="0.0.0.0"))


def test_certificates_that_were_given_must_fit(state: Path, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("nothing")
    (tmp_path / "key.pem").write_text("nothing")
    (tmp_path / "key.pem").chmod(0o600)
    settings = Settings(
        state_dir=state, tls_cert=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem"
    )
    place = StateFolder(settings, SystemClock()).look(deep=False)
    assert "can't be used for TLS" in place.certificates_trouble
