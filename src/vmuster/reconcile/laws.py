"""A second opinion on every plan: the laws, restated from the raw facts, in production too.

This file does not ask how a command came about. It looks at what the report showed and what the
records say, and names every command or transition that breaks a law; the engine takes it out,
and the violation raises an alert. It shares no check with `ownership.py`, on purpose.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.commands import Command, HomeClearance, StartVm, StopVm, UnmarkVm
from vmuster.model.ids import VmUuid
from vmuster.model.mark import NO_MARK, MarkJudgement
from vmuster.model.plan import Decision
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import (
    HostMode,
    MarkVerdict,
    OperationKind,
    PowerState,
    ProofKind,
    Standing,
    VmPhase,
)
from vmuster.model.vm import VmObservation
from vmuster.reconcile.recorded import Recorded

_NEVER_STOPPED = frozenset({MarkVerdict.FOREIGN, MarkVerdict.COPIED, MarkVerdict.FORGED})


_KINDS: Final[dict[type[Command], OperationKind]] = {
    StopVm: OperationKind.STOP,
    StartVm: OperationKind.START,
}


def violations(
    decisions: list[Decision], recorded: Recorded, report: HostReport, policy: Policy, now: float
) -> dict[VmUuid, str]:
    """VM → the law that the decision about it breaks, in words."""
    seen = {vm.uuid: vm for vm in report.vms}
    broken: dict[VmUuid, str] = {}
    for decision in decisions:
        for law in _broken(decision, recorded, seen.get(decision.uuid)):
            broken.setdefault(decision.uuid, law)
    for vm, law in _by_itself(decisions, recorded, policy, now):
        broken.setdefault(vm, law)
    return broken


def _by_itself(
    decisions: list[Decision], recorded: Recorded, policy: Policy, now: float
) -> Iterator[tuple[VmUuid, str]]:
    """The automatic commands beside what people decided, and beside what may still be spent."""
    sent = [d.command for d in decisions if d.command is not None and d.command.automatic]
    if not sent:
        return
    rules = {decision.uuid: decision.rule for decision in decisions}
    said = _said(recorded.hold, now)
    left = _left(recorded, policy)
    kinds = [(c.vm, _KINDS.get(type(c))) for c in sent]
    decided = [said.get((*what, rules[what[0]])) or said.get((*what, "")) for what in kinds]
    counted = Counter(
        type(command)
        for command, state in zip(sent, decided, strict=True)
        if state is not HoldState.APPROVED
    )
    for command, state in zip(sent, decided, strict=True):
        if state in (HoldState.HELD, HoldState.REJECTED):
            yield command.vm, "L8: an automatic act that a person has not approved"
        elif state is None and counted[type(command)] > left.get(type(command), 0):
            yield command.vm, "L8: an automatic act beyond a budget"


def _said(
    hold: HeldPlan | None, now: float
) -> dict[tuple[VmUuid, OperationKind | None, str], HoldState]:
    """What people said of single acts: of an approved one by its rule, and of any other whatever
    its rule. An approval that expired says nothing."""
    if hold is None or (hold.state is HoldState.APPROVED and now >= (hold.expires_at or 0.0)):
        return {}
    bound = hold.state is HoldState.APPROVED
    return {(act.vm, act.act, act.rule if bound else ""): hold.state for act in hold.acts}


def _left(recorded: Recorded, policy: Policy) -> dict[type[Command], int]:
    """What this pass may still do by itself, without anybody's approval; of all else nothing."""
    spent, fleet = recorded.spent, recorded.fleet_policy
    return {
        StopVm: min(
            policy.stops_per_pass_max,
            policy.stops_per_window_max - spent.host_stops,
            policy.cluster_stops_per_window_max - spent.cluster_stops,
            fleet.stops_per_window_max - spent.fleet_stops,
        ),
        StartVm: min(
            policy.starts_per_pass_max,
            policy.starts_per_window_max - spent.host_starts,
            policy.cluster_starts_per_window_max - spent.cluster_starts,
            fleet.starts_per_window_max - spent.fleet_starts,
        ),
    }


def _broken(decision: Decision, recorded: Recorded, seen: VmObservation | None) -> Iterator[str]:
    if decision.command is not None:
        yield from _command(decision.command, recorded, seen)
    transition = decision.transition
    if transition is None or transition.after is None:
        return
    if transition.before.uuid != transition.after.uuid:
        yield "L9: a record changes its identity"
    gone_quiet = transition.after.phase in (VmPhase.STOPPED, VmPhase.MISSING)
    changed = transition.after.phase is not transition.before.phase
    runs = seen is not None and seen.power in (PowerState.RUNNING, PowerState.UNKNOWN)
    if gone_quiet and changed and runs:
        yield "L6: a VM that was not seen stopped is recorded as stopped"
    if transition.before.generation > transition.after.generation:
        yield "L5: a generation goes backwards"


def _command(command: Command, recorded: Recorded, seen: VmObservation | None) -> Iterator[str]:
    uuid = command.vm
    mark = recorded.marks.get(uuid, NO_MARK)
    if command.host != recorded.host.id:
        yield "L1: a command for another host"
    if recorded.quarantined:
        yield "L9: a command of a database that is older than its hosts"
    if recorded.host.mode is HostMode.OBSERVE:
        yield "L1: a command on a host in observe"
    if seen is None:
        yield "L1: a command about a VM that is not there"
        return
    if mark.verdict in _NEVER_STOPPED:
        yield "L1: a command about a VM whose mark is not ours"
    if command.automatic and recorded.host.mode is not HostMode.MANAGE:
        yield "L8: an automatic act on a host that is not in manage"
    if command.automatic and recorded.idle:
        yield "L8: an automatic act while nothing may be done automatically"
    if isinstance(command, StopVm | UnmarkVm):
        yield from _ending(command, recorded, mark)
    if isinstance(command, StartVm):
        yield from _starting(command, recorded, seen)


def _ending(command: StopVm | UnmarkVm, recorded: Recorded, mark: MarkJudgement) -> Iterator[str]:
    uuid, proof = command.vm, command.proof
    record = recorded.records.get(uuid)
    if proof.vm != uuid or proof.host != recorded.host.id:
        yield "L1: the proof is of another VM or host"
    if proof.kind is ProofKind.NAME:
        if record is not None or mark.verdict is not MarkVerdict.NONE or recorded.grant is None:
            yield "L1: a name is no proof for a VM with a record or a mark"
        return
    if mark.verdict is not MarkVerdict.OURS or record is None:
        yield "L1: no good mark and record stand behind the proof"
        return
    if mark.generation > record.mark_generation:
        yield "L1: the mark is newer than what we know"
    if record.live is not (proof.kind is ProofKind.RECORD):
        yield "L1: a tombstone stands for a record, or a record for a tombstone"
    if record.live and record.host not in (None, recorded.host.id):
        yield "L1: its record says that it lives elsewhere"
    others = recorded.elsewhere.get(uuid, ())
    runs = any(s.active and s.mark is MarkVerdict.OURS for s in others)
    left = any(s.standing is Standing.DUPLICATE and not s.absence_confirmed for s in others)
    if record.live and (runs or left):
        yield "L1: which of two running copies is ours is for a person to say"


def _starting(command: StartVm, recorded: Recorded, seen: VmObservation) -> Iterator[str]:
    uuid = command.vm
    record = recorded.records.get(uuid)
    twin = any(s.may_run for s in recorded.elsewhere.get(uuid, ()))
    left = any(s.absent and not s.absence_confirmed for s in recorded.elsewhere.get(uuid, ()))
    if twin or left or seen.power not in (PowerState.STOPPED, PowerState.CRASHED):
        yield "L2: a start of a VM that may be running"
    if record is None or not record.live:
        yield "L9: a start of a VM that has no live record"
    if isinstance(command.clearance, HomeClearance) and command.clearance.vm != uuid:
        yield "L2: the clearance is of another VM"
