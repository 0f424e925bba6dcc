"""How a host's held plan moves, and what it withholds. Pure: what a person said comes as a value.

    over budget         → HELD, with every automatic act of the pass
    HELD, an act more   → HELD, with that act too: a person decides about what they read
    HELD                nothing automatic is done on the host until a person decides
    APPROVED            its acts are bound by no budget until it expires; what is done leaves it
    REJECTED            its acts are not done as long as any of them is proposed

A plan's id follows from the acts that were read under it, each with its rule. It ends when a look
shows that none of them is asked for any more; until then an act that comes and goes changes
neither the plan nor its id. Of an approved plan each such act leaves at once: what was needed then
is all that was approved. A look that can't tell, and an act that merely waits (automation is idle),
change nothing: a rejection outlasts a quiet time.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from vmuster.model.automation import HeldAct, HeldPlan, HoldState
from vmuster.model.ids import HostId, PlanId, VmUuid
from vmuster.model.plan import Decision
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, Finding, OperationKind, PowerState
from vmuster.model.text import counted
from vmuster.reconcile.derived import named
from vmuster.reconcile.draft import Draft
from vmuster.reconcile.limits import over_budget
from vmuster.reconcile.recorded import Recorded

Key = tuple[VmUuid, OperationKind]
EMPTIED: Final = "the list is empty where VMs were"
"""What is said of a host whose whole account is empty, and nothing explains it."""
BELIED: Final = f"{EMPTIED}, and a later look shows some"
"""What is said of it from then on, until its next whole account."""
_UNTOLD: Final = frozenset({Finding.UNCLEAR, Finding.IN_FLIGHT})
_PLAIN: Final = frozenset({PowerState.RUNNING, PowerState.STOPPED, PowerState.CRASHED})


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """`withheld`: VM → why its automatic command is not sent. `held`: why any is, or would be.

    `hold`: the held plan as it stands before what is done now leaves it (see `settled`).
    """

    withheld: Mapping[VmUuid, str] = {}
    held: str = ""
    hold: HeldPlan | None = None


def rule(
    drafts: Sequence[Draft],
    recorded: Recorded,
    report: HostReport,
    policy: Policy,
    *,
    emptied: bool,
    now: float,
) -> Ruling:
    """What of `drafts` is withheld. `emptied`: the report is an unexplained empty list."""
    acts = {key_of(act): act for act in map(_act, drafts) if act is not None}
    if emptied:
        return Ruling(withheld=_all(acts, EMPTIED), held=EMPTIED, hold=recorded.hold)
    if recorded.quarantined:
        return Ruling(hold=recorded.hold)
    if not acts and recorded.hold is None:
        return Ruling()
    hold = _standing(recorded, drafts, report, now)
    listed = keys(hold)
    state = hold.state if hold is not None else None
    approved = _read(hold) if state is HoldState.APPROVED else set[tuple[Key, str]]()
    bound = {key: act for key, act in acts.items() if (key, act.rule) not in approved}
    rejected = bound.keys() & listed if state is HoldState.REJECTED else set[Key]()
    over = over_budget(Counter(kind for _, kind in bound.keys() - rejected), policy, recorded)
    if state is HoldState.HELD and hold is not None:
        plan = _grown(hold, acts, over, now)
        words = _words(plan)
        return Ruling(withheld=_all(acts, words), held=words if acts else "", hold=plan)
    if over:
        why = over if not rejected else f"{over}; {_acts(len(rejected))} rejected before"
        plan = _new(recorded, tuple(bound.values()), why, now)
        return Ruling(withheld=_all(bound, _words(plan)), held=_words(plan), hold=plan)
    if rejected and hold is not None:
        words = f"rejected by {hold.by} (plan {hold.id})"
        return Ruling(withheld=_all(rejected, words), held=words, hold=hold)
    return Ruling(hold=hold)


def settled(hold: HeldPlan | None, decisions: Iterable[Decision]) -> HeldPlan | None:
    """`hold` without the acts whose commands `decisions` send; None once nothing is left."""
    done = {
        (d.uuid, d.operation.kind)
        for d in decisions
        if d.command is not None and d.command.automatic and d.operation is not None
    }
    return _without(hold, done) if hold is not None and done & keys(hold) else hold


def key_of(act: HeldAct) -> Key:
    """What makes two acts the same: the VM, and what is done to it."""
    return act.vm, act.act


def keys(hold: HeldPlan | None) -> set[Key]:
    """The acts of `hold`, by their keys."""
    return {key_of(act) for act in hold.acts} if hold is not None else set()


def _read(hold: HeldPlan | None) -> set[tuple[Key, str]]:
    """The acts of `hold`, each with the rule by which a person read it."""
    return {(key_of(act), act.rule) for act in hold.acts} if hold is not None else set()


def _act(draft: Draft) -> HeldAct | None:
    operation = draft.operation
    if not draft.automatic or operation is None:
        return None
    return HeldAct(
        vm=draft.pair.uuid,
        name=draft.pair.name,
        act=operation.kind,
        rule=draft.rule,
        why=draft.why,
    )


def _standing(
    recorded: Recorded, drafts: Sequence[Draft], report: HostReport, now: float
) -> HeldPlan | None:
    """The host's held plan, as far as it still counts: not expired, and not all of it moot."""
    hold = recorded.hold
    if hold is None:
        return None
    approved = hold.state is HoldState.APPROVED
    if approved and (hold.expires_at is None or now >= hold.expires_at):
        return None
    by_vm = {draft.pair.uuid: draft for draft in drafts}
    whole = report.completeness is Completeness.COMPLETE and not recorded.others
    moot = {key_of(act) for act in hold.acts if _moot(act, by_vm.get(act.vm), whole)}
    return _without(hold, moot) if approved or moot >= keys(hold) else hold


def _moot(act: HeldAct, draft: Draft | None, whole: bool) -> bool:
    """Whether this look shows that the act is not asked for any more."""
    if draft is None:
        return whole
    if draft.note or draft.finding in _UNTOLD:
        return False
    if draft.pair.seen is not None and draft.pair.seen.power not in _PLAIN:
        return False
    proposes = _act(draft)
    return proposes is None or proposes.act is not act.act


def _without(hold: HeldPlan, gone: set[Key]) -> HeldPlan | None:
    """`hold` with its other acts, under the id by which it is known; None where there are none."""
    rest = tuple(act for act in hold.acts if key_of(act) not in gone)
    return msgspec.structs.replace(hold, acts=rest) if rest else None


def _grown(hold: HeldPlan, acts: Mapping[Key, HeldAct], over: str, now: float) -> HeldPlan:
    """`hold`, with the acts of this pass too. What is new, or rests on another rule, makes another
    plan of it: nobody approves what they have not read."""
    read = _read(hold)
    more = tuple(act for key, act in acts.items() if (key, act.rule) not in read)
    if not more:
        return hold
    merged = hold.acts + more
    return msgspec.structs.replace(
        hold, id=_id(hold.host, merged), why=over or hold.why, acts=merged, held_at=now
    )


def _new(recorded: Recorded, acts: tuple[HeldAct, ...], why: str, now: float) -> HeldPlan:
    """A plan that waits for a person, in place of the one that the host may have had."""
    return HeldPlan(
        host=recorded.host.id,
        id=_id(recorded.host.id, acts),
        cluster=recorded.host.cluster,
        why=why,
        acts=acts,
        held_at=now,
        version=recorded.hold.version if recorded.hold is not None else 0,
    )


def _id(host: HostId, acts: Iterable[HeldAct]) -> PlanId:
    return PlanId(named("held-plan", host, *sorted((str(a.vm), a.act, a.rule) for a in acts)))


def _words(plan: HeldPlan) -> str:
    return f"{plan.why}; held for a person as plan {plan.id}"


def _all(acts: Iterable[Key], words: str) -> dict[VmUuid, str]:
    return {vm: words for vm, _ in acts}


def _acts(number: int) -> str:
    return f"{counted(number, 'act')} {'was' if number == 1 else 'were'}"
