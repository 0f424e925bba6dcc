"""What an older database still holds, beside what was seen since: how each row is settled.

Operations and commands of the past are closed; nobody knows what became of them. What was seen is
a better witness of what was asked for than an old wish, so that a record asks for what is there:
then nothing is started or stopped for the sake of it. Marks that are newer than what is recorded
are taken note of, so that no generation is given again; a tombstone of a VM that was taken in again
since is dropped, for by it the VM would be a ghost that may be stopped.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from vmuster.model.automation import Quarantine
from vmuster.model.changes import Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.ids import VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.mark import parse_mark
from vmuster.model.operations import Operation
from vmuster.model.states import DesiredState, MarkVerdict, PowerState
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Store
from vmuster.reconcile.overdue import overdue
from vmuster.server.paging import find_all
from vmuster.server.requests.closing import closed, given_up, open_operations, unanswered

_WHY = "closed on leaving the quarantine: the database was older than its hosts"
_ASKED = {
    PowerState.RUNNING: DesiredState.RUNNING,
    PowerState.PAUSED: DesiredState.RUNNING,
    PowerState.STOPPED: DesiredState.STOPPED,
    PowerState.CRASHED: DesiredState.STOPPED,
}


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """Every record, tombstones included, what was seen, and what was begun."""

    records: tuple[VmRecord, ...]
    sightings: tuple[Sighting, ...]
    operations: tuple[Operation, ...]
    commands: tuple[OutboxCommand, ...]

    @property
    def highest(self) -> int:
        """The highest number of ours that is recorded or was seen."""
        generations = [generation_of(seen) for seen in self.sightings]
        known = [seen.asked_after for seen in self.sightings]
        return max([*generations, *known, *(r.mark_generation for r in self.records)], default=0)

    def writes(self, now: float) -> Iterator[Write]:
        """How each row is settled."""
        yield from self._record_writes(now)
        for operation in self.operations:
            yield given_up(operation, _WHY, now)
        for command in self.commands:
            yield closed(command, _WHY, now)

    def entries(self, quarantine: Quarantine, actor: str, now: float) -> Iterator[JournalEntry]:
        """That it was settled, and by whom; each operation by name."""
        evidence: dict[str, object] = {
            "evidence": quarantine.evidence,
            "highest": quarantine.highest,
            "operations": len(self.operations),
            "commands": len(self.commands),
        }
        said = "the quarantine was left; automation stays disarmed until it is armed"
        yield JournalEntry(at=now, kind=EntryKind.AUDIT, actor=actor, what=said, evidence=evidence)
        for operation in self.operations:
            yield _closed_entry(operation, actor, now)

    def _record_writes(self, now: float) -> Iterator[Write]:
        begun = {operation.vm: operation for operation in self.operations}
        shown: defaultdict[VmUuid, list[Sighting]] = defaultdict(list)
        for seen in self.sightings:
            shown[seen.uuid].append(seen)
        for record in self.records:
            after = _settled(record, begun.get(record.uuid), shown[record.uuid], now)
            if after != record:
                yield Write(before=record, after=after)


async def read_past(store: Store) -> Past:
    """All of it. Large, and read seldom: once, when a person goes on with an older database."""
    return Past(
        records=tuple(await find_all(store, VmRecord)),
        sightings=tuple(await find_all(store, Sighting)),
        operations=tuple(await open_operations(store)),
        commands=tuple(await unanswered(store)),
    )


def generation_of(seen: Sighting) -> int:
    """The generation of the good mark that was seen; 0 where there was none."""
    mark = parse_mark(seen.raw_mark) if seen.raw_mark is not None else None
    return mark.generation if mark is not None and seen.mark is MarkVerdict.OURS else 0


def _settled(
    record: VmRecord, begun: Operation | None, shown: Sequence[Sighting], now: float
) -> VmRecord | None:
    """The record as it shall stand; None: it is dropped."""
    newest = max((generation_of(seen) for seen in shown), default=0)
    if not record.live:
        return record if newest <= record.mark_generation else None
    settled: VmRecord | None = record
    if begun is not None:
        due = msgspec.structs.replace(begun, deadline_at=now)
        ended = overdue(due, record, now)
        if ended is not None and ended.transition is not None:
            settled = ended.transition.after
    if settled is None or not settled.live:
        return settled
    return msgspec.structs.replace(
        settled,
        desired=_asked(settled, shown),
        mark_generation=max(settled.mark_generation, newest),
    )


def _asked(record: VmRecord, shown: Sequence[Sighting]) -> DesiredState:
    """What is there, where it was seen at home; what was asked for, where it was not."""
    powers = [seen.power for seen in shown if seen.host == record.host and not seen.absent]
    return _ASKED.get(powers[0], record.desired) if powers else record.desired


def _closed_entry(operation: Operation, actor: str, now: float) -> JournalEntry:
    return JournalEntry(
        at=now,
        kind=EntryKind.AUDIT,
        actor=actor,
        what=f"{operation.kind} by {operation.actor}: {_WHY}",
        host=operation.host,
        vm=operation.vm,
        name=operation.name,
        operation=operation.id,
    )
