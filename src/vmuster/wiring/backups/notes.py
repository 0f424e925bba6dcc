"""Notes in a state folder: when its last backup was taken, and that it was restored.

The second one is for the next server: nothing outside a restored folder may be newer than it, so
that it must begin in quarantine.
"""

from pathlib import Path
from typing import Final, TypeVar

import msgspec

from vmuster.model.errors import Corrupt
from vmuster.wiring.backups.fresh_file import own_as
from vmuster.wiring.secrets.secret_files import write_secret

BACKED_UP: Final = "last-backup.json"
RESTORED: Final = "restored.json"


class BackedUp(msgspec.Struct, frozen=True, kw_only=True):
    """The last backup of the database: when, where to, how large, and the head of its journal."""

    at: float
    file: str
    size: int
    anchor: str


class RestoredNote(msgspec.Struct, frozen=True, kw_only=True):
    """A database was put back. `aside`: the folder with what was there before, if there was
    anything; `quarantine`: whether the next server begins in one."""

    at: float
    file: str
    aside: str
    quarantine: bool


_Note = TypeVar("_Note", BackedUp, RestoredNote)


def write_note(folder: Path, name: str, note: BackedUp | RestoredNote) -> None:
    """Write a note into a folder."""
    write_secret(folder / name, msgspec.json.encode(note), 0o600)
    own_as(folder / name, folder)


def backed_up(state: Path) -> BackedUp | None:
    """When a state folder was backed up last, if ever. Raises `Corrupt`."""
    return _read(state / BACKED_UP, BackedUp)


def restored(state: Path) -> RestoredNote | None:
    """That a state folder was restored, and no server has heeded it. Raises `Corrupt`."""
    return _read(state / RESTORED, RestoredNote)


def heed(state: Path) -> None:
    """A server has heeded the note about a restore."""
    (state / RESTORED).unlink(missing_ok=True)


def _read(path: Path, kind: type[_Note]) -> _Note | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise Corrupt(
            f"the note {path.name} in the state folder can't be read",
            hint=f"remove it, and start with 'vmuster serve --restored' if it is {RESTORED}",
        ) from error
