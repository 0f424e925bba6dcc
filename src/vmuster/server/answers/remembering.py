"""The past of a VM, with the names of its hosts; also of those that were removed since."""

import re
from collections.abc import Collection, Iterator
from math import inf
from typing import Any, Final, cast

import msgspec

from vmuster.model.host import Fleet
from vmuster.model.ids import HostId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.ports.store import Store
from vmuster.server.answers.chapters import Past
from vmuster.server.answers.saying import HOST_ID, host_names
from vmuster.server.answers.views import Explanation

_REMOVED: Final = re.compile(r"host (\S+) was removed from cluster ")
_AUDITS_MAX: Final = 50


async def past_of(store: Store, known: Explanation, *, limit: int = 0) -> Past:
    """The past that `known` tells of. `limit`: of each kind no more was read; 0: all of it was."""
    fleet = await store.get(Fleet)
    return Past(
        operations=known.operations,
        commands=known.commands,
        journal=known.journal,
        names=await names_of(store, frozenset(_mentioned(msgspec.to_builtins(known)))),
        cut=limit if len(known.journal) >= limit else 0,
        forgot_until=await _forgot_until(store, fleet),
        quarantine=fleet.quarantine if fleet is not None else None,
    )


async def _forgot_until(store: Store, fleet: Fleet | None) -> float:
    """Until when our database may have forgotten something: for it was restored from a backup, and
    its hosts showed that it is older than they are."""
    if fleet is not None and fleet.quarantine is not None:
        return inf
    if fleet is None or not fleet.trusted:
        return 0.0
    left = await store.find(
        JournalEntry, kind=EntryKind.AUDIT, rule="quarantine", newest_first=True, limit=1
    )
    return left[0].at if left else 0.0


async def names_of(store: Store, hosts: Collection[str]) -> dict[str, str]:
    """Host id → name, as they are called, or were called when they were removed."""
    names = await host_names(store, hosts)
    for host in sorted(set(hosts) - names.keys()):
        called = await _last_name(store, HostId(host))
        if called:
            names[host] = called
    return names


async def _last_name(store: Store, host: HostId) -> str:
    """What a removed host was called, by the journal; empty where that does not say."""
    said = await store.find(
        JournalEntry,
        host=host,
        kind=EntryKind.AUDIT,
        newest_first=True,
        limit=_AUDITS_MAX,
        readable=True,
    )
    found = (_REMOVED.match(entry.what) for entry in said)
    return next((match[1] for match in found if match), "")


def _mentioned(value: Any) -> Iterator[str]:
    """Every host that some text in plain data names."""
    if isinstance(value, str):
        yield from HOST_ID.findall(value)
    elif isinstance(value, dict):
        for inner in cast("dict[str, Any]", value).values():
            yield from _mentioned(inner)
    elif isinstance(value, list | tuple):
        for inner in cast("list[Any]", value):
            yield from _mentioned(inner)
