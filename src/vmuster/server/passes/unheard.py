"""VMs that bear our mark and that this database has never heard of: a sign that it is an old one.

A record may be gone for good reasons: a VM was released, an adoption failed. The journal keeps
that somebody asked, and which marks were seen that nobody could explain (`rule` TOO_NEW).
"""

from typing import Final

from vmuster.model.changes import Guarded
from vmuster.model.ids import VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.mark import MarkJudgement
from vmuster.model.report import HostReport
from vmuster.model.states import MarkVerdict
from vmuster.model.vm import VmRecord
from vmuster.ports.store import HostRows, Store

TOO_NEW: Final = "too-new"
"""The rule of a journal entry about a mark that our database can't have given."""
GENERATION: Final = "generation"
"""The evidence that tells a mark."""


async def unheard_of(
    store: Store, rows: HostRows, report: HostReport, marks: dict[VmUuid, MarkJudgement]
) -> frozenset[VmUuid]:
    """The VMs of `report` with a good mark of ours that neither a record nor the journal knows.

    A mark that was seen on it before was asked about then, and costs no question now.
    """
    recorded = {record.uuid for record in rows.records}
    seen_before = {(s.uuid, s.raw_mark) for s in (*rows.here, *rows.elsewhere)}
    unknown = (
        vm.uuid
        for vm in report.vms
        if marks[vm.uuid].verdict is MarkVerdict.OURS
        and vm.uuid not in recorded
        and (vm.uuid, vm.mark) not in seen_before
    )
    return frozenset([uuid for uuid in unknown if not await _heard(store, uuid, marks[uuid])])


async def _heard(store: Store, vm: VmUuid, mark: MarkJudgement) -> bool:
    """Whether the journal knows of a request about the VM under this mark or a later one, or of
    this mark on it. A request that does not say which mark it bore was written before they did."""
    asked = await store.find(JournalEntry, vm=vm, kind=EntryKind.REQUEST, newest_first=True)
    given = [entry.evidence.get(GENERATION) for entry in asked]
    if any(not isinstance(number, int) or number >= mark.generation for number in given):
        return True
    noted = await store.find(JournalEntry, vm=vm, rule=TOO_NEW)
    return any(entry.evidence.get(GENERATION) == mark.generation for entry in noted)


def marked(record: Guarded | None) -> dict[str, object]:
    """What a journal entry about a request keeps of the mark that its VM's record knows."""
    return {GENERATION: record.mark_generation} if isinstance(record, VmRecord) else {}
