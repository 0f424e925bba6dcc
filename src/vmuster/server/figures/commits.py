"""What a commit that was written says: every operation, command, answer and entry is in one."""

from collections.abc import Iterator
from typing import Final

from vmuster.model.changes import Changes, Write
from vmuster.model.commands import Command, OutboxCommand, StartVm, StopVm
from vmuster.model.host import Cluster
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import Operation
from vmuster.model.states import OperationKind
from vmuster.model.webhooks import Webhook
from vmuster.server.figures import catalogue as of
from vmuster.server.figures.figures import Figures
from vmuster.server.figures.labels import NO_RULE, UNKNOWN, Origin
from vmuster.server.figures.metric import OTHER

_ACTS: Final[dict[type[Command], OperationKind]] = {
    StartVm: OperationKind.START,
    StopVm: OperationKind.STOP,
}
_CONCLUSIONS: Final = frozenset({EntryKind.DECISION, EntryKind.ALERT})


def count_written(figures: Figures, changes: Changes) -> None:
    """Count what `changes`, which were written, bring."""
    for entry in changes.entries:
        _count_entry(figures, entry)
    for write in changes.writes:
        match write.after:
            case Operation(open=False) as operation:
                _count_end(figures, write, operation)
            case OutboxCommand() as command:
                _count_command(figures, write, command, changes)
            case Webhook(failures=failures):
                before = write.before.failures if isinstance(write.before, Webhook) else 0
                figures.add(of.WEBHOOK_FAILURES, by=max(0, failures - before))
            case _:
                pass


def _count_entry(figures: Figures, entry: JournalEntry) -> None:
    figures.add(of.ENTRIES, entry.kind)
    if entry.kind in _CONCLUSIONS and entry.rule:
        figures.add(of.DECISIONS, entry.rule)
    if entry.kind is EntryKind.ALERT:
        figures.add(of.ALERTS, entry.rule or NO_RULE)


def _count_end(figures: Figures, write: Write, operation: Operation) -> None:
    """An operation that was open and is not; one that is noted later only is none."""
    if isinstance(write.before, Operation) and write.before.open:
        origin = Origin.AUTOMATIC if operation.automatic else Origin.PERSON
        figures.add(of.OPERATIONS, operation.kind, origin, operation.state)
        if operation.finished_at is not None:
            seconds = max(0.0, operation.finished_at - operation.created_at)
            figures.observe(of.OPERATION_SECONDS, seconds, operation.kind)


def _count_command(figures: Figures, write: Write, row: OutboxCommand, changes: Changes) -> None:
    command, tag = row.command, str(row.command.__struct_config__.tag)
    if write.before is None:
        origin = Origin.AUTOMATIC if command.automatic else Origin.PERSON
        figures.add(of.COMMANDS, tag, origin)
        act = _ACTS.get(type(command))
        if command.automatic and act is not None:
            figures.add(of.AUTOMATIC_ACTS, next(_clusters(changes), OTHER), act)
    elif isinstance(write.before, OutboxCommand) and write.before.result is None and row.result:
        outcome = UNKNOWN if row.result.unknown else row.result.outcome
        figures.add(of.ANSWERS, tag, outcome)


def _clusters(changes: Changes) -> Iterator[str]:
    """The cluster against whose budget automatic commands were counted: it is written with them."""
    return (write.after.name for write in changes.writes if isinstance(write.after, Cluster))
