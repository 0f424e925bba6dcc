"""The facts that the database holds, read from it for the checks of keys, hosts and rows."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import msgspec
from cryptography import x509

from vmuster.model.automation import HeldPlan
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import VmusterError
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.keys import ApiKey, Credential, CredentialKind
from vmuster.model.operations import Operation, RequestAnswer
from vmuster.model.rows import row_place
from vmuster.model.vm import Sighting, VmRecord
from vmuster.model.webhooks import Webhook
from vmuster.ports.store import Row, Store
from vmuster.server.answers.audit import Verdict, verify
from vmuster.server.checkup.place import Place
from vmuster.server.paging import find_all
from vmuster.server.references import fleet_now
from vmuster.server.secrets.credentials import Sealable
from vmuster.server.secrets.secret_forms import tls_set
from vmuster.server.watch.jumps import JUMPED

_PAGE: Final = 1000
_ALERTS_MAX: Final = 200
_MANY: Final[tuple[Any, ...]] = (VmRecord, Sighting, Operation, OutboxCommand, RequestAnswer)
"""Kinds of which there may be very many. The journal is read by its own verification."""


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """A secret that is kept sealed. `trouble`: why it can't be opened, empty where it can; `ends`:
    when the certificate in it ends."""

    what: str
    trouble: str
    ends: float | None


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """What the database holds. `fits`: whether the signing key is the fleet's; `ours`: live records
    by the id of their host; `standings`: of what is seen, in words; `jumps`: moments of alerts that
    the clock was set. `unread`: rows that can't be read, in words: those that somebody asked for,
    and of a deep look all. `journal`: the verdict on it, None where it was not verified."""

    place: Place
    now: float
    fits: bool
    fleet: Fleet
    clusters: tuple[Cluster, ...]
    hosts: tuple[Host, ...]
    ours: dict[str, int]
    standings: dict[str, int]
    held: tuple[HeldPlan, ...]
    keys: tuple[ApiKey, ...]
    sealed: tuple[Sealed, ...]
    jumps: tuple[float, ...]
    unread: tuple[str, ...]
    journal: Verdict | None


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Where records are read from. `fits`: whether a fleet's key is the one that signs; `opens`:
    opens what is sealed, or raises."""

    store: Store
    fits: Callable[[Fleet], bool]
    opens: Callable[[Sealable], bytes]

    async def read(self, place: Place, *, deep: bool) -> Records:
        """The records as they are now. `deep`: every row is read, and the journal verified."""
        store = self.store
        fleet = await fleet_now(store)
        if deep:
            await _read_all(store)
        ours = await store.count(VmRecord, by="host", removed_at=None)
        seen = await store.count(Sighting, by="standing", absent=False)
        return Records(
            place=place,
            now=place.now,
            fits=self.fits(fleet),
            fleet=fleet,
            clusters=tuple(await find_all(store, Cluster, readable=True)),
            hosts=tuple(await find_all(store, Host, readable=True)),
            ours={str(host): number for host, number in ours.items()},
            standings={str(word): number for word, number in seen.items()},
            held=tuple(await find_all(store, HeldPlan, readable=True)),
            keys=tuple(await find_all(store, ApiKey, readable=True)),
            sealed=await self._sealed(),
            jumps=await _jumps(store),
            journal=await verify(store, None) if deep else None,
            unread=tuple(await store.unread()),
        )

    async def _sealed(self) -> tuple[Sealed, ...]:
        credentials = await find_all(self.store, Credential, readable=True)
        webhooks = await find_all(self.store, Webhook, readable=True)
        return tuple(
            [await asyncio.to_thread(self._open, row) for row in (*credentials, *webhooks)]
        )

    def _open(self, row: Sealable) -> Sealed:
        what = f"{'webhook' if isinstance(row, Webhook) else 'credential'} {row.name}"
        try:
            secret = self.opens(row)
            tls = isinstance(row, Credential) and row.kind is CredentialKind.TLS
            ends = _ends(secret) if tls else None
        except (VmusterError, ValueError, OSError) as error:
            return Sealed(what=what, trouble=str(error), ends=None)
        return Sealed(what=what, trouble="", ends=ends)


def _ends(secret: bytes) -> float:
    return x509.load_pem_x509_certificate(
        tls_set(secret).certificate
    ).not_valid_after_utc.timestamp()


async def _jumps(store: Store) -> tuple[float, ...]:
    alerts = await store.find(
        JournalEntry, kind=EntryKind.ALERT, newest_first=True, limit=_ALERTS_MAX, readable=True
    )
    return tuple(each.at for each in alerts if each.what.startswith(JUMPED))


async def _read_all(store: Store) -> None:
    """Read every row; those that can't be read are what `unread` says then."""
    for kind in _MANY:
        await _read_pages(store, kind)


async def _read_pages(store: Store, kind: type[Row]) -> None:
    after: tuple[object, ...] = ()
    while page := await store.find(kind, after=after, limit=_PAGE, readable=True):
        after = row_place(page[-1])
