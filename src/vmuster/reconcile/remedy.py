"""The command that follows a conclusion: with its proof, or with the reason why there is none.

Nothing here decides what is true; it turns "should be stopped" into a `StopVm` that carries its
proof, and does so only where the host's mode, the quiet time and the operations in flight let it.
"""

from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec

from vmuster.model.commands import Command, OrderFields, StartVm, StopVm, UnmarkVm, Unproven
from vmuster.model.ids import CommandId, OperationId
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
from vmuster.reconcile.ownership import Claim, clear, prove

_KINDS = {Deed.START: OperationKind.START, Deed.STOP: OperationKind.STOP}
_ACTS = {
    OperationKind.START: Act.START,
    OperationKind.STOP: Act.STOP,
    OperationKind.ADOPT: Act.ADOPT,
    OperationKind.RELEASE: Act.RELEASE,
}


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A command and the operation it serves; or `note`: why there is none.

    `waits`: the reason will pass by itself; `wants_complete`: a COMPLETE report would settle it.
    """

    command: Command | None = None
    operation: Operation | None = None
    note: str = ""
    waits: bool = False
    wants_complete: bool = False


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
    if now < claim.recorded.quiet_until:
        return Proposal(note="nothing is done automatically so soon after a start", waits=True)
    kind = _KINDS[deed]
    operation = Operation(
        id=OperationId(_derived(claim, "operation", kind)),
        kind=kind,
        vm=claim.pair.uuid,
        name=claim.pair.name,
        host=host.id,
        actor=AUTOMATIC,
        created_at=now,
        deadline_at=now + claim.policy.operation_seconds,
    )
    return _propose(claim, operation, method, now)


def requested(claim: Claim, operation: Operation, now: float) -> Proposal:
    """The command for a person's request that has none yet."""
    host = claim.recorded.host
    if not allows(host.mode, _ACTS[operation.kind]):
        return Proposal(note=f"{operation.kind} is not allowed on a host in {host.mode}")
    method = StopMethod.FORCE if operation.force else StopMethod.SHUTDOWN
    return _propose(claim, operation, method, now)


def _propose(claim: Claim, operation: Operation, method: StopMethod, now: float) -> Proposal:
    command = _command(claim, operation, method, now)
    if isinstance(command, Unproven):
        partial = claim.report.completeness is Completeness.PARTIAL
        waits = partial and operation.kind is OperationKind.START
        return Proposal(note=command.reason, waits=waits, wants_complete=waits)
    running = msgspec.structs.replace(operation, state=OperationState.RUNNING, command=command.id)
    return Proposal(command=command, operation=running)


def _command(
    claim: Claim, operation: Operation, method: StopMethod, now: float
) -> Command | Unproven:
    order = OrderFields(
        id=CommandId(_derived(claim, "command", operation.kind)),
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
        case OperationKind.ADOPT:
            return Unproven(reason="an adoption carries its command from the start")


def stray(claim: Claim, now: float) -> Proposal:
    """The guarded stop of a GHOST or a LOOKALIKE: saved to disk, never destroyed."""
    seen = claim.pair.seen
    running = seen is not None and seen.power is PowerState.RUNNING
    return automatic(claim, Deed.STOP, StopMethod.SAVE, now) if running else NOTHING


def _derived(claim: Claim, what: str, kind: OperationKind) -> UUID:
    """An id that is the same whenever the same report is decided again: no chance in the core."""
    report = claim.report
    name = f"{what}/{report.host}/{report.epoch}/{report.sequence}/{claim.pair.uuid}/{kind}"
    return uuid5(NAMESPACE_OID, name)
