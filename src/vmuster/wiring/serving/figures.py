"""Figures of what only the wiring knows: the database's files, and the server's certificate."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from vmuster.server.figures.catalogue import CERTIFICATE_ENDS, DATABASE_BYTES
from vmuster.server.figures.labels import DatabaseFile
from vmuster.server.figures.metric import Sample
from vmuster.wiring.secrets.tls import Tls

_SUFFIXES: Final = {DatabaseFile.DATABASE: "", DatabaseFile.WAL: "-wal"}


def of_files(database: Path) -> Iterator[Sample]:
    """The sizes of SQLite's files; one that is not there says nothing."""
    for file, suffix in _SUFFIXES.items():
        try:
            size = database.with_name(database.name + suffix).stat().st_size
        except OSError:
            continue
        yield Sample(metric=DATABASE_BYTES, value=size, labels=(file,))


def of_certificate(tls: Tls) -> Iterator[Sample]:
    """When the certificate ends that is shown now."""
    yield Sample(metric=CERTIFICATE_ENDS, value=tls.ends_at)
