"""What people have said about automation: who may not act by itself, and which plans may pass.

Automation is armed unless somebody disarmed it, on a host, a cluster or the whole fleet. A plan
over budget is held until a person approves or rejects it. A database that is older than the marks
on the hosts puts the fleet into quarantine: the only one of these that binds a person too.
"""

from enum import StrEnum

import msgspec

from vmuster.model.ids import ClusterName, HostId, PlanId, VmUuid
from vmuster.model.states import OperationKind


class Disarmed(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is done automatically here until somebody arms it again."""

    by: str
    at: float
    why: str = ""


class Quarantine(msgspec.Struct, frozen=True, kw_only=True):
    """The database is older than what was seen: no command is sent, and no request is taken.

    `evidence`: what was seen, in words, at most a few. `highest`: the highest number of ours that
    was seen, a mark's generation or an intake number that an agent had heard of.
    """

    since: float
    evidence: tuple[str, ...]
    highest: int


class HoldState(StrEnum):
    """HELD waits for a person; APPROVED may pass within its time; REJECTED is not done."""

    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"


class HeldAct(msgspec.Struct, frozen=True, kw_only=True):
    """One automatic act that a plan proposed: what, to which VM, by which rule, and why."""

    vm: VmUuid
    name: str
    act: OperationKind
    rule: str
    why: str


class HeldPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The automatic acts of one host that are held; a host has at most one such plan.

    `id` follows from the acts that were read under it, so that a person decides about what they
    read. An approval lifts the budgets for these acts until `expires_at`, and nothing else: every
    act is decided and proved again.
    """

    host: HostId
    id: PlanId
    cluster: ClusterName
    why: str
    acts: tuple[HeldAct, ...]
    held_at: float
    state: HoldState = HoldState.HELD
    by: str = ""
    decided_at: float | None = None
    expires_at: float | None = None
    version: int = 0


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """Automatic acts put into the outbox within the window: on a host, its cluster, the fleet."""

    host_stops: int = 0
    host_starts: int = 0
    cluster_stops: int = 0
    cluster_starts: int = 0
    fleet_stops: int = 0
    fleet_starts: int = 0
