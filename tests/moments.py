"""Moments for the guard: each fully valid, with real signatures, to be spoilt in one place."""

from typing import Final
from uuid import UUID

import msgspec

from tests.parts import CLUSTER, FLEET, HOST, KEY, NAME, OTHER, VM
from vmuster.agent.moment import Moment
from vmuster.model.commands import (
    Command,
    FenceProof,
    HomeClearance,
    MarkVm,
    OrderFields,
    OwnershipProof,
    StartVm,
    StopVm,
    UnmarkVm,
)
from vmuster.model.host import NameGrant
from vmuster.model.ids import CommandId, OperationId, VmUuid
from vmuster.model.mark import OwnershipMark, RawMark, write_mark
from vmuster.model.messages import Settings
from vmuster.model.permits import LiveVm
from vmuster.model.states import HostMode, PowerReason, PowerState, ProofKind, StopMethod
from vmuster.server.secrets.signing import Signer

SIGNER: Final = Signer(KEY, bytes(range(32)))
GENERATION: Final = 7
EPOCH: Final = 4
RUN: Final = "run-1"
ANOTHER_VM: Final = VmUuid(UUID(int=99))


def mark(generation: int = GENERATION, vm: VmUuid = VM) -> OwnershipMark:
    """A good mark of ours."""
    return SIGNER.mark(FLEET, vm, generation)


def raw(generation: int = GENERATION, **changes: object) -> RawMark:
    """A good mark as it is found, but for the changes."""
    return msgspec.structs.replace(write_mark(mark(generation)), **changes)


def grant(**changes: object) -> NameGrant:
    """A true grant: the changes are made before it is signed."""
    unsigned = NameGrant(
        id="grant-1",
        cluster=CLUSTER,
        fleet=FLEET,
        instance="VM",
        granted_by="ann",
        granted_at=1.0,
        key=KEY,
        signature=b"",
    )
    return SIGNER.grant(msgspec.structs.replace(unsigned, **changes))


def settings(**changes: object) -> Settings:
    """What the agent of the host was told."""
    told = Settings(
        host=HOST,
        fleet=FLEET,
        instance="VM",
        public_keys={str(KEY): SIGNER.public},
        mode=HostMode.MANAGE,
        grants=(grant(),),
        report_seconds=30.0,
    )
    return msgspec.structs.replace(told, **changes)


def order(number: int = 1, *, automatic: bool = True, valid_seconds: float = 60.0) -> OrderFields:
    """What every order says."""
    return OrderFields(
        id=CommandId(UUID(int=number)),
        operation=OperationId(UUID(int=number + 1000)),
        host=HOST,
        epoch=EPOCH,
        vm=VM,
        name=NAME,
        actor="vmuster" if automatic else "ann",
        automatic=automatic,
        issued_at=1.0,
        valid_seconds=valid_seconds,
    )


def proof(kind: ProofKind, **changes: object) -> OwnershipProof:
    """A proof as the server makes it, of this kind."""
    by_name = kind is ProofKind.NAME
    made = OwnershipProof(
        kind=kind,
        host=HOST,
        vm=VM,
        epoch=EPOCH,
        sequence=1,
        mark=None if by_name else raw(),
        mark_generation=0 if by_name else GENERATION,
        grant=grant() if by_name else None,
    )
    return msgspec.structs.replace(made, **changes)


def stop(kind: ProofKind = ProofKind.RECORD, number: int = 1, **changes: object) -> StopVm:
    """An automatic stop that rests on a proof of this kind."""
    method = StopMethod.SHUTDOWN if kind is ProofKind.RECORD else StopMethod.SAVE
    made = StopVm(**order(number), proof=proof(kind), method=method, grace_seconds=1.0)
    return msgspec.structs.replace(made, **changes)


def start(**changes: object) -> StartVm:
    """An automatic start at home."""
    clearance = HomeClearance(host=HOST, vm=VM, epoch=EPOCH, sequence=1, mark=raw())
    return msgspec.structs.replace(StartVm(**order(), clearance=clearance), **changes)


def write(number: int = 1, **changes: object) -> MarkVm:
    """A person's adoption of a VM that bears an older mark of ours."""
    made = MarkVm(**order(number, automatic=False), mark=mark(GENERATION + 1), replaces=raw())
    return msgspec.structs.replace(made, **changes)


def erase(number: int = 1, **changes: object) -> UnmarkVm:
    """A person's release."""
    made = UnmarkVm(**order(number, automatic=False), proof=proof(ProofKind.RECORD))
    return msgspec.structs.replace(made, **changes)


def fenced() -> StartVm:
    """A start elsewhere: nothing in this version can stand behind its proof."""
    return start(clearance=FenceProof(dead_host=OTHER, vm=VM, evidence="none"))


def live(**changes: object) -> LiveVm:
    """The VM as it is now; where only its mark is told, its stored one is the same."""
    now = LiveVm(
        uuid=VM,
        name=NAME,
        power=PowerState.RUNNING,
        reason=PowerReason.UNKNOWN,
        mark=raw(),
        stored_mark=raw(),
        run=RUN,
    )
    if "mark" in changes:
        changes = {"stored_mark": changes["mark"]} | changes
    return msgspec.structs.replace(now, **changes)


def moment(command: Command, seen: LiveVm, **changes: object) -> Moment:
    """All that the guard judges by."""
    asked = Moment(
        command=command,
        live=seen,
        settings=settings(),
        epoch=EPOCH,
        age_seconds=10.0,
        process=seen.power is PowerState.RUNNING,
    )
    return msgspec.structs.replace(asked, **changes)


STOPS: Final = {
    ProofKind.RECORD: moment(stop(ProofKind.RECORD), live()),
    ProofKind.MARK: moment(stop(ProofKind.MARK), live()),
    ProofKind.NAME: moment(stop(ProofKind.NAME), live(mark=None)),
}
START: Final = moment(start(), live(power=PowerState.STOPPED, run=""))
MARK: Final = moment(write(), live())
UNMARK: Final = moment(erase(), live())
