"""What a reference to a VM means where history is asked for: VMs that are gone count too.

A VM that was stopped and has no definition left is on no host and in no record, and somebody will
ask why. The journal never forgets it.
"""

from uuid import UUID

from vmuster.model.errors import NotFound
from vmuster.model.ids import VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.ports.store import Store
from vmuster.server.references import vm_called


async def vm_remembered(store: Store, reference: str) -> VmUuid:
    """The VM with this uuid or name; where there is none now, the last one in the journal."""
    try:
        return await vm_called(store, reference)
    except NotFound:
        last = await _last_entry(store, reference)
        if last is None or last.vm is None:
            raise
        return last.vm


async def _last_entry(store: Store, reference: str) -> JournalEntry | None:
    try:
        entries = await store.find(JournalEntry, limit=1, newest_first=True, vm=UUID(reference))
    except ValueError:
        entries = await store.find(JournalEntry, limit=1, newest_first=True, name=reference)
    return entries[0] if entries else None
