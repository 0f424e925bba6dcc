"""Figures of files and of the certificate, as they are when somebody asks."""

from pathlib import Path

from tests.clocks import HandClock
from vmuster.server.figures.catalogue import CERTIFICATE_ENDS, DATABASE_BYTES
from vmuster.wiring.secrets.tls import Tls
from vmuster.wiring.serving.figures import of_certificate, of_files
from vmuster.wiring.settings.table import Settings

DAY = 86_400


def test_the_files_of_the_database_have_their_sizes(tmp_path: Path) -> None:
    database = tmp_path / "vmuster.db"
    database.write_bytes(b"x" * 10)
    assert [(s.labels, s.value) for s in of_files(database)] == [(("database",), 10)]
    (tmp_path / "vmuster.db-wal").write_bytes(b"x" * 3)
    told = list(of_files(database))
    assert [(s.labels, s.value) for s in told] == [(("database",), 10), (("wal",), 3)]
    assert {sample.metric.name for sample in told} == {DATABASE_BYTES.name}


def test_what_is_not_there_has_no_size(tmp_path: Path) -> None:
    assert list(of_files(tmp_path / "none")) == []


def test_the_certificate_that_is_shown_has_its_end(tmp_path: Path) -> None:
    clock = HandClock(1_800_000_000.0)
    tls = Tls(clock)
    settings = Settings(host="192.0.2.1", state_dir=tmp_path)
    tls.refresh(settings)
    (first,) = of_certificate(tls)
    assert first.metric is CERTIFICATE_ENDS
    assert 80 * DAY < first.value - clock.now() <= 90 * DAY
    clock.pass_by(89 * DAY)
    tls.refresh(settings)
    (renewed,) = of_certificate(tls)
    assert renewed.value > first.value
