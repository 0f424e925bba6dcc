"""What became of an operation on a VM, judged by what is seen and by nothing else.

A command's own answer never moves a record; only the next look does. After its deadline an
operation is settled by what is seen, whatever that is.
"""

import msgspec

from vmuster.model.operations import Operation
from vmuster.model.states import (
    CommandOutcome,
    MarkVerdict,
    OperationKind,
    OperationState,
    PowerState,
)
from vmuster.reconcile.pairing import Pair

_INACTIVE = frozenset({PowerState.STOPPED, PowerState.CRASHED})


class Flight(msgspec.Struct, frozen=True, kw_only=True):
    """The operation as it stands after this look.

    `restores`: the record becomes what it was before the operation, `operation.previous`: a
    released VM has no record any more, and a failed adoption leaves what was there before it.
    """

    operation: Operation
    restores: bool = False


def settle(operation: Operation, pair: Pair, asked_after: int, now: float) -> Flight:
    """`operation` after a look at its VM: reached, given up, or still open.

    `asked_after`: the intake number that was known when the look began. A look that began before
    the operation was asked for says nothing of it.
    """
    if asked_after < operation.intake:
        return Flight(operation=operation)
    if _reached(operation, pair):
        done = _end(operation, OperationState.DONE, _REACHED[operation.kind], now)
        return Flight(operation=done, restores=operation.kind is OperationKind.RELEASE)
    if now < operation.deadline_at:
        return Flight(operation=operation)
    failed = _end(operation, OperationState.FAILED, _late(operation, pair), now)
    return Flight(operation=failed, restores=operation.kind is OperationKind.ADOPT)


def refuse(operation: Operation, reason: str, now: float) -> Operation:
    """`operation`, ended because it may not be carried out."""
    return _end(operation, OperationState.FAILED, f"refused: {reason}", now)


def waiting(operation: Operation, reason: str) -> Operation | None:
    """`operation`, saying what it waits for; None where it says so already."""
    said = msgspec.structs.replace(operation, message=reason)
    return said if said != operation else None


_REACHED = {
    OperationKind.START: "it runs",
    OperationKind.STOP: "it is stopped",
    OperationKind.ADOPT: "it bears our mark",
    OperationKind.RELEASE: "our mark is gone from it",
}


def _reached(operation: Operation, pair: Pair) -> bool:
    """Whether the VM is seen as the operation wanted it; an absent VM is stopped, and no more."""
    seen = pair.seen
    if seen is None:
        ours = pair.record is not None and pair.record.live
        return operation.kind is OperationKind.STOP and not ours
    match operation.kind:
        case OperationKind.START:
            return seen.power is PowerState.RUNNING
        case OperationKind.STOP:
            return seen.power in _INACTIVE
        case OperationKind.ADOPT:
            return (
                pair.record is not None
                and pair.judgement.verdict is MarkVerdict.OURS
                and pair.judgement.generation == pair.record.mark_generation
            )
        case OperationKind.RELEASE:  # pragma: no branch: the types leave no other
            return pair.judgement.verdict is MarkVerdict.NONE


_ANSWERED = (CommandOutcome.REFUSED.value, CommandOutcome.FAILED.value)


def _late(operation: Operation, pair: Pair) -> str:
    """Why it was given up: what its agent answered, or that it was not reached in time."""
    if operation.message.startswith(_ANSWERED):
        return operation.message
    seen = f"seen {pair.seen.power}" if pair.seen is not None else "not seen"
    if operation.message.startswith(CommandOutcome.DONE.value):
        return f"it was done, and then {seen}"
    said = f"; {operation.message}" if operation.message else ""
    return f"not reached before its deadline: {seen}{said}"


def _end(operation: Operation, state: OperationState, message: str, now: float) -> Operation:
    return msgspec.structs.replace(operation, state=state, message=message, finished_at=now)
