"""What a reference to a VM means where the VM may be gone.

A VM that was stopped and has no definition left is on no host and in no record, and somebody will
ask why. The journal never forgets it. A request that is repeated, because its answer was lost, may
name what it did away with itself: then its idempotency key says what was meant.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import Depends, Query

from vmuster.api.inputs.asking import ServiceOf
from vmuster.model.errors import NotFound
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.operations import Operation
from vmuster.ports.store import Store
from vmuster.server.references import host_called, uuid_in, vm_called

_NAMESAKES_MAX: Final = 1000
"""Entries in a row that may be about another thing of the same name."""


async def vm_remembered(store: Store, reference: str, host: HostId | None = None) -> VmUuid:
    """The VM with this uuid or name; where there is none now, the last one in the journal."""
    try:
        return await vm_called(store, reference, host)
    except NotFound:
        last = await _last_entry(store, reference, host)
        if last is None or last.vm is None:
            raise
        return last.vm


async def host_remembered(store: Store, reference: str) -> HostId:
    """The host with this name or id; where there is none now, the last one that was removed."""
    try:
        return (await host_called(store, reference)).id
    except NotFound:
        by_id = await store.find(JournalEntry, host=reference, limit=1)
        if by_id:
            return HostId(reference)
        named = await _entries_named(store, reference)
        gone = next((entry.host for entry in named if entry.vm is None and entry.host), None)
        if gone is None:
            raise
        return gone


async def vm_asked_for(
    store: Store, reference: str, host: HostId | None, *, actor: str, key: str
) -> VmUuid:
    """The VM that a request is about; where there is none now, that of the same request before."""
    try:
        return await vm_called(store, reference, host)
    except NotFound:
        before = await store.find(Operation, actor=actor, idempotency_key=key, limit=1)
        if not key or not before:
            raise
        return before[0].vm


async def _only_vm(
    service: ServiceOf,
    vm: Annotated[str, Query(description="only of this VM, known or remembered")] = "",
) -> VmUuid | None:
    return await vm_remembered(service.store, vm) if vm else None


async def _only_host(
    service: ServiceOf,
    host: Annotated[str, Query(description="only of this host, known or remembered")] = "",
) -> HostId | None:
    return await host_remembered(service.store, host) if host else None


OnlyVm = Annotated[VmUuid | None, Depends(_only_vm)]
"""`?vm=`: the VM of which alone a list is to be; None where it is of all."""
OnlyHost = Annotated[HostId | None, Depends(_only_host)]
"""`?host=`: likewise."""


async def _last_entry(store: Store, reference: str, host: HostId | None) -> JournalEntry | None:
    here: dict[str, Any] = {} if host is None else {"host": host}
    uuid = uuid_in(reference)
    if uuid is None:
        entries = await _entries_named(store, reference, **here)
    else:
        entries = await store.find(JournalEntry, limit=1, newest_first=True, vm=uuid, **here)
    return next((entry for entry in entries if entry.vm is not None), None)


async def _entries_named(store: Store, name: str, **here: Any) -> Sequence[JournalEntry]:
    """The last entries about what has this name: VMs, and hosts that were removed."""
    return await store.find(
        JournalEntry, limit=_NAMESAKES_MAX, newest_first=True, name=name, readable=True, **here
    )
