"""A backup put back, and put away again.

Everything is laid out in a folder of its own first. The name `restoring` is given to it in one
step, and from there on it goes forward only: whoever comes next under the lock of the state folder,
a server or another restore, brings it to its end. What was there before is set aside, and never
deleted; what agents remember is never touched, for it tells how old the database is.
"""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from vmuster.model.errors import Refused
from vmuster.stores.sql.copying import BESIDE, Told, copy_database, inspect, is_alone
from vmuster.wiring.backups.fresh_file import own_as
from vmuster.wiring.backups.key_files import SECRETS, Files, files_in, read_keys
from vmuster.wiring.backups.notes import RESTORED, RestoredNote, restored, write_note
from vmuster.wiring.backups.verifying import Verified, verified
from vmuster.wiring.secrets.secret_files import make_durable, write_secret
from vmuster.wiring.serving.sole import LOCK, sole_server
from vmuster.wiring.settings.places import CLIENT, DATABASE

STAGED: Final = "restoring"
_PARTIAL: Final = "restoring.partial"
_ASIDE: Final = "aside-"
_ORDER: Final = (RESTORED, *SECRETS, DATABASE)
_BESIDE: Final = {DATABASE: tuple(f"{DATABASE}{end}" for end in BESIDE)}
"""What belongs to a file, and goes where it goes."""


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What was put back. `aside`: the folder with what was there; `keys`: whether keys were put
    back too; `quarantine`: whether the next server begins in one."""

    backup: Verified
    aside: str
    keys: bool
    quarantine: bool


def restore(state: Path, file: Path, keys: Path | None, now: float, told: Told) -> Restored:
    """Put the backup in the place of the present database, while no server runs.

    Raises `Refused` where one does, or where the keys that are there are another fleet's;
    `Corrupt` where the backup is not good. Nothing is changed then.
    """
    files = None if keys is None else read_keys(keys)
    with sole_server(state):
        own_as(state / LOCK, state)
        finish(state)
        return _put(state, file, files, now, told, quarantine=True)


def undo(state: Path, now: float, told: Told) -> Restored:
    """Put back what was set aside last, with its keys if they were; what is there now is set aside.

    The next server begins in quarantine, but where none has run since the restore.
    """
    with sole_server(state):
        finish(state)
        aside = _last_aside(state)
        fresh, before = restored(state), restored(aside)
        since = fresh is None or (before is not None and before.quarantine)
        files = files_in(aside) if any((aside / name).exists() for name in SECRETS) else None
        return _put(state, aside / DATABASE, files, now, told, quarantine=since)


def finish(state: Path) -> None:
    """Bring a restore that was cut short to its end; nothing where there was none. The caller
    holds the state folder."""
    staged = state / STAGED
    if not staged.is_dir():
        return
    aside = state / restored_in(staged).aside
    aside.mkdir(mode=0o700, exist_ok=True)
    own_as(aside, state)
    for name in _ORDER:
        if not (staged / name).exists():
            continue
        for old in (*_BESIDE.get(name, ()), name):
            if (state / old).exists():
                (state / old).rename(aside / old)
        make_durable(aside)
        (staged / name).rename(state / name)
        make_durable(state)
    shutil.rmtree(staged)


def restored_in(staged: Path) -> RestoredNote:
    """What is being put back. The note is among the first to go to its place."""
    found = restored(staged) or restored(staged.parent)
    if found is None:
        raise Refused(f"{staged} is no restore of ours", hint="look into it, and move it away")
    return found


def _put(
    state: Path, file: Path, files: Files | None, now: float, told: Told, *, quarantine: bool
) -> Restored:
    if file.resolve() == (state / DATABASE).resolve():
        raise Refused(f"{file} is the database itself", hint="name a backup of it")
    partial = state / _PARTIAL
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    try:
        good = verified(file, told, keys=_own(state) if files is None else files)
        _lay_out(partial, file, files, told)
        aside = _fresh_aside(state, now)
        note = RestoredNote(at=now, file=str(file.absolute()), aside=aside, quarantine=quarantine)
        write_note(partial, RESTORED, note)
        _settle(partial, state)
        partial.rename(state / STAGED)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    make_durable(state)
    finish(state)
    return Restored(
        backup=good,
        aside=str(state / aside),
        keys=files is not None,
        quarantine=quarantine,
    )


def _own(state: Path) -> Files:
    if not any((state / name).exists() for name in SECRETS):
        raise Refused(
            f"there are no keys in {state} for this database",
            hint="name the backup of them: --keys FILE",
        )
    return files_in(state)


def _lay_out(partial: Path, file: Path, files: Files | None, told: Told) -> None:
    database = partial / DATABASE
    database.touch(mode=0o600)
    copy_database(file, database, told, alone=is_alone(file))
    inspect(database, alone=True, full=False)
    for name, content in (files or {}).items():
        place = partial / name
        place.parent.mkdir(mode=0o700, exist_ok=True)
        write_secret(place, content, 0o600 if name == CLIENT else 0o400)


def _settle(partial: Path, state: Path) -> None:
    """All of it is the state folder's owner's, and on the disk."""
    for place in (partial, *partial.rglob("*")):
        own_as(place, state)
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _fresh_aside(state: Path, now: float) -> str:
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    taken = sum(1 for _ in state.glob(f"{_ASIDE}{stamp}*"))
    return f"{_ASIDE}{stamp}" if not taken else f"{_ASIDE}{stamp}-{taken + 1}"


def _last_aside(state: Path) -> Path:
    for found in sorted(state.glob(f"{_ASIDE}*"), reverse=True):
        if (found / DATABASE).is_file():
            return found
    raise Refused(f"nothing was set aside in {state}", hint="'vmuster restore FILE' does that")
