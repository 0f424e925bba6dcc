"""Valid worlds to break: one VM of each standing, with all that a pass would be given about it.

A `World` holds the parts; `but` makes one that differs in what is named; `recorded`, `report`
and `claim` are what the heart asks for. Every world here is consistent in itself, so that a test
that changes one thing tests that one thing.
"""

from uuid import UUID

import msgspec

from tests.parts import (
    INTAKE,
    MARK,
    NOW,
    OTHER,
    OURS,
    VM,
    copy_elsewhere,
    grant,
    host,
    observation,
    record,
    sighting,
)
from vmuster.model.automation import HeldPlan, Spent
from vmuster.model.host import Host, NameGrant
from vmuster.model.ids import VmUuid
from vmuster.model.mark import NO_MARK, MarkJudgement
from vmuster.model.names import number_in
from vmuster.model.operations import Operation
from vmuster.model.plan import Decision, Plan
from vmuster.model.policy import FleetPolicy, Policy
from vmuster.model.report import HostReport
from vmuster.model.states import (
    Completeness,
    DesiredState,
    MarkVerdict,
    PowerReason,
    PowerState,
    Standing,
    UnknownVms,
    VmPhase,
)
from vmuster.model.vm import Sighting, VmObservation, VmRecord
from vmuster.reconcile.decide import decide
from vmuster.reconcile.draft import Draft
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.ownership import Claim
from vmuster.reconcile.pairing import Pair, pair
from vmuster.reconcile.recorded import Recorded


class World(msgspec.Struct, frozen=True, kw_only=True):
    """One host, one VM, one report. `seen` None: the report does not show the VM."""

    host: Host
    record: VmRecord | None
    seen: VmObservation | None
    mark: MarkJudgement
    here: Sighting | None = None
    elsewhere: tuple[Sighting, ...] = ()
    operation: Operation | None = None
    policy: Policy = Policy()
    completeness: Completeness = Completeness.COMPLETE
    absent: tuple[VmUuid, ...] = ()
    held: tuple[VmUuid, ...] = ()
    doubts: tuple[str, ...] = ()
    epoch: int = 1
    sequence: int = 10
    boot_id: str = "boot-1"
    asked_after: int = INTAKE - 1
    orphans: int = 0
    grant: NameGrant | None = None
    named: VmRecord | None = None
    idle: str = ""
    quarantined: str = ""
    spent: Spent = Spent()
    fleet_policy: FleetPolicy = FleetPolicy()
    hold: HeldPlan | None = None
    high_water: int = 1000
    trusted: int = 0
    unheard_of: frozenset[VmUuid] = frozenset()
    now: float = NOW

    @property
    def uuid(self) -> VmUuid:
        """The VM that this world is about."""
        return self.seen.uuid if self.seen else self.record.uuid if self.record else VM

    @property
    def report(self) -> HostReport:
        """What the host says."""
        return HostReport(
            host=self.host.id,
            epoch=self.epoch,
            sequence=self.sequence,
            boot_id=self.boot_id,
            completeness=self.completeness,
            vms=() if self.seen is None else (self.seen,),
            absent=self.absent,
            held=self.held,
            doubts=self.doubts,
            asked_after=self.asked_after,
            digest=f"digest-{self.sequence}",
        )

    @property
    def recorded(self) -> Recorded:
        """What the pass is given to know."""
        vm = self.uuid
        return Recorded(
            host=self.host,
            instance="VM",
            records={} if self.record is None else {self.record.uuid: self.record},
            here={} if self.here is None else {vm: self.here},
            elsewhere={vm: self.elsewhere} if self.elsewhere else {},
            named={} if self.named is None else {self.named.name: self.named},
            numbered={} if self.named is None else {number_in(self.named.name): self.named},
            marks={} if self.mark is NO_MARK else {vm: self.mark},
            operations={} if self.operation is None else {vm: self.operation},
            orphans=self.orphans,
            grant=self.grant,
            intake=INTAKE,
            idle=self.idle,
            quarantined=self.quarantined,
            spent=self.spent,
            fleet_policy=self.fleet_policy,
            hold=self.hold,
            high_water=self.high_water,
            trusted=self.trusted,
            unheard_of=self.unheard_of,
        )

    @property
    def pair(self) -> Pair:
        """The VM beside what is known of it."""
        return next(p for p in pair(self.recorded, self.report) if p.uuid == self.uuid)

    def claim(self, standing: Standing) -> Claim:
        """A claim on the VM, with the standing as said, whatever the rest says."""
        return Claim(
            pair=self.pair,
            standing=standing,
            recorded=self.recorded,
            report=self.report,
            policy=self.policy,
        )

    def plan(self) -> Plan:
        """What a pass over this world decides."""
        return reconcile(self.recorded, self.report, self.policy, self.now)

    def decision(self) -> Decision:
        """What a pass over this world decides about its VM."""
        return next(d for d in self.plan().decisions if d.uuid == self.uuid)


def but(world: World, **changes: object) -> World:
    """`world`, changed: a dict of changes for a part that is there, or the part itself."""
    parts = {
        name: msgspec.structs.replace(getattr(world, name), **value)
        if isinstance(value, dict)
        else value
        for name, value in changes.items()
    }
    return msgspec.structs.replace(world, **parts)


def together(*worlds: World) -> tuple[Recorded, HostReport]:
    """The VMs of several worlds, with different uuids, on the host of the first one."""
    first = worlds[0]
    inputs = [world.recorded for world in worlds]
    recorded = msgspec.structs.replace(
        first.recorded,
        records={u: r for one in inputs for u, r in one.records.items()},
        here={u: s for one in inputs for u, s in one.here.items()},
        elsewhere={u: s for one in inputs for u, s in one.elsewhere.items()},
        marks={u: m for one in inputs for u, m in one.marks.items()},
        operations={u: o for one in inputs for u, o in one.operations.items()},
    )
    vms = tuple(world.seen for world in worlds if world.seen is not None)
    return recorded, msgspec.structs.replace(first.report, vms=vms)


def copy_of(world: World, number: int) -> World:
    """The same world about another VM, whose uuid is `number`."""
    vm = VmUuid(UUID(int=number))
    name = f"i-2-{number}-VM"
    named = {"uuid": vm, "name": name}
    return but(
        world,
        record=named | {"label": name} if world.record else None,
        seen=named if world.seen else None,
        here=named if world.here else None,
    )


def owned() -> World:
    """A fully proved VM of ours that runs where its record says, as asked."""
    return World(host=host(), record=record(), seen=observation(), mark=OURS, here=sighting())


def owned_stopped() -> World:
    """The same VM, asked to run, stopped by its guest, and free to be started at home."""
    stopped = {"power": PowerState.STOPPED, "reason": PowerReason.GUEST}
    return but(owned(), seen=stopped, here={**stopped, "active_since": 0})


def ghost() -> World:
    """A VM that we deleted, seen often enough, where a person allows its stop by mark."""
    return but(
        owned(),
        record={"removed_at": 5.0, "phase": VmPhase.DELETED, "desired": DesiredState.ABSENT},
        here={"standing": Standing.GHOST},
        policy=Policy(unknown_vms=UnknownVms.STOP_BY_MARK),
    )


def lookalike() -> World:
    """A stranger with a name of ours, seen often enough, under a person's grant."""
    return but(
        owned(),
        record=None,
        mark=NO_MARK,
        seen={"mark": None},
        here={"standing": Standing.LOOKALIKE, "mark": MarkVerdict.NONE, "raw_mark": None},
        policy=Policy(unknown_vms=UnknownVms.STOP_BY_NAME),
        grant=grant(),
    )


def alien() -> World:
    """The VM of the incident, under the loosest policy there is."""
    return but(
        lookalike(),
        seen={"name": "Windows 7 (32-bit) (1)"},
        here={"name": "Windows 7 (32-bit) (1)", "standing": Standing.ALIEN},
    )


def orphan() -> World:
    """A VM with a good mark of ours that our records don't know, under the loosest policy."""
    here = {"standing": Standing.ORPHAN, "mark": MarkVerdict.OURS, "raw_mark": MARK}
    return but(lookalike(), mark=OURS, seen={"mark": MARK}, here=here)


def marked(verdict: MarkVerdict) -> World:
    """A VM with a live record of ours whose mark is not ours, under the loosest policy."""
    standing = {
        MarkVerdict.FOREIGN: Standing.FOREIGN,
        MarkVerdict.COPIED: Standing.CLONE,
    }.get(verdict, Standing.UNPROVEN)
    return but(
        lookalike(),
        record=record(),
        mark=MarkJudgement(verdict=verdict, generation=1, fleet="another"),
        seen={"mark": None if verdict is MarkVerdict.NONE else MARK},
        here={"standing": standing},
    )


def moved() -> World:
    """Our VM, active here while its record says the other host, which looked again and lost it."""
    return but(
        owned(),
        record={"host": OTHER},
        here={"standing": Standing.MOVED},
        elsewhere=(copy_elsewhere(absent=True, active_since=0),),
    )


def duplicate() -> World:
    """Our VM, active here and on another host, each looked at after the other's sighting."""
    return but(owned(), elsewhere=(copy_elsewhere(),), asked_after=95)


def written(world: World) -> Sighting | None:
    """The sighting that a pass over `world` writes, if it writes one."""
    found = world.plan().sightings
    assert len(found) <= 1
    return found[0] if found else None


def settled(world: World) -> World:
    """`world` after enough identical reports: what was written is what is remembered."""
    for _ in range(4):
        after = written(world)
        if after is not None:
            world = but(world, here=after)
    return world


def drafted(world: World) -> Draft:
    """What is decided about the VM of `world`, before any limit."""
    draft = decide(world.pair, world.recorded, world.report, world.policy, world.now)
    assert draft is not None
    return draft
