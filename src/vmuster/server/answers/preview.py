"""What the next pass over a host would do, now or if something were otherwise. Nothing is written.

The host's last sightings, as a report that shows them once more, go through the very heart that
decides in earnest. What is kept back (automation is idle, or a plan is held) is shown as kept back,
with what it would be.
"""

import msgspec

from vmuster.model.commands import Command
from vmuster.model.errors import NotFound
from vmuster.model.host import Host
from vmuster.model.ids import ClusterName, VmUuid
from vmuster.model.operations import AUTOMATIC
from vmuster.model.plan import Decision, Plan
from vmuster.model.policy_change import changed_policy
from vmuster.model.report import HostReport
from vmuster.model.states import (
    Completeness,
    Finding,
    HostMode,
    Standing,
    UnknownVms,
)
from vmuster.model.vm import Sighting, VmObservation
from vmuster.ports.store import HostRows
from vmuster.server.context import Context
from vmuster.server.paging import find_all
from vmuster.server.passes.gather import gather, load
from vmuster.server.passes.intake import idle_under
from vmuster.server.passes.scope import Judged
from vmuster.server.passes.verifying import verified_plan
from vmuster.server.requests.estate import granted

_NO_ACCOUNT = "it has not given a whole account of its VMs yet"


class PreviewItem(msgspec.Struct, frozen=True, kw_only=True):
    """One VM that is not simply in step. `act`: what would be done to it at the next pass;
    `withheld`: what would be, were it not kept back; both empty: nothing. `automatic`: by vmuster
    itself, and not for a person's request."""

    vm: VmUuid
    name: str
    standing: Standing | None
    finding: Finding
    rule: str
    why: str
    act: str = ""
    withheld: str = ""
    automatic: bool = False


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """One host's next pass. `age_seconds`: of the account that it goes by, None where there is
    none. `idle`: why nothing automatic is done; `held`: why automatic acts are held; `quarantined`:
    why nothing at all is sent; each is empty where that is not so. `vms`: how many were looked at.
    """

    host: str
    cluster: ClusterName
    mode: HostMode
    what_if: bool
    age_seconds: float | None
    idle: str
    held: str
    quarantined: str
    vms: int
    items: tuple[PreviewItem, ...]


async def preview(
    context: Context, host: Host, *, settings: dict[str, object], mode: HostMode | None
) -> Preview:
    """The next pass over `host`, under its policy with `settings` and, if one is said, in `mode`.

    Raises `Refused` where a setting is none, and `NotFound` where the host is gone.
    """
    now = context.clock.now()
    report = await _once_more(context, host)
    (rows,) = await load(context.store, (Judged(report=report),), now)
    if rows is None:
        raise NotFound(f"there is no host {host.name} any more", hint="vmuster host list")
    rows = _assumed(context, rows, settings, mode)
    what_if = bool(settings) or mode is not None
    if rows.host.last_complete_at is None:
        return _without_account(rows, what_if)
    recorded = gather(
        rows,
        marks=context.judge.judge(report, (*rows.here, *rows.elsewhere)),
        intake=context.intakes.last + 1,
        idle=idle_under(context.conditions(rows.cluster.name), rows, now),
        unheard_of=frozenset(),
    )
    policy = rows.cluster.policy
    recorded, plan = verified_plan(context.judge, recorded, report, policy, now)
    free = msgspec.structs.replace(recorded, idle="", quarantined="")
    wished = plan
    if free != recorded:
        _, wished = verified_plan(context.judge, free, report, policy, now)
    return Preview(
        host=rows.host.name,
        cluster=rows.cluster.name,
        mode=rows.host.mode,
        what_if=what_if,
        age_seconds=max(0.0, now - rows.host.last_complete_at),
        idle=recorded.idle,
        held=wished.held,
        quarantined=recorded.quarantined,
        vms=len(report.vms),
        items=_items(plan, wished),
    )


async def _once_more(context: Context, host: Host) -> HostReport:
    """A whole report of `host` that shows what was last seen there, once more."""
    here = await find_all(context.store, Sighting, host=host.id)
    shown = tuple(_observation(seen) for seen in here if not seen.absent)
    return HostReport(
        host=host.id,
        epoch=host.epoch,
        sequence=host.sequence + 1,
        boot_id=host.facts.boot_id if host.facts is not None else "",
        completeness=Completeness.COMPLETE,
        vms=shown,
        absent=tuple(seen.uuid for seen in here if seen.absent and seen.absence_confirmed),
        asked_after=context.intakes.last,
    )


def _observation(seen: Sighting) -> VmObservation:
    return VmObservation(
        uuid=seen.uuid, name=seen.name, power=seen.power, reason=seen.reason, mark=seen.raw_mark
    )


def _assumed(
    context: Context, rows: HostRows, settings: dict[str, object], mode: HostMode | None
) -> HostRows:
    """`rows` as they would be read with `settings` and `mode`: with the grant that goes with
    `stop-by-name`, as if somebody had given it this moment."""
    cluster = rows.cluster
    if settings:
        policy = changed_policy(cluster.policy, settings)
        by_name = policy.unknown_vms is UnknownVms.STOP_BY_NAME
        grant = cluster.grant or granted(context, cluster.name, AUTOMATIC) if by_name else None
        cluster = msgspec.structs.replace(cluster, policy=policy, grant=grant)
    host = rows.host if mode is None else msgspec.structs.replace(rows.host, mode=mode)
    return msgspec.structs.replace(rows, cluster=cluster, host=host)


def _items(plan: Plan, wished: Plan) -> tuple[PreviewItem, ...]:
    """What is not simply in step, by name: as it is decided, with what is kept back of it."""
    acts = {command.vm: command for command in plan.commands}
    kept: dict[VmUuid, Command] = {
        command.vm: command
        for command in (*wished.commands, *wished.held_commands)
        if command.vm not in acts
    }
    items = [
        _item(decision, acts.get(decision.uuid), kept.get(decision.uuid))
        for decision in plan.decisions
        if decision.finding is not Finding.IN_SYNC or decision.uuid in acts | kept
    ]
    return tuple(sorted(items, key=lambda item: (item.name, str(item.vm))))


def _item(decision: Decision, act: Command | None, kept: Command | None) -> PreviewItem:
    command = act or kept
    return PreviewItem(
        vm=decision.uuid,
        name=decision.name,
        standing=decision.standing,
        finding=decision.finding,
        rule=decision.rule,
        why=decision.why,
        act=_tag(act),
        withheld=_tag(kept),
        automatic=command is not None and command.automatic,
    )


def _tag(command: Command | None) -> str:
    return "" if command is None else str(command.__struct_config__.tag)


def _without_account(rows: HostRows, what_if: bool) -> Preview:
    return Preview(
        host=rows.host.name,
        cluster=rows.cluster.name,
        mode=rows.host.mode,
        what_if=what_if,
        age_seconds=None,
        idle=_NO_ACCOUNT,
        held="",
        quarantined="",
        vms=0,
        items=(),
    )
