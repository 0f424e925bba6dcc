"""What a person asks for, what an agent's answer makes of it, and what happens when time is over.

Restated, without a database, from what the server does in `server/requests/operations.py` and
`server/talks/results.py`; how an operation ends without a look is the shipped rule itself.
"""

from typing import Final

import msgspec

from vmuster.model.ids import OperationId
from vmuster.model.operations import Operation
from vmuster.model.states import (
    DesiredState,
    OperationKind,
    OperationState,
    VmPhase,
)
from vmuster.reconcile.lifecycle import TABLE, PhaseEvent
from vmuster.reconcile.overdue import overdue, unsettled
from vmuster.sim.exhaustive.deeds import Order
from vmuster.sim.exhaustive.knowledge import AT_HOME, Known, plain_operation, plain_record
from vmuster.sim.exhaustive.numbers import newest
from vmuster.sim.exhaustive.setting import HOSTS, NOW, OUR_NAME, OURS, PATIENCE_SECONDS

_WISHES: Final = {
    OperationKind.START: (DesiredState.RUNNING, PhaseEvent.START_REQUESTED),
    OperationKind.STOP: (DesiredState.STOPPED, PhaseEvent.STOP_REQUESTED),
}


def asked(known: Known, kind: OperationKind, order: Order | None) -> Known | None:
    """`known` after a person asked for it; None where they are refused at once.

    `order`: the one on its way to our VM. A person goes before an automatic act, unless that one's
    command is on its way.
    """
    record, operation = known.record, known.operation
    if record.host is None or record.phase is VmPhase.MISSING:
        return None
    if operation is not None and (not operation.automatic or order is not None):
        return None
    seen = known.sightings[HOSTS.index(record.host)]
    if seen is not None and not seen.absent and seen.standing not in AT_HOME:
        return None
    desired, event = _WISHES[kind]
    phase = TABLE.get((record.phase, event), record.phase)
    wish = Operation(
        id=OperationId(OURS),
        kind=kind,
        vm=OURS,
        name=OUR_NAME,
        host=record.host,
        actor="ann",
        created_at=NOW,
        deadline_at=NOW + PATIENCE_SECONDS,
        intake=newest(known) + 1,
    )
    return msgspec.structs.replace(
        known,
        record=msgspec.structs.replace(record, desired=desired, phase=phase),
        operation=plain_operation(wish),
    )


def served(known: Known, order: Order) -> Operation | None:
    """The open operation that `order` serves: the last command of a VM is its operation's."""
    operation = known.operation if order.command.vm == OURS else known.ending
    return operation if operation is not None and operation.command is not None else None


def answered(known: Known, order: Order, *, done: bool) -> Known:
    """`known` after the answer to `order` was noted: done, or refused.

    What was done is settled by a look that begins after this. An automatic act that was refused
    waits for its deadline; a request ends, or, where its order was of an earlier connection, is
    decided anew.
    """
    operation = served(known, order)
    if operation is None or (operation.automatic and not done):
        return known
    after = newest(known) + 1
    if done:
        return _with(known, msgspec.structs.replace(operation, deadline_at=NOW, intake=after))
    if order.earlier:
        again = msgspec.structs.replace(
            operation, state=OperationState.PENDING, command=None, intake=after
        )
        return _with(known, again)
    settled = unsettled(known.record, NOW)
    record = settled.after if settled is not None and settled.after is not None else known.record
    return msgspec.structs.replace(known, record=plain_record(record), operation=None)


def late(known: Known) -> list[tuple[str, Known]]:
    """What is known once the time of an open operation is over, and its name."""
    waiting = (known.operation, known.ending)
    return [
        (
            operation.name,
            _with(known, msgspec.structs.replace(operation, deadline_at=NOW)),
        )
        for operation in waiting
        if operation is not None and operation.deadline_at > NOW
    ]


def swept(known: Known, down: tuple[bool, bool]) -> Known | None:
    """What is known once the sweep has ended an operation whose time is over, on a host that gives
    no account; None where there is none."""
    operation = known.operation
    if operation is None or not down[HOSTS.index(operation.host)]:
        return None
    ended = overdue(operation, known.record, NOW)
    if ended is None:
        return None
    moved = ended.transition.after if ended.transition is not None else None
    record = known.record if moved is None else plain_record(moved)
    return msgspec.structs.replace(known, record=record, operation=None)


def _with(known: Known, operation: Operation) -> Known:
    """`known` with `operation` as it stands now."""
    if operation.vm == OURS:
        return msgspec.structs.replace(known, operation=operation)
    return msgspec.structs.replace(known, ending=operation)
