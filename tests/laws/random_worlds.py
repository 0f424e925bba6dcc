"""Any world at all: records, marks, sightings, reports and policies in every combination."""

import msgspec
from hypothesis import strategies as st

from tests.parts import (
    HOST,
    NOW,
    OTHER,
    VM,
    grant,
    held,
    host,
    observation,
    operation,
    record,
    sighting,
)
from tests.worlds import (
    World,
    alien,
    but,
    duplicate,
    ghost,
    lookalike,
    marked,
    moved,
    orphan,
    owned,
    owned_stopped,
)
from vmuster.model.automation import HoldState, Spent
from vmuster.model.mark import NO_MARK, MarkJudgement, RawMark
from vmuster.model.policy import FleetPolicy, Policy
from vmuster.model.states import (
    Completeness,
    DesiredState,
    Drift,
    HostMode,
    MarkVerdict,
    OperationKind,
    OperationState,
    PowerReason,
    PowerState,
    Restart,
    Standing,
    UnknownVms,
    VmPhase,
)
from vmuster.model.vm import Sighting

NAMES = ["i-2-78-VM", "r-5-VM", "i-9-99-OTHER", "web-01", "Windows 7 (32-bit) (1)", "", "\ud800\n"]
few = st.integers(0, 3)
times = st.sampled_from([0.0, NOW - 1, NOW, NOW + 60])
intakes = st.sampled_from([0, 40, 50, 90, 95, 99])
marks = st.one_of(
    st.just(NO_MARK),
    st.builds(
        MarkJudgement, verdict=st.sampled_from(MarkVerdict), generation=few, fleet=st.just("f")
    ),
)
policies = st.builds(
    Policy,
    unknown_vms=st.sampled_from(UnknownVms),
    drift=st.sampled_from(Drift),
    restart=st.sampled_from(Restart),
    track_host_change=st.booleans(),
    seen_before_stop=st.integers(1, 3),
    stops_per_pass_max=few,
    starts_per_pass_max=few,
    stops_per_window_max=few,
    starts_per_window_max=few,
    cluster_stops_per_window_max=few,
    cluster_starts_per_window_max=few,
)
fleet_policies = st.builds(FleetPolicy, stops_per_window_max=few, starts_per_window_max=few)
spendings = st.builds(Spent, **{name: st.integers(0, 1) for name in Spent.__struct_fields__})
holds = st.builds(
    held,
    st.lists(st.sampled_from([OperationKind.START, OperationKind.STOP]), min_size=1, unique=True),
    state=st.sampled_from(HoldState),
    expires_at=st.sampled_from([None, NOW - 1, NOW, NOW + 60]),
)
sightings = st.builds(
    sighting,
    power=st.sampled_from(PowerState),
    reason=st.sampled_from(PowerReason),
    mark=st.sampled_from(MarkVerdict),
    standing=st.sampled_from(Standing),
    complete_reports=few,
    taken_in=intakes,
    asked_after=intakes,
    active_since=intakes,
    absent=st.booleans(),
)
records = st.builds(
    record,
    host=st.sampled_from([HOST, OTHER, None]),
    desired=st.sampled_from(DesiredState),
    phase=st.sampled_from(VmPhase),
    power=st.sampled_from(PowerState),
    reason=st.sampled_from(PowerReason),
    mark_generation=few,
    boot_id=st.sampled_from(["", "boot-1", "boot-0"]),
    absent_reports=few,
    restart_tries=few,
    restart_after=times,
    removed_at=st.sampled_from([None, 5.0]),
)
observations = st.builds(
    observation,
    name=st.sampled_from(NAMES),
    power=st.sampled_from(PowerState),
    reason=st.sampled_from(PowerReason),
    mark=st.sampled_from([None, RawMark(vm=str(VM))]),
)
operations = st.builds(
    operation,
    st.sampled_from(OperationKind),
    state=st.sampled_from([OperationState.PENDING, OperationState.RUNNING]),
    deadline_at=times,
    force=st.booleans(),
    actor=st.sampled_from(["ann", "vmuster"]),
)


def _at_other(one: Sighting) -> Sighting:
    return msgspec.structs.replace(one, host=OTHER)


@st.composite
def worlds(draw: st.DrawFn, fresh: bool = True) -> World:
    """Any world. `fresh` false: its report may be out of turn."""
    elsewhere = draw(st.lists(sightings, max_size=1))
    return World(
        host=draw(st.builds(host, st.sampled_from(HostMode))),
        record=draw(st.none() | records),
        seen=draw(st.none() | observations),
        mark=draw(marks),
        here=draw(st.none() | sightings),
        elsewhere=tuple(map(_at_other, elsewhere)),
        operation=draw(st.none() | operations),
        policy=draw(policies),
        completeness=draw(st.sampled_from(Completeness)),
        absent=draw(st.sampled_from([(), (VM,)])),
        sequence=10 if fresh else draw(st.integers(8, 11)),
        epoch=1 if fresh else draw(st.integers(0, 2)),
        boot_id=draw(st.sampled_from(["", "boot-1"])),
        asked_after=draw(intakes),
        orphans=draw(few),
        grant=draw(st.sampled_from([None, grant()])),
        idle=draw(st.sampled_from(["", "", "", "a person disarmed it"])),
        quarantined=draw(st.sampled_from(["", "", "", "the database is old"])),
        spent=draw(spendings),
        fleet_policy=draw(fleet_policies),
        hold=draw(st.none() | holds),
        high_water=draw(st.sampled_from([2, 1000])),
        unheard_of=draw(st.sampled_from([frozenset(), frozenset({VM})])),
    )


_VALID = (
    *(owned(), owned(), owned_stopped(), owned_stopped(), moved(), duplicate(), orphan()),
    *(ghost(), lookalike(), alien(), *(marked(verdict) for verdict in MarkVerdict)),
)
_FLAWS: tuple[tuple[str, str, st.SearchStrategy[object]], ...] = (
    ("record", "host", st.sampled_from([HOST, OTHER, None])),
    ("record", "desired", st.sampled_from(DesiredState)),
    ("record", "phase", st.sampled_from(VmPhase)),
    ("record", "power", st.sampled_from(PowerState)),
    ("record", "restart_tries", few),
    ("record", "restart_after", times),
    ("record", "absent_reports", few),
    ("record", "removed_at", st.sampled_from([None, 5.0])),
    ("seen", "power", st.sampled_from(PowerState)),
    ("seen", "reason", st.sampled_from(PowerReason)),
    ("here", "absent", st.booleans()),
    ("here", "complete_reports", few),
    ("here", "active_since", intakes),
    ("here", "standing", st.sampled_from(Standing)),
)


_PARTS: dict[str, st.SearchStrategy[object]] = {
    "record": st.none() | records,
    "seen": st.none() | observations,
    "here": st.none() | sightings,
    "elsewhere": st.lists(sightings.map(_at_other), max_size=1).map(tuple),
    "operation": st.none() | operations,
    "absent": st.just((VM,)),
}


@st.composite
def nearly(draw: st.DrawFn) -> World:
    """A valid world with up to three flaws: what random parts would hardly ever come to."""
    world = draw(st.sampled_from(_VALID))
    for part, field, flaw in draw(st.lists(st.sampled_from(_FLAWS), max_size=2)):
        if getattr(world, part) is not None:
            world = but(world, **{part: {field: draw(flaw)}})
    changed = draw(st.sampled_from([None, None, *_PARTS]))
    return world if changed is None else but(world, **{changed: draw(_PARTS[changed])})
