"""A backup taken: of the database, whether a server runs or not, and of the keys."""

import asyncio
from pathlib import Path

import msgspec

from vmuster.model.errors import Refused
from vmuster.stores.sql.copying import Told, copy_database, inspect
from vmuster.wiring.backups.fresh_file import fresh_file
from vmuster.wiring.backups.key_files import files_in, write_keys
from vmuster.wiring.backups.notes import BACKED_UP, BackedUp, backed_up, write_note
from vmuster.wiring.backups.verifying import last_anchor
from vmuster.wiring.settings.places import DATABASE


class Created(msgspec.Struct, frozen=True, kw_only=True):
    """A backup of a database. `anchor`: the head of its journal, empty for an older schema."""

    file: str
    size: int
    revision: str
    anchor: str


class KeysKept(msgspec.Struct, frozen=True, kw_only=True):
    """A backup of keys. `warning`: why it does not lie where it should; empty where it does."""

    file: str
    names: tuple[str, ...]
    warning: str


def create(state: Path, target: Path, now: float, told: Told) -> Created:
    """Back up the database of a state folder into a fresh file, and note it in the folder.

    Raises `Refused` where there is no database, or such a file; `Corrupt` where the database is
    damaged: what is left then is the backup before.
    """
    database = state / DATABASE
    if not database.is_file():
        raise Refused(f"there is no database {database}", hint="name the folder: --state-dir")
    with fresh_file(target) as partial:
        copy_database(database, partial, told)
        found = inspect(partial, alone=True, full=False)
        anchor = asyncio.run(last_anchor(partial)) if found.current else ""
    note = BackedUp(at=now, file=str(target.absolute()), size=found.size, anchor=anchor)
    write_note(state, BACKED_UP, note)
    return Created(file=str(target), size=found.size, revision=found.revision, anchor=anchor)


def create_keys(state: Path, target: Path) -> KeysKept:
    """Back up the keys, the certificates and the operator's key into a fresh file."""
    files = files_in(state)
    write_keys(files, target)
    return KeysKept(
        file=str(target), names=tuple(sorted(files)), warning=_too_near(state, target.absolute())
    )


def _too_near(state: Path, target: Path) -> str:
    last = backed_up(state)
    place = target.resolve().parent
    if place.is_relative_to(state.resolve()):
        return "the keys' backup lies in the state folder itself: what takes one takes both"
    if last is not None and place == Path(last.file).resolve().parent:
        return "the keys' backup lies beside the database's: who finds both can sign marks"
    return ""
