"""The doctor where no server answers: what keeps one from starting, by the state folder alone."""

import asyncio
from pathlib import Path
from typing import Final

import msgspec

from vmuster.model.errors import Refused, VmusterError
from vmuster.model.host import Fleet
from vmuster.server.checkup.checks import Check, Found, checked, failed, ok, warning
from vmuster.server.checkup.doctor import Examination, examined
from vmuster.server.checkup.place import Place
from vmuster.server.checkup.records import Reader, Records
from vmuster.stores.sql.copying import open_to_read
from vmuster.wiring.backups.key_files import files_in, fits
from vmuster.wiring.checkup.state_folder import StateFolder
from vmuster.wiring.outside.clock import SystemClock
from vmuster.wiring.secrets.sealing import FileSealer
from vmuster.wiring.serving.sole import LOCK, sole_server
from vmuster.wiring.settings.places import DATABASE, SEALING_KEY
from vmuster.wiring.settings.table import Settings

_RESTORE: Final = "'vmuster restore FILE' puts the last backup back"
_READS: Final = "the rows of the database can't be read: {}"


def examine(settings: Settings, *, deep: bool, silent: bool) -> Examination:
    """Look at the state folder. `silent`: a server was asked, and did not answer.

    Raises `Refused` where there is no state folder.
    """
    state = settings.state_dir
    if not state.is_dir():
        raise Refused(
            f"there is no state folder {state}",
            hint="name it with --state-dir; or 'vmuster serve' makes one",
        )
    place = StateFolder(settings, SystemClock()).look(deep=deep)
    records, unread = _records(settings, place, deep=deep)
    found = examined(place, records, running=False, deep=deep)
    own: list[Check[Place]] = [
        Check("server", "running", lambda _: server(held=_is_held(state), silent=silent))
    ]
    if unread:
        own.append(Check("database", "rows", lambda _: failed(unread, _RESTORE)))
    return msgspec.structs.replace(found, checks=(*checked(own, place), *found.checks))


def server(*, held: bool, silent: bool) -> Found:
    """What is said of a server over the state folder."""
    if held and silent:
        return failed(
            "a server holds the state folder, and does not answer",
            "look at its log; name it with --url, if it listens elsewhere; or stop it",
        )
    if held:
        return ok("a server runs over this state folder; without --state-dir it is asked itself")
    return warning("no server runs over this state folder", "vmuster serve")


def _is_held(state: Path) -> bool:
    if not (state / LOCK).exists():
        return False  # nobody who only looks leaves a lock of their own behind
    try:
        with sole_server(state):
            return False
    except Refused:
        return True


def _records(settings: Settings, place: Place, *, deep: bool) -> tuple[Records | None, str]:
    """What the database holds, as far as it can be read; and else why not."""
    database = place.database
    if not database.there or database.trouble or database.revision != database.newest:
        return None, ""
    try:
        return asyncio.run(_read(settings, place, deep=deep)), ""
    except VmusterError as error:
        return None, _READS.format(error.message)


async def _read(settings: Settings, place: Place, *, deep: bool) -> Records:
    state = settings.state_dir

    def is_its_key(fleet: Fleet) -> bool:
        try:
            return fits(fleet, files_in(state))
        except VmusterError:
            return False

    store = open_to_read(state / DATABASE, alone=False)
    try:
        opens = FileSealer(state / SEALING_KEY).open
        return await Reader(store=store, fits=is_its_key, opens=opens).read(place, deep=deep)
    finally:
        await store.close()
