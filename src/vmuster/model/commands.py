"""Commands: what a server asks an agent to do, and the evidence that each must carry.

Danger needs a proof value: `StopVm.proof` is an `OwnershipProof`, and `prove()` in
`reconcile/ownership.py` is its only maker; `StartVm.clearance` is its twin for L2. The agent
trusts neither: it proves again on the live VM (`agent/guard.py`).
"""

from typing import Final, TypedDict

import msgspec

from vmuster.model.host import NameGrant
from vmuster.model.ids import CommandId, HostId, OperationId, VmUuid
from vmuster.model.mark import OwnershipMark, RawMark
from vmuster.model.states import CommandOutcome, ProofKind, StopMethod


class OwnershipProof(msgspec.Struct, frozen=True, kw_only=True):
    """The evidence that a VM may be acted on. Made by `prove()` alone (a test sees to it)."""

    kind: ProofKind
    host: HostId
    vm: VmUuid
    epoch: int
    sequence: int
    mark: RawMark | None = None
    """The good mark that was seen (RECORD, MARK); the agent must find this very one."""
    mark_generation: int = 0
    grant: NameGrant | None = None
    """The person's leave (NAME)."""


class Unproven(msgspec.Struct, frozen=True, kw_only=True):
    """The reason why there is no proof, in words. `passing`: a new look elsewhere may take the
    reason away."""

    reason: str
    passing: bool = False


class HomeClearance(msgspec.Struct, frozen=True, kw_only=True, tag="home"):
    """Leave to start a VM: its record and a fresh COMPLETE report are of this very host.

    `mark` is the good mark that was seen; the agent must find this very one. Made by `clear()`
    in `reconcile/ownership.py` alone.
    """

    host: HostId
    vm: VmUuid
    epoch: int
    sequence: int
    mark: RawMark


class FenceProof(msgspec.Struct, frozen=True, kw_only=True, tag="fence"):
    """Leave to start a VM elsewhere: `dead_host` cannot run it. No one can make it yet."""

    dead_host: HostId
    vm: VmUuid
    evidence: str


class _Order(msgspec.Struct, frozen=True, kw_only=True, tag_field="command"):
    """What every command says: which act, where, until when, and for whom."""

    id: CommandId
    operation: OperationId
    host: HostId
    epoch: int
    vm: VmUuid
    name: str
    actor: str
    automatic: bool
    issued_at: float
    valid_seconds: float
    """Counted by the agent's own monotonic clock from receipt."""


class OrderFields(TypedDict):
    """The fields that every command has, for making one."""

    id: CommandId
    operation: OperationId
    host: HostId
    epoch: int
    vm: VmUuid
    name: str
    actor: str
    automatic: bool
    issued_at: float
    valid_seconds: float


GUEST_WAS_ASKED: Final = "its guest was asked to shut down, and was not ended by force: "
"""How an answer begins where a stop was refused, or failed, only after that: it may obey still."""


class StopVm(_Order, frozen=True, kw_only=True, tag="stop_vm"):
    """End a VM that is provably ours."""

    proof: OwnershipProof
    method: StopMethod
    grace_seconds: float


class StartVm(_Order, frozen=True, kw_only=True, tag="start_vm"):
    """Start a VM that is provably ours and provably runs nowhere."""

    clearance: HomeClearance | FenceProof


class MarkVm(_Order, frozen=True, kw_only=True, tag="mark_vm"):
    """Write our mark into a VM, over exactly what was there when a person asked for it."""

    mark: OwnershipMark
    replaces: RawMark | None


class UnmarkVm(_Order, frozen=True, kw_only=True, tag="unmark_vm"):
    """Take our mark, and nothing else, out of a VM that is provably ours."""

    proof: OwnershipProof


Command = StopVm | StartVm | MarkVm | UnmarkVm


class CommandResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a command. `unknown`: the wait was given up, or nobody knows what came of it
    in an earlier connection; look before any retry."""

    command: CommandId
    host: HostId
    outcome: CommandOutcome
    message: str
    unknown: bool = False


class OutboxCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A command in the outbox, from its decision to its answer."""

    id: CommandId
    host: HostId
    vm: VmUuid
    command: Command
    created_at: float
    result: CommandResult | None = None
    answered_at: float | None = None
    version: int = 0
