"""Whose turn is it: one open operation per VM, and a repeated request is one request."""

from typing import Final

import msgspec

from vmuster.model.changes import Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Refused
from vmuster.model.ids import VmUuid
from vmuster.model.operations import OPEN, Operation
from vmuster.model.states import OperationKind, OperationState
from vmuster.ports.store import Store

AT_ONCE: Final = "somebody changed it at the same moment; look, and ask again"
"""What to do where a request was overtaken."""


async def made_before(
    store: Store, kind: OperationKind, vm: VmUuid, actor: str, key: str
) -> Operation | None:
    """The operation that this very request already made, by its actor's idempotency key."""
    if not key:
        return None
    for known in await store.find(Operation, actor=actor, idempotency_key=key, limit=1):
        if (known.kind, known.vm) != (kind, vm):
            raise Refused("this idempotency key was used for another request")
        return known
    return None


async def take_turn(store: Store, vm: VmUuid, actor: str, now: float) -> tuple[Write, ...]:
    """What must be written for `actor` to have the VM's turn; refuses where it is another's.

    A person goes before an automatic act, unless that one's command is on its way this moment.
    """
    ended: list[Write] = []
    for other in await store.find(Operation, vm=vm, state=OPEN):
        if not other.automatic or await _on_its_way(store, other):
            raise Refused(
                f"{other.kind} by {other.actor} is in flight",
                hint=f"vmuster operation show {other.id}",
            )
        after = msgspec.structs.replace(
            other,
            state=OperationState.FAILED,
            message=f"{actor} asked for something else",
            finished_at=now,
        )
        ended.append(Write(before=other, after=after))
    return tuple(ended)


async def _on_its_way(store: Store, operation: Operation) -> bool:
    if operation.command is None:
        return False
    sent = await store.get(OutboxCommand, operation.command)
    return sent is not None and sent.answered_at is None
