"""Whether a backup is one: sound, of a schema that we know, with a journal that hangs together."""

import asyncio
from pathlib import Path
from typing import Final

import msgspec

from vmuster.model.errors import Corrupt
from vmuster.model.host import Fleet
from vmuster.ports.store import Store
from vmuster.server.answers.anchor import head
from vmuster.server.answers.audit import verify as verify_journal
from vmuster.server.answers.saying import moment
from vmuster.stores.sql.copying import Told, inspect, is_alone, open_to_read
from vmuster.wiring.backups.key_files import Files, fits

_ENTRIES_AT_ONCE: Final = 5000


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """A good backup. Of a schema that is not the present one nothing is read: `fleet`, `anchor` and
    `written_at` are empty then. `anchor`: the journal's last entry and its hash, `written_at`: when
    that was written (RFC 3339). `keys`: whether keys that were given are its
    own; None where none were.
    """

    file: str
    size: int
    revision: str
    fleet: str = ""
    instance: str = ""
    anchor: str = ""
    written_at: str | None = None
    keys: bool | None = None


def verified(file: Path, told: Told, *, keys: Files | None = None) -> Verified:
    """Read a backup whole. Raises `Corrupt` where it is damaged, or anything else; or where `keys`
    do not belong to it."""
    found = inspect(file, alone=is_alone(file), full=True)
    good = Verified(file=str(file), size=found.size, revision=found.revision)
    if not found.current:
        return good
    return asyncio.run(_read(good, file, told, keys))


async def _read(good: Verified, file: Path, told: Told, keys: Files | None) -> Verified:
    store = open_to_read(file, alone=is_alone(file))
    try:
        fleet = await store.get(Fleet)
        last = await head(store)
        await _check_journal(store, last.id, told)
    finally:
        await store.close()
    if fleet is None:
        raise Corrupt(
            f"{file} holds no fleet", hint="nobody has used it yet: there is no use in it"
        )
    if keys is not None and not fits(fleet, keys):
        raise Corrupt(
            f"these keys are not those of the fleet in {file}",
            hint="name the keys that were kept for it: --keys FILE",
        )
    return msgspec.structs.replace(
        good,
        fleet=str(fleet.id),
        instance=fleet.instance,
        anchor=last.anchor,
        written_at=moment(last.at),
        keys=None if keys is None else True,
    )


async def _check_journal(store: Store, entries: int, told: Told) -> None:
    found = await verify_journal(store, None, most=_ENTRIES_AT_ONCE)
    while found.sound and found.head < entries:
        told(found.head, entries)
        found = await verify_journal(store, None, begun=found, most=_ENTRIES_AT_ONCE)
    if not found.sound:
        raise Corrupt(
            f"the journal in it is not as it was written: {found.what}",
            hint="take another backup; keep this one as it is, for inspection",
        )


async def last_anchor(file: Path) -> str:
    """The head of the journal in a database of the present schema."""
    store = open_to_read(file, alone=True)
    try:
        return (await head(store)).anchor
    finally:
        await store.close()
