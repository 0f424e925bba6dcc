"""An operation whose time is over while its host gives no account of its VM: what becomes of it.

Its outcome is not known, and is not guessed. The record returns to what was last seen, so that no
phase waits for ever; what was asked for stays asked for. When the host is back, a look decides
about its VM as about any other.
"""

from typing import Final

import msgspec

from vmuster.model.operations import Operation
from vmuster.model.plan import Transition
from vmuster.model.states import CommandOutcome, OperationKind, OperationState
from vmuster.model.vm import VmRecord
from vmuster.reconcile.lifecycle import advance
from vmuster.reconcile.transitions import restored, settled

_ANSWERED: Final = (CommandOutcome.REFUSED.value, CommandOutcome.FAILED.value)


class Overdue(msgspec.Struct, frozen=True, kw_only=True):
    """An operation as it ends, and what happens to its VM's record; None where nothing does."""

    operation: Operation
    transition: Transition | None = None


def overdue(operation: Operation, record: VmRecord | None, now: float) -> Overdue | None:
    """The end of `operation` on a host that gives no account of its VM; None while it has time."""
    if not operation.open or now < operation.deadline_at:
        return None
    ended = msgspec.structs.replace(
        operation, state=OperationState.FAILED, message=_why(operation), finished_at=now
    )
    return Overdue(operation=ended, transition=_transition(operation, record, now))


def _why(operation: Operation) -> str:
    """Why it ends, by what its agent answered, if it did."""
    if operation.message.startswith(_ANSWERED):
        return operation.message
    if operation.message.startswith(CommandOutcome.DONE.value):
        return "it was done, and its host has given no account of it since"
    if operation.command is None and not operation.message:
        return "not begun: its host gave no account of it before the deadline"
    said = f" ({operation.message})" if operation.message else ""
    return f"outcome not known: its host gave no account of it before the deadline{said}"


def _transition(operation: Operation, record: VmRecord | None, now: float) -> Transition | None:
    if record is None or not record.live:
        return None
    if operation.kind is OperationKind.ADOPT:
        return Transition(before=record, after=restored(record, operation.previous, now))
    return unsettled(record, now)


def unsettled(record: VmRecord, now: float) -> Transition | None:
    """How a phase that a request began ends without a look; None where the record has none.

    For a record with no open operation, on a host that gives no account.
    """
    event = settled(record)
    if event is None or not record.live:
        return None
    after = msgspec.structs.replace(record, phase=advance(record.phase, event), changed_at=now)
    return Transition(before=record, after=after)
