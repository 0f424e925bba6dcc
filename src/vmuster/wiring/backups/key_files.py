"""The secrets of a state folder in one file, apart from the database: whoever has both can sign
marks and open credentials.

It is a tar, so that a person can look at it with what every machine has. It is read without being
unpacked: only what we would have put there is taken, under the names that we give.
"""

import io
import re
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from vmuster.model.errors import Corrupt, Refused
from vmuster.model.host import Fleet
from vmuster.server.secrets.signing import Signer
from vmuster.wiring.backups.fresh_file import fresh_file
from vmuster.wiring.secrets.signing_keys import signer_of
from vmuster.wiring.settings.places import CLIENT, KEYS, SIGNING_KEY, TLS

FOLDERS: Final = (KEYS, TLS)
SECRETS: Final = (*FOLDERS, CLIENT)
"""What a state folder keeps apart from its database."""
_SIGNING: Final = (SIGNING_KEY, f"{SIGNING_KEY}.next")
_TAKEN: Final = re.compile(
    rf"(?:{'|'.join(FOLDERS)})/[A-Za-z0-9][A-Za-z0-9._-]{{0,99}}|{re.escape(CLIENT)}"
)
_BYTES_MAX: Final = 1 << 20
_FILES_MAX: Final = 100

Files = Mapping[str, bytes]
"""The content of each file, by its name in the state folder."""


def files_in(state: Path) -> dict[str, bytes]:
    """The secrets in a state folder. Raises `Refused` where there are none, or one can't be read.

    A key that is to take another's place comes first: a rotation that ends meanwhile leaves the
    new key in what is read, under one of both names.
    """
    found: dict[str, bytes] = {}
    try:
        for path in sorted(_paths(state), key=lambda path: path.suffix != ".next"):
            if path.is_file():
                found[path.relative_to(state).as_posix()] = path.read_bytes()
    except OSError as error:
        raise Refused(
            f"a secret in {state} can't be read: {error.strerror}", hint="be the server's user"
        ) from error
    if not any(name in found for name in _SIGNING):
        raise Refused(f"there are no keys in {state}", hint="name the state folder: --state-dir")
    return found


def write_keys(files: Files, target: Path) -> None:
    """Put secrets into a fresh file, for its owner alone."""
    with fresh_file(target) as partial, tarfile.open(partial, "w") as tar:
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(files[name]), 0o600
            tar.addfile(member, io.BytesIO(files[name]))


def read_keys(source: Path) -> dict[str, bytes]:
    """What `write_keys` wrote. Raises `Corrupt` where it is anything else."""
    try:
        with tarfile.open(source, "r:") as tar:
            return dict(_members(source, tar))
    except (tarfile.TarError, EOFError) as error:
        raise _no_backup(source, str(error)) from error
    except OSError as error:
        raise Refused(f"{source} can't be read: {error.strerror}", hint="name the file") from error


def fits(fleet: Fleet, files: Files) -> bool:
    """Whether a signing key among the files is the fleet's, or took the place of the fleet's own
    since: a server takes that for what it is, a sign that the database is the older one."""
    signers = [signer_of(files[name], name) for name in _SIGNING if name in files]
    return any(_is_of(fleet, signer) for signer in signers)


def _is_of(fleet: Fleet, signer: Signer) -> bool:
    known = fleet.public_keys.get(str(signer.key))
    if known is None:
        return fleet.key in signer.earlier
    return fleet.key == signer.key and known == signer.public


def _paths(state: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        if (state / folder).is_dir():
            yield from (state / folder).iterdir()
    if (state / CLIENT).exists():
        yield state / CLIENT


def _members(source: Path, tar: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for number, member in enumerate(tar, 1):
        content = tar.extractfile(member) if member.isreg() else None
        if content is None or not _TAKEN.fullmatch(member.name):
            raise _no_backup(source, "it holds what is no secret of ours")
        if member.size > _BYTES_MAX or number > _FILES_MAX:
            raise _no_backup(source, "it holds more than keys")
        yield member.name, content.read()


def _no_backup(source: Path, why: str) -> Corrupt:
    return Corrupt(f"{source} is no backup of keys: {why}", hint="'vmuster backup keys' makes one")
