"""What lies in a state folder: whose the files are, the database's, the keys', what was left."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cryptography import x509

from vmuster.model.errors import VmusterError
from vmuster.ports.clock import Clock
from vmuster.server.checkup.place import Backup, Certificate, Database, File, Place
from vmuster.stores.sql.copying import inspect, revisions
from vmuster.wiring.backups.key_files import SECRETS
from vmuster.wiring.backups.notes import backed_up
from vmuster.wiring.backups.restoring import STAGED
from vmuster.wiring.checkup.file_systems import file_system
from vmuster.wiring.checkup.machine import machine
from vmuster.wiring.secrets.certificates import OwnAuthority
from vmuster.wiring.secrets.client_file import written_digest
from vmuster.wiring.secrets.sealing import FileSealer
from vmuster.wiring.secrets.secret_files import spoken
from vmuster.wiring.secrets.signing_keys import read_signer
from vmuster.wiring.secrets.tls import Tls, needed
from vmuster.wiring.settings import places
from vmuster.wiring.settings.table import Settings

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_PUBLIC: Final = frozenset({places.OWN_CA})
_FAILED: Final = "it can't be looked at: {}"


class StateFolder:
    """Implements `server.checkup.place.Surroundings` over a server's state folder."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._state = settings.state_dir
        self._clock = clock

    def look(self, *, deep: bool) -> Place:
        """As `Surroundings.look`."""
        certificates, trouble = self._certificates()
        approaches = self._state / places.APPROACHES
        return Place(
            now=self._clock.now(),
            machine=machine(),
            files=tuple(self._files()),
            database=self._database(deep=deep),
            signing=_signing(self._state / places.SIGNING_KEY),
            sealing=_sealing(self._state / places.SEALING_KEY),
            certificates=certificates,
            certificates_trouble=trouble,
            leftovers=sum(1 for _ in approaches.iterdir()) if approaches.is_dir() else 0,
            unfinished=(self._state / STAGED).exists(),
            operator=written_digest(self._state / places.CLIENT) or "",
            backup=self._backup(),
        )

    def _files(self) -> Iterator[File]:
        """The folder itself, its files, and the secrets."""
        if not self._state.is_dir():
            return
        owner = self._state.stat().st_uid
        paths = [self._state, *sorted(self._state.iterdir())]
        for folder in (self._state / name for name in SECRETS):
            if folder.is_dir():
                paths += sorted(folder.iterdir())
        for path in paths:
            found = path.lstat()
            name = "" if path == self._state else path.relative_to(self._state).as_posix()
            yield File(
                name=name,
                others=bool(found.st_mode & _OTHERS) and not stat.S_ISLNK(found.st_mode),
                owned=found.st_uid == owner,
                secret=name.partition("/")[0] in (*SECRETS, places.DATABASE)
                and name not in _PUBLIC,
            )

    def _database(self, *, deep: bool) -> Database:
        path = self._state / places.DATABASE
        there, trouble, revision = path.is_file(), "", ""
        if there:
            try:
                revision = inspect(path, alone=False, full=deep).revision
            except VmusterError as error:
                trouble = error.message
        home = next(each for each in (self._state, *self._state.parents) if each.is_dir())
        disk = os.statvfs(home)
        return Database(
            there=there,
            trouble=trouble,
            full=deep,
            revision=revision,
            newest=revisions()[0],
            bytes=_size(path),
            wal_bytes=_size(path.with_name(f"{places.DATABASE}-wal")),
            free=disk.f_bavail * disk.f_frsize,
            file_system=file_system(home),
        )

    def _certificates(self) -> tuple[tuple[Certificate, ...], str]:
        given, own = self._settings.tls_cert, OwnAuthority(self._state / places.TLS)
        files = [given] if given is not None else [own.ca, own.server]
        if not needed(self._settings):
            files = []
        try:
            if given is not None:
                Tls(self._clock).refresh(self._settings)
            found = [_certificate(file, own=given is None) for file in files if file.exists()]
        except (VmusterError, ValueError, OSError) as error:
            return (), _FAILED.format(error)
        return tuple(found), ""

    def _backup(self) -> Backup | None:
        try:
            note = backed_up(self._state)
        except VmusterError:
            return None
        return None if note is None else Backup(at=note.at, file=note.file)


def _certificate(file: Path, *, own: bool) -> Certificate:
    found = x509.load_pem_x509_certificate(file.read_bytes())
    return Certificate(name=file.name, ends=found.not_valid_after_utc.timestamp(), own=own)


def _signing(path: Path) -> str:
    try:
        read_signer(path)
    except FileNotFoundError:
        return f"the signing key {spoken(path)} is not there"
    except VmusterError as error:
        return error.message
    except OSError as error:
        return f"the signing key {spoken(path)} can't be read: {error.strerror}"
    return ""


def _sealing(path: Path) -> str:
    try:
        if path.exists():
            FileSealer(path).check(first=False)
    except VmusterError as error:
        return error.message
    except OSError as error:
        return f"{spoken(path)} can't be read: {error.strerror}"
    return ""


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
