"""A host with several VMs whose accounts are taken in pass by pass, then another account: judged
whole, and judged where it differs.
"""

from uuid import UUID

import msgspec
from hypothesis import assume
from hypothesis import strategies as st

from tests.laws.random_worlds import (
    NAMES,
    few,
    holds,
    intakes,
    marks,
    nearly,
    observations,
    policies,
    spendings,
    times,
)
from tests.parts import CLUSTER, FLEET, HOST, KEY, NOW, grant, record
from tests.worlds import World
from vmuster.model.automation import HeldPlan
from vmuster.model.changes import Changes
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import VmUuid
from vmuster.model.mark import NO_MARK
from vmuster.model.names import number_in
from vmuster.model.operations import Operation
from vmuster.model.plan import Plan, Unrest
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, Drift, HostHealth, Restart, UnknownVms
from vmuster.model.vm import VmRecord
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.recorded import Recorded
from vmuster.reconcile.stirring import stirred
from vmuster.server.passes.writes import changes_of

_UUIDS = tuple(VmUuid(UUID(int=number)) for number in range(1, 4))
_NAMESAKE = record(uuid=VmUuid(UUID(int=99)), name="i-2-78-VM")
_POLICIES = (
    Policy(),
    Policy(drift=Drift.ENFORCE, restart=Restart.ALWAYS, unknown_vms=UnknownVms.STOP_BY_NAME),
    Policy(track_host_change=False, restart=Restart.ON_CRASH, seen_before_stop=1),
)
_HEALTHS: tuple[dict[str, object], ...] = (
    {"health": HostHealth.UP, "well_since": 0.0, "flaps": 0},
    {},
    {"flaps": 2, "well_since": None},
)


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One pass that could be made."""

    recorded: Recorded
    report: HostReport
    policy: Policy
    now: float = NOW

    def plan(self) -> Plan:
        """What it decides."""
        return reconcile(self.recorded, self.report, self.policy, self.now)

    def changes(self) -> Changes:
        """What it writes."""
        fleet = Fleet(id=FLEET, instance="VM", created_at=0.0, key=KEY, public_keys={})
        cluster = Cluster(name=CLUSTER, policy=self.policy, created_at=0.0)
        return changes_of(self.plan(), self.recorded, fleet, cluster, self.now)

    def after(self) -> "Scene":
        """The next pass, over the same account, once this one was written."""
        number = self.recorded.intake
        return msgspec.structs.replace(
            self,
            recorded=msgspec.structs.replace(
                written(self.recorded, self.changes()), intake=number + 1
            ),
            report=msgspec.structs.replace(
                self.report, sequence=self.report.sequence + 1, asked_after=number
            ),
            now=self.now + 1,
        )

    def within(self, scope: frozenset[VmUuid]) -> "Scene":
        """The same pass over these VMs alone."""
        known = self.recorded
        vms = tuple(vm for vm in self.report.vms if vm.uuid in scope)
        names = {vm.name for vm in vms}
        numbers = {number_in(name) for name in names}
        return msgspec.structs.replace(
            self,
            report=msgspec.structs.replace(self.report, vms=vms),
            recorded=msgspec.structs.replace(
                known,
                records={u: row for u, row in known.records.items() if u in scope},
                here={u: row for u, row in known.here.items() if u in scope},
                elsewhere={u: rows for u, rows in known.elsewhere.items() if u in scope},
                marks={u: mark for u, mark in known.marks.items() if u in scope},
                operations={u: row for u, row in known.operations.items() if u in scope},
                named={name: row for name, row in known.named.items() if name in names},
                numbered={n: row for n, row in known.numbered.items() if n in numbers},
                unheard_of=known.unheard_of & scope,
                others=len(self.report.vms) - len(vms),
            ),
        )


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """The last of some passes, and the VMs in its scope; None: all that there are."""

    scene: Scene
    scope: frozenset[VmUuid] | None


def written(recorded: Recorded, changes: Changes) -> Recorded:
    """`recorded`, once `changes` are applied."""
    records, operations = dict(recorded.records), dict(recorded.operations)
    here = {sighting.uuid: sighting for sighting in changes.sightings}
    left = {u: row for u, row in recorded.here.items() if (HOST, u) not in changes.gone}
    host, hold = recorded.host, recorded.hold
    for write in changes.writes:
        match write.before, write.after:
            case _, VmRecord() as row:
                records[row.uuid] = row
            case VmRecord() as row, None:
                del records[row.uuid]
            case _, Operation() as row:
                operations.pop(row.vm, None)
                operations |= {row.vm: row} if row.open else {}
            case _, Host() as row:
                host = row
            case HeldPlan(), None:
                hold = None
            case _, HeldPlan() as row:
                hold = row
            case _:
                pass
    return msgspec.structs.replace(
        recorded, records=records, operations=operations, here=left | here, host=host, hold=hold
    )


@st.composite
def hosts(draw: st.DrawFn) -> Scene:
    """A host with up to four VMs, of any kind, and its first account."""
    drawn = draw(st.lists(nearly(), min_size=1, max_size=len(_UUIDS)))
    each = {uuid: _renumbered(world, uuid) for uuid, world in zip(_UUIDS, drawn, strict=False)}
    known, policy = drawn[0].recorded, draw(st.sampled_from(_POLICIES) | policies)
    namesakes = draw(st.sampled_from([(), (_NAMESAKE,)]))
    recorded = msgspec.structs.replace(
        known,
        host=msgspec.structs.replace(known.host, **draw(st.sampled_from(_HEALTHS))),
        records={u: world.record for u, world in each.items() if world.record},
        here={u: world.here for u, world in each.items() if world.here},
        elsewhere={u: world.elsewhere for u, world in each.items() if world.elsewhere},
        marks={u: world.mark for u, world in each.items()},
        operations={u: world.operation for u, world in each.items() if world.operation},
        unheard_of=frozenset(u for u, world in each.items() if world.unheard_of),
        named={row.name: row for row in namesakes},
        numbered={number_in(row.name): row for row in namesakes},
        grant=grant(),
        idle=draw(st.sampled_from(["", "so soon after a start"])),
        hold=draw(st.none() | holds),
    )
    whole = draw(st.sampled_from([Completeness.COMPLETE] * 3 + [Completeness.PARTIAL]))
    report = msgspec.structs.replace(
        drawn[0].report,
        vms=tuple(world.seen for world in each.values() if world.seen is not None),
        absent=tuple(u for u, world in each.items() if world.absent and world.seen is None),
        completeness=whole,
    )
    return Scene(recorded=recorded, report=report, policy=policy)


@st.composite
def judged(draw: st.DrawFn) -> Judged:
    """Some passes over one account, and then one over another, at any later time, in any weather.

    In the scope is what differs from the account before, what vanished, and what was restless.
    """
    scene = draw(hosts())
    for _ in range(draw(st.integers(0, 3))):
        scene = scene.after()
    restless, before = scene.plan().restless, scene
    if isinstance(restless, Unrest):
        return Judged(scene=scene, scope=None)
    scene = draw(weathered(scene.after()))
    if draw(st.booleans()):
        bell = changed(draw, scene, Completeness.PARTIAL)
        if stirred(bell.changes()).hosts:
            return Judged(scene=scene, scope=None)
        restless |= {vm.uuid for vm in bell.report.vms}.union(bell.report.absent)
        scene = draw(weathered(bell.after()))
    scene = changed(draw, scene, Completeness.COMPLETE)
    return Judged(scene=scene, scope=restless | differing(before, scene))


@st.composite
def settled_scenes(draw: st.DrawFn) -> Scene:
    """A pass over an account at rest, at any later time, on a host that is well."""
    scene = draw(hosts())
    for _ in range(3):
        scene = scene.after()
    assume(scene.plan().restless == frozenset())
    scene = draw(weathered(scene.after()))
    well = msgspec.structs.replace(scene.recorded.host, **_HEALTHS[0])
    return msgspec.structs.replace(
        scene, recorded=msgspec.structs.replace(scene.recorded, host=well)
    )


def differing(before: Scene, after: Scene) -> frozenset[VmUuid]:
    """The VMs of which two accounts say something else, or of which only one says anything."""
    named = set(before.report.vms) ^ set(after.report.vms)
    marks = set(before.recorded.marks.items()) ^ set(after.recorded.marks.items())
    return frozenset({vm.uuid for vm in named} | {uuid for uuid, _ in marks})


@st.composite
def weathered(draw: st.DrawFn, scene: Scene) -> Scene:
    """`scene` at any later time, and whatever has become of what no row of its VMs says."""
    number = scene.recorded.intake + draw(few)
    return msgspec.structs.replace(
        scene,
        now=max(scene.now, draw(times)) + draw(st.sampled_from([0.0, 30.0, 100_000.0])),
        report=msgspec.structs.replace(
            scene.report,
            sequence=scene.report.sequence + draw(few),
            asked_after=draw(st.sampled_from([number, number - 1]) | intakes),
            digest="another",
        ),
        recorded=msgspec.structs.replace(
            scene.recorded,
            host=msgspec.structs.replace(scene.recorded.host, **draw(st.sampled_from(_HEALTHS))),
            intake=number,
            idle=draw(st.sampled_from(["", "", "so soon after a start"])),
            quarantined=draw(st.sampled_from(["", "", "", "the database is old"])),
            spent=draw(spendings),
            orphans=draw(few),
            high_water=draw(st.sampled_from([2, 1000])),
            trusted=draw(st.sampled_from([0, 1])),
            unheard_of=draw(st.sampled_from([frozenset(), frozenset(_UUIDS)])),
        ),
    )


def changed(draw: st.DrawFn, scene: Scene, completeness: Completeness) -> Scene:
    """`scene` with another account: some VMs as they were, some not, some new."""
    seen = {vm.uuid: vm for vm in scene.report.vms}
    judgements = dict(scene.recorded.marks)
    for uuid in _UUIDS:
        match draw(st.sampled_from(["kept", "kept", "kept", "gone", "other", "renamed"])):
            case "gone":
                seen.pop(uuid, None)
            case "other":
                seen[uuid] = msgspec.structs.replace(draw(observations), uuid=uuid)
                judgements[uuid] = draw(st.just(judgements.get(uuid, NO_MARK)) | marks)
            case "renamed" if uuid in seen:
                name = draw(st.sampled_from(NAMES))
                seen[uuid] = msgspec.structs.replace(seen[uuid], name=name)
            case _:
                pass
    vms = tuple(seen.values())
    return msgspec.structs.replace(
        scene,
        report=msgspec.structs.replace(scene.report, vms=vms, completeness=completeness),
        recorded=msgspec.structs.replace(scene.recorded, marks=judgements),
    )


def _renumbered(world: World, uuid: VmUuid) -> World:
    """`world`, about the VM `uuid`."""
    renumber = msgspec.structs.replace
    return renumber(
        world,
        record=renumber(world.record, uuid=uuid) if world.record else None,
        seen=renumber(world.seen, uuid=uuid) if world.seen else None,
        here=renumber(world.here, uuid=uuid) if world.here else None,
        elsewhere=tuple(renumber(copy, uuid=uuid) for copy in world.elsewhere),
        operation=renumber(world.operation, vm=uuid) if world.operation else None,
    )
