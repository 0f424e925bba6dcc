"""The command that follows a conclusion: with its proof, or with the reason why there is none.

Nothing here decides what is true; it turns "should be stopped" into a `StopVm` that carries its
proof, and does so only where the host's mode, what keeps automation idle and the operations in
flight let it.
"""

import msgspec

from vmuster.model.commands import Command, OrderFields, StartVm, StopVm, UnmarkVm, Unproven
from vmuster.model.ids import CommandId, HostId, OperationId
from vmuster.model.modes import allows
from vmuster.model.operations import AUTOMATIC, Operation
from vmuster.model.states import (
    Act,
    Completeness,
    OperationKind,
    OperationState,
    PowerState,
    StopMethod,
)
from vmuster.reconcile.classify import Deed
from vmuster.reconcile.derived import derived
from vmuster.reconcile.ownership import LEFT, Claim, clear, prove

_KINDS = {Deed.START: OperationKind.START, Deed.STOP: OperationKind.STOP}
_ACTS = {
    OperationKind.START: Act.START,
    OperationKind.STOP: Act.STOP,
    OperationKind.ADOPT: Act.ADOPT,
    OperationKind.RELEASE: Act.RELEASE,
}


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A command and the operation it serves; or `note`: why there is none.

    `waits`: the reason will pass by itself; `wants_complete`: a COMPLETE report would settle it;
    `ask`: a look of that host would.
    """

    command: Command | None = None
    operation: Operation | None = None
    note: str = ""
    waits: bool = False
    wants_complete: bool = False
    ask: HostId | None = None


NOTHING = Proposal()


def automatic(claim: Claim, deed: Deed, method: StopMethod, now: float) -> Proposal:
    """The command for something that no person asked for."""
    if deed is Deed.NOTHING:
        return NOTHING
    host = claim.recorded.host
    if not allows(host.mode, Act.AUTOMATIC):
        return Proposal(note=f"nothing is done automatically on a host in {host.mode}")
    if claim.pair.uuid in claim.recorded.operations:
        return Proposal(note="another operation on it is open", waits=True)
    if claim.recorded.quarantined:
        return Proposal(note=claim.recorded.quarantined, waits=True)
    if claim.recorded.idle:
        return Proposal(note=claim.recorded.idle, waits=True)
    kind = _KINDS[deed]
    operation = Operation(
        id=OperationId(derived(claim.report, "operation", claim.pair.uuid, kind)),
        kind=kind,
        vm=claim.pair.uuid,
        name=claim.pair.name,
        host=host.id,
        actor=AUTOMATIC,
        created_at=now,
        deadline_at=now + claim.policy.patience(kind),
    )
    return _propose(claim, operation, method, now)


def requested(claim: Claim, operation: Operation, now: float) -> Proposal:
    """The command for a person's request that has none yet."""
    host = claim.recorded.host
    if not allows(host.mode, _ACTS[operation.kind]):
        return Proposal(note=f"{operation.kind} is not allowed on a host in {host.mode}")
    if claim.recorded.quarantined:
        return Proposal(note=claim.recorded.quarantined, waits=True)
    method = StopMethod.FORCE if operation.force else StopMethod.SHUTDOWN
    return _propose(claim, operation, method, now)


def _propose(claim: Claim, operation: Operation, method: StopMethod, now: float) -> Proposal:
    command = _command(claim, operation, method, now)
    if isinstance(command, Unproven):
        return _unproven(claim, operation, command, now)
    running = msgspec.structs.replace(operation, state=OperationState.RUNNING, command=command.id)
    return Proposal(command=command, operation=running)


def _unproven(claim: Claim, operation: Operation, unproven: Unproven, now: float) -> Proposal:
    """Why there is no command, and whether a look would settle it: a whole one of this host, or
    a new one of the host where the same VM was seen before this was asked for.

    Who looked at everything and is in doubt is not asked to do so again at once: the doubt may
    last, every answer would be the next question, and the host looks again by itself.
    """
    partial = claim.report.completeness is Completeness.PARTIAL
    incomplete = partial and operation.kind is OperationKind.START
    ask = _who_may_tell(claim, operation, now) if unproven.passing else None
    note = f"{unproven.reason}: {ask} is asked to look again" if ask else _final(claim, unproven)
    return Proposal(
        note=note,
        waits=incomplete or ask is not None,
        wants_complete=incomplete and not claim.report.doubts,
        ask=ask,
    )


def _who_may_tell(claim: Claim, operation: Operation, now: float) -> HostId | None:
    """A host whose look at the same VM began before `operation` was asked for; or, for a while
    after that was asked, one that lost the VM, and whose witness may have an answer on its way.
    """
    before = [s.host for s in claim.pair.copies if s.asked_after < operation.intake]
    waited = now - operation.created_at
    if not operation.automatic and waited < claim.policy.confirm_after_seconds:
        before += [s.host for s in claim.pair.left]
    return min(before, default=None)


def _final(claim: Claim, unproven: Unproven) -> str:
    """The reason in words; where a person's word would take it away, with that."""
    if unproven.reason != LEFT:
        return unproven.reason
    first, uuid = min(s.host for s in claim.pair.left), claim.pair.uuid
    return f"{LEFT}; if you know that none is: vmuster vm forget {uuid} --on {first}"


def _command(
    claim: Claim, operation: Operation, method: StopMethod, now: float
) -> Command | Unproven:
    order = OrderFields(
        id=CommandId(derived(claim.report, "command", claim.pair.uuid, operation.kind)),
        operation=operation.id,
        host=claim.recorded.host.id,
        epoch=claim.report.epoch,
        vm=claim.pair.uuid,
        name=claim.pair.name,
        actor=operation.actor,
        automatic=operation.automatic,
        issued_at=now,
        valid_seconds=max(0.0, operation.deadline_at - now),
    )
    match operation.kind:
        case OperationKind.START:
            clearance = clear(claim)
            if isinstance(clearance, Unproven):
                return clearance
            return StartVm(**order, clearance=clearance)
        case OperationKind.STOP:
            proof = prove(claim)
            if isinstance(proof, Unproven):
                return proof
            grace = claim.policy.stop_grace_seconds
            return StopVm(**order, proof=proof, method=method, grace_seconds=grace)
        case OperationKind.RELEASE:
            proof = prove(claim)
            return proof if isinstance(proof, Unproven) else UnmarkVm(**order, proof=proof)
        case OperationKind.ADOPT:  # pragma: no branch: the types leave no other
            return Unproven(reason="an adoption carries its command from the start")


def stray(claim: Claim, now: float) -> Proposal:
    """The guarded stop of a GHOST or a LOOKALIKE: saved to disk, never destroyed."""
    seen = claim.pair.seen
    running = seen is not None and seen.power is PowerState.RUNNING
    return automatic(claim, Deed.STOP, StopMethod.SAVE, now) if running else NOTHING
