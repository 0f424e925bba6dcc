"""What a reference to a VM means where the VM may be gone.

A VM that was stopped and has no definition left is on no host and in no record, and somebody will
ask why. The journal never forgets it. A request that is repeated, because its answer was lost, may
name what it did away with itself: then its idempotency key says what was meant.
"""

from typing import Any

from vmuster.model.errors import NotFound
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.operations import Operation
from vmuster.ports.store import Store
from vmuster.server.references import uuid_in, vm_called


async def vm_remembered(store: Store, reference: str, host: HostId | None = None) -> VmUuid:
    """The VM with this uuid or name; where there is none now, the last one in the journal."""
    try:
        return await vm_called(store, reference, host)
    except NotFound:
        last = await _last_entry(store, reference, host)
        if last is None or last.vm is None:
            raise
        return last.vm


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


async def _last_entry(store: Store, reference: str, host: HostId | None) -> JournalEntry | None:
    chosen: dict[str, Any] = {} if host is None else {"host": host}
    uuid = uuid_in(reference)
    chosen |= {"name": reference} if uuid is None else {"vm": uuid}
    entries = await store.find(JournalEntry, limit=1, newest_first=True, **chosen)
    return entries[0] if entries else None
