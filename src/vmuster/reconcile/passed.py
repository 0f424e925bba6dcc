"""One pass as it was: all that it went by, and what it decided, so that it can be decided again.

`Given` is what the heart is a function of, and nothing else: a pass that is decided again from it
comes to the same plan, or the rules have changed. What no decision asks for is left out (how a host
is reached), and so is what would be of use to others: the signature under a person's grant, and the
keys by which requests are known again.
"""

from typing import Final

import msgspec

from vmuster.model.host import Cluster, Fleet, Host, LocalProfile, NameGrant
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.operations import Operation
from vmuster.model.plan import Decision, Plan
from vmuster.model.report import HostReport
from vmuster.model.states import DesiredState, Finding, OperationState, Standing, VmPhase
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.idle import Conditions, circumstances, why_idle
from vmuster.reconcile.recorded import Recorded

UNTOLD: Final = LocalProfile()
"""In the place of every host's profile."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """All that a pass went by: the report, what was recorded, the rows above it, and the server's
    own view. `at`: the moment (seconds since the epoch) at which the report was taken in."""

    at: float
    report: HostReport
    recorded: Recorded
    fleet: Fleet
    cluster: Cluster
    conditions: Conditions


class Decided(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a pass concluded about one VM. `act`: the command that it sent, or, where it is `held`
    for a person, would have sent; `phase`, `desired` and `home`: the record as it left it, where it
    changed it; `dropped`: it has none any more; `operation`: as it left the VM's."""

    uuid: VmUuid
    name: str
    standing: Standing | None
    finding: Finding
    rule: str
    why: str
    act: str = ""
    held: bool = False
    phase: VmPhase | None = None
    desired: DesiredState | None = None
    home: HostId | None = None
    dropped: bool = False
    operation: OperationState | None = None


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """One pass: what it was given, and what it decided. `held`, `refused`: as a plan says them."""

    given: Given
    decided: tuple[Decided, ...]
    held: str = ""
    refused: str = ""


def passed(given: Given, plan: Plan) -> Passed:
    """The pass over `given` that came to `plan`, without what is nobody else's affair."""
    return Passed(
        given=_without_secrets(given),
        decided=decided(plan),
        held=plan.held,
        refused=plan.refused,
    )


def again(given: Given) -> Plan:
    """What the present rules decide on `given`: whether automation is idle is asked anew."""
    now = circumstances(given.fleet, given.cluster, given.recorded.host, given.conditions, given.at)
    recorded = msgspec.structs.replace(given.recorded, idle=why_idle(now))
    return reconcile(recorded, given.report, given.cluster.policy, given.at)


def decided(plan: Plan) -> tuple[Decided, ...]:
    """What `plan` concludes, VM by VM."""
    held = {command.vm: str(command.__struct_config__.tag) for command in plan.held_commands}
    return tuple(_decided(decision, held.get(decision.uuid, "")) for decision in plan.decisions)


def _decided(decision: Decision, held: str) -> Decided:
    command, transition = decision.command, decision.transition
    after = transition.after if transition is not None else None
    return Decided(
        uuid=decision.uuid,
        name=decision.name,
        standing=decision.standing,
        finding=decision.finding,
        rule=decision.rule,
        why=decision.why,
        act=str(command.__struct_config__.tag) if command is not None else held,
        held=bool(held),
        phase=after.phase if after is not None else None,
        desired=after.desired if after is not None else None,
        home=after.host if after is not None else None,
        dropped=transition is not None and after is None,
        operation=decision.operation.state if decision.operation is not None else None,
    )


def _without_secrets(given: Given) -> Given:
    recorded, cluster = given.recorded, given.cluster
    grant = _unsigned(recorded.grant)
    return msgspec.structs.replace(
        given,
        cluster=msgspec.structs.replace(cluster, grant=_unsigned(cluster.grant)),
        recorded=msgspec.structs.replace(
            recorded,
            host=_unreached(recorded.host),
            grant=grant,
            operations={vm: _unkeyed(each) for vm, each in recorded.operations.items()},
        ),
    )


def _unreached(host: Host) -> Host:
    return msgspec.structs.replace(host, profile=UNTOLD)


def _unsigned(grant: NameGrant | None) -> NameGrant | None:
    return None if grant is None else msgspec.structs.replace(grant, signature=b"")


def _unkeyed(operation: Operation) -> Operation:
    return msgspec.structs.replace(operation, idempotency_key="")
