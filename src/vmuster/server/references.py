"""What people call things: a name or an id, resolved to one thing, or refused in words."""

import re
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from vmuster.model.errors import NotFound, Refused, Unavailable
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import ClusterName, HostId, VmUuid
from vmuster.model.text import visible
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Store

_DIGITS: Final = re.compile("[0-9a-f]{32}")
_NAMED_MAX: Final = 5
"""Namesakes that a refusal names."""


async def fleet_now(store: Store) -> Fleet:
    """The fleet as it is now."""
    found = await store.get(Fleet)
    if found is None:
        raise Unavailable("the fleet is not founded yet")
    return found


async def host_called(store: Store, reference: str) -> Host:
    """The host with this name or id."""
    by_name = await store.find(Host, name=reference, limit=1)
    found = by_name[0] if by_name else await store.get(Host, reference)
    if found is None:
        raise NotFound(f"there is no host {visible(reference)}", hint="vmuster host list")
    return found


async def host_now(store: Store, host: HostId) -> Host:
    """The host as it is now."""
    found = await store.get(Host, host)
    if found is None:
        raise NotFound(f"there is no host {host} any more")
    return found


async def cluster_now(store: Store, cluster: ClusterName) -> Cluster:
    """The cluster as it is now."""
    found = await store.get(Cluster, cluster)
    if found is None:
        raise NotFound(f"there is no cluster {cluster} any more")
    return found


async def cluster_called(store: Store, reference: str) -> Cluster:
    """The cluster with this name."""
    found = await store.get(Cluster, ClusterName(reference))
    if found is None:
        raise NotFound(f"there is no cluster {visible(reference)}", hint="vmuster cluster list")
    return found


async def vm_called(store: Store, reference: str, host: HostId | None = None) -> VmUuid:
    """The uuid of the VM with this uuid, record name, or name on a host; of one VM only.

    A VM may be called otherwise on its host than in its record, and another one be called so there:
    which of them is meant nobody can guess, so neither is. `host`: only what is called so on this
    host; of two hosts' namesakes it says which is meant.
    """
    uuid = uuid_in(reference)
    if uuid is not None:
        known = await store.get(VmRecord, uuid) or await store.find(Sighting, uuid=uuid, limit=1)
        if known:
            return uuid
        raise NotFound(f"no VM {uuid} is known", hint="vmuster vm list")
    here: dict[str, Any] = {} if host is None else {"host": host}
    recorded = await store.find(VmRecord, name=reference, removed_at=None, limit=1, **here)
    shown = await store.find(Sighting, name=reference, absent=False, **here)
    meant = {vm.uuid for vm in (*recorded, *shown)}
    if not meant:
        raise NotFound(f"no VM {visible(reference)} is known", hint="vmuster vm list")
    if len(meant) > 1:
        raise Refused(
            f"{len(meant)} VMs are called {visible(reference)}:"
            f" {await _namesakes(store, recorded, shown)}",
            hint="say which by its uuid, or where it is (--host)",
        )
    return meant.pop()


async def _namesakes(store: Store, recorded: Sequence[VmRecord], shown: Sequence[Sighting]) -> str:
    """The first VMs of one name, ours before all others, each with what it is."""
    what: dict[VmUuid, list[str]] = {}
    for record in recorded:
        label = record.label
        there = f", which its host calls {visible(label)}" if label != record.name else ""
        what[record.uuid] = [f"recorded as ours{there}"]
    for seen in shown:
        if seen.uuid in what or len(what) < _NAMED_MAX:
            host = await store.get(Host, seen.host)
            on = host.name if host is not None else seen.host
            what.setdefault(seen.uuid, []).append(f"{seen.standing} on host {on}")
    return "; ".join(f"{uuid} ({', '.join(words)})" for uuid, words in what.items())


def uuid_in(text: str) -> VmUuid | None:
    """The uuid that `text` writes, with or without hyphens, braces and `urn:uuid:`; else None.

    Narrower than `UUID`, which takes digits of any script, and `0x`, signs and underscores too:
    such a text is the name of a VM, if it is anything (T37).
    """
    digits = text.lower().removeprefix("urn:uuid:").strip("{}").replace("-", "")
    return VmUuid(UUID(digits)) if _DIGITS.fullmatch(digits) else None
