"""Each VM beside what is known of it, by uuid alone; and the rule of two hosts without a clock."""

import itertools
from uuid import UUID

import msgspec
import pytest

from tests.parts import (
    HOST,
    INTAKE,
    OTHER,
    VM,
    copy_elsewhere,
    observation,
    operation,
    record,
    sighting,
)
from tests.worlds import World, but, copy_of, duplicate, lookalike, owned, together
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.states import (
    Completeness,
    MarkVerdict,
    OperationKind,
    PowerReason,
    PowerState,
    Standing,
)
from vmuster.reconcile.pairing import at_home, duplicated, may_be_left, pair, unaccounted

ANOTHER = VmUuid(UUID(int=2))
UNSEEN = but(owned(), seen=None)
OFF: dict[str, object] = {"power": PowerState.STOPPED, "active_since": 0}


def twice(asked_here: int, active_here: int, asked_there: int, active_there: int) -> bool:
    """Whether it is a duplicate: when each look began, and since when each copy is active."""
    there = copy_elsewhere(asked_after=asked_there, active_since=active_there)
    world = but(
        owned(), elsewhere=(there,), asked_after=asked_here, here={"active_since": active_here}
    )
    return duplicated(world.pair, world.recorded, world.report)


def test_a_name_pairs_nothing() -> None:
    world = but(owned(), seen=observation(uuid=ANOTHER), here=None)
    paired = {p.uuid: p for p in pair(world.recorded, world.report)}
    assert paired[ANOTHER].record is None
    assert paired[VM].seen is None


def test_a_renamed_vm_is_the_same_vm() -> None:
    world = but(owned(), seen={"name": "renamed"})
    assert world.pair.record == world.record
    assert world.pair.name == "renamed"


def test_a_complete_report_brings_up_what_it_ought_to_show() -> None:
    stranger = but(lookalike(), here={"uuid": ANOTHER}).here
    assert stranger is not None
    recorded = msgspec.structs.replace(UNSEEN.recorded, here={ANOTHER: stranger})
    assert [p.uuid for p in pair(recorded, UNSEEN.report)] == [VM, ANOTHER]


@pytest.mark.parametrize("said", ["absent", "held"])
def test_a_partial_report_speaks_of_what_it_says_is_absent_or_held(said: str) -> None:
    partial = but(UNSEEN, completeness=Completeness.PARTIAL, **{said: (VM,)})
    assert [p.uuid for p in pair(partial.recorded, partial.report)] == [VM]


def test_a_partial_report_is_silent_about_what_it_does_not_name() -> None:
    partial = but(UNSEEN, completeness=Completeness.PARTIAL)
    assert pair(partial.recorded, partial.report) == []
    denied = but(partial, absent=(VM, ANOTHER))
    assert [p.uuid for p in pair(denied.recorded, denied.report)] == [VM]


def test_the_order_is_the_reports_and_then_that_of_the_uuids() -> None:
    recorded, report = together(*(copy_of(owned(), n) for n in (3, 1, 2, 5, 4)))
    shown = msgspec.structs.replace(report, vms=report.vms[:2])
    assert [p.uuid.int for p in pair(recorded, shown)] == [3, 1, 2, 4, 5]


@pytest.mark.parametrize(
    ("change", "home"),
    [({}, True), ({"host": OTHER}, False), ({"host": None}, False), ({"removed_at": 1.0}, False)],
)
def test_at_home_is_what_live_records_say(change: dict[str, object], home: bool) -> None:
    assert at_home(but(owned(), record=change).recorded) == ({VM} if home else set())


@pytest.mark.parametrize(
    ("known", "shown", "left"),
    [
        ({"host": HOST}, {}, False),
        ({"host": OTHER}, {}, True),
        ({"host": None}, {}, True),
        ({"host": OTHER}, {"mark": MarkVerdict.NONE}, True),
        ({"host": HOST}, {"absent": True}, False),
        ({"removed_at": 1.0}, {}, True),
        ({"removed_at": 1.0}, {"mark": MarkVerdict.COPIED}, True),
        ({"removed_at": 1.0}, {"mark": MarkVerdict.COPIED, **OFF}, False),
        (None, OFF, True),
        (None, {"mark": MarkVerdict.NONE}, True),
        (None, {"mark": MarkVerdict.NONE, "power": PowerState.UNKNOWN}, True),
        (None, {"mark": MarkVerdict.NONE, **OFF}, False),
        (None, {"mark": MarkVerdict.NONE, **OFF, "absent": True}, True),
    ],
)
def test_a_process_may_be_left_of_what_is_ours_and_away_and_of_any_stranger_that_ran(
    known: dict[str, object] | None, shown: dict[str, object], left: bool
) -> None:
    assert may_be_left(sighting(**shown), None if known is None else record(**known)) is left


@pytest.mark.parametrize(
    ("record_host", "removed_at", "asked_of", "judged"),
    [
        (HOST, None, HOST, True),
        (HOST, None, OTHER, True),
        (OTHER, None, HOST, False),
        (OTHER, None, OTHER, False),
        (None, None, HOST, True),
        (None, None, OTHER, False),
        (OTHER, 5.0, HOST, True),
        (HOST, 5.0, OTHER, False),
    ],
)
def test_an_operation_is_judged_by_looks_at_the_vms_home_alone(
    record_host: HostId | None, removed_at: float | None, asked_of: HostId, judged: bool
) -> None:
    wish = operation(OperationKind.STOP, host=asked_of)
    placed = {"host": record_host, "removed_at": removed_at}
    assert (but(owned(), record=placed, operation=wish).pair.operation is not None) is judged
    stranger = but(lookalike(), operation=wish)
    assert (stranger.pair.operation is not None) is (asked_of == HOST)


@pytest.mark.parametrize(
    ("world", "name"),
    [
        (UNSEEN, record().label),
        (but(UNSEEN, record=None), sighting().name),
        (but(UNSEEN, record={"label": "as it was called"}), "as it was called"),
    ],
)
def test_an_unseen_vm_goes_by_the_name_it_had(world: World, name: str) -> None:
    assert world.pair.name == name


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({}, True),
        ({"mark": MarkVerdict.NONE}, False),
        ({"mark": MarkVerdict.COPIED}, False),
        ({"absent": True}, False),
        ({"power": PowerState.STOPPED}, True),
    ],
)
def test_copies_are_good_marked_and_there(change: dict[str, object], counts: bool) -> None:
    world = but(owned(), elsewhere=(copy_elsewhere(**change),))
    assert bool(world.pair.copies) is counts


@pytest.mark.parametrize(
    ("asked_here", "active_here", "asked_there", "active_there"),
    [*itertools.product([40, 50, 60], [30, 50, 70], [40, 50, 60], [30, 50, 70])],
)
def test_each_must_be_looked_at_after_the_other_was_taken_in(
    asked_here: int, active_here: int, asked_there: int, active_there: int
) -> None:
    ordered = asked_here >= active_there and asked_there >= active_here
    assert twice(asked_here, active_here, asked_there, active_there) is ordered


def test_a_copy_first_seen_active_now_waits_for_the_other_host_to_look() -> None:
    world = but(owned(), here=None, elsewhere=(copy_elsewhere(),), asked_after=99)
    assert not duplicated(world.pair, world.recorded, world.report)
    looked = but(world, elsewhere=(copy_elsewhere(asked_after=INTAKE),))
    assert duplicated(looked.pair, looked.recorded, looked.report)


@pytest.mark.parametrize(
    ("power", "reason", "frozen"),
    [
        (PowerState.RUNNING, PowerReason.UNKNOWN, True),
        (PowerState.PAUSED, PowerReason.IO_ERROR, True),
        (PowerState.PAUSED, PowerReason.MIGRATING, False),
        (PowerState.STOPPED, PowerReason.HAND, False),
        (PowerState.UNKNOWN, PowerReason.UNKNOWN, False),
    ],
)
@pytest.mark.parametrize("there", [False, True])
def test_only_two_active_ones_are_a_duplicate(
    power: PowerState, reason: PowerReason, frozen: bool, there: bool
) -> None:
    state = {"power": power, "reason": reason}
    other = copy_elsewhere(**(state if there else {}))
    world = but(owned(), elsewhere=(other,), asked_after=95, seen={} if there else state)
    assert duplicated(world.pair, world.recorded, world.report) is frozen


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("known", [{}, {"standing": Standing.OWNED}, {"active_since": 0}])
def test_two_stay_a_duplicate_while_nobody_can_tell_whether_one_has_ended(
    there: bool, known: dict[str, object]
) -> None:
    """One that was none before, or of which it was never told that it ran, is none."""
    untold = {"power": PowerState.UNKNOWN}
    was = {"standing": Standing.DUPLICATE} | untold | known
    world = but(
        owned(),
        elsewhere=(copy_elsewhere(**(was if there else {})),),
        here={} if there else was,
        seen={} if there else untold,
        asked_after=95,
    )
    assert duplicated(world.pair, world.recorded, world.report) is (known == {})


@pytest.mark.parametrize(
    ("copy", "accounted"),
    [
        ({"asked_after": 50}, True),
        ({"asked_after": 49}, False),
        ({"asked_after": 50, "power": PowerState.STOPPED}, False),
    ],
)
@pytest.mark.parametrize("seen_here", [True, False])
def test_an_empty_list_is_accounted_for_by_what_was_seen_elsewhere_since(
    copy: dict[str, object], accounted: bool, seen_here: bool
) -> None:
    """It was seen here in number 50: an older look elsewhere does not say where it went."""
    world = but(owned(), seen=None, elsewhere=(copy_elsewhere(**copy),))
    if not seen_here:
        world = but(world, here=None)
        accounted = "power" not in copy
    assert (unaccounted(world.recorded, world.report) == frozenset()) is accounted


def test_what_an_empty_list_does_not_account_for_is_worked_out_once_for_all_pairs() -> None:
    """Per pair it would cost a pass over every VM of the host, for every VM of the host."""
    base = but(owned(), seen=None)
    uuids = [VmUuid(UUID(int=number)) for number in range(1, 4)]
    records = {uuid: record(uuid=uuid, name=str(uuid)) for uuid in uuids}
    recorded = msgspec.structs.replace(base.recorded, records=records, here={}, marks={})
    pairs = pair(recorded, base.report)
    assert [p.uuid for p in pairs] == uuids
    assert pairs[0].lost == frozenset(uuids)
    assert all(p.lost is pairs[0].lost for p in pairs)


def test_an_account_that_names_others_is_no_empty_list() -> None:
    world = but(owned(), seen=None)
    assert unaccounted(world.recorded, world.report) == {world.uuid}
    beside_others = msgspec.structs.replace(world.recorded, others=1)
    assert unaccounted(beside_others, world.report) == frozenset()


def test_what_is_not_seen_is_on_no_two_hosts() -> None:
    gone = but(duplicate(), seen=None)
    assert not duplicated(gone.pair, gone.recorded, gone.report)
