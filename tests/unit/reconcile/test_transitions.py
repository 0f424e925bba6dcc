"""How a record changes: by what was seen at its own host, and by nothing else."""

import itertools

import msgspec
import pytest

from tests.parts import NOW, OTHER, VM, copy_elsewhere, operation, record
from tests.worlds import World, but, ghost, moved, orphan, owned, owned_stopped
from vmuster.model.mark import NO_MARK
from vmuster.model.plan import Transition
from vmuster.model.states import (
    DesiredState,
    Drift,
    OperationKind,
    OperationState,
    PowerReason,
    PowerState,
    VmPhase,
)
from vmuster.reconcile.transitions import restored


def change(world: World) -> Transition | None:
    return world.decision().transition


def after(world: World) -> dict[str, object]:
    """The fields that the pass changes, with their new values."""
    made = change(world)
    if made is None or made.after is None:
        return {}
    fields = made.before.__struct_fields__
    pairs = ((f, getattr(made.before, f), getattr(made.after, f)) for f in fields)
    return {field: new for field, old, new in pairs if old != new}


def test_what_is_as_it_was_changes_nothing() -> None:
    assert change(owned()) is None
    assert change(but(owned(), sequence=11, now=NOW + 30)) is None


@pytest.mark.parametrize(
    ("seen", "changed"),
    [
        ({"name": "renamed"}, {"label": "renamed"}),
        ({"reason": PowerReason.HAND}, {"reason": PowerReason.HAND}),
        ({"power": PowerState.PAUSED}, {"power": PowerState.PAUSED}),
        ({"power": PowerState.UNKNOWN}, {"power": PowerState.UNKNOWN}),
    ],
)
def test_a_look_is_written_down(seen: dict[str, object], changed: dict[str, object]) -> None:
    times = {"seen_at": NOW, "changed_at": NOW}
    assert after(but(owned(), seen=seen)) == changed | times


def test_a_new_boot_of_the_host_is_written_down() -> None:
    assert after(but(owned(), boot_id="boot-2"))["boot_id"] == "boot-2"


@pytest.mark.parametrize(("drift", "follows"), [(Drift.RECORD, True), (Drift.ENFORCE, False)])
def test_what_was_asked_for_follows_reality_only_under_record(drift: Drift, follows: bool) -> None:
    policy = {"drift": drift}
    stopped = after(but(owned_stopped(), policy=policy))
    assert stopped.get("desired") == (DesiredState.STOPPED if follows else None)
    started = after(but(owned(), policy=policy, record={"desired": DesiredState.STOPPED}))
    assert started.get("desired") == (DesiredState.RUNNING if follows else None)


@pytest.mark.parametrize("boot", ["boot-0", "boot-1"])
@pytest.mark.parametrize("reason", PowerReason)
def test_what_nobody_witnessed_leaves_what_was_asked_for(reason: PowerReason, boot: str) -> None:
    world = but(owned_stopped(), record={"boot_id": boot}, seen={"reason": reason})
    witnessed = reason in (PowerReason.GUEST, PowerReason.HAND, PowerReason.SAVED)
    follows = witnessed and boot == "boot-1"
    assert ("desired" in after(world)) is follows


@pytest.mark.parametrize(
    ("power", "mark"), [*itertools.product([PowerState.RUNNING, PowerState.STOPPED], [1, 2])]
)
def test_a_vm_of_another_home_changes_nothing_here(power: PowerState, mark: int) -> None:
    away = but(moved(), elsewhere=(copy_elsewhere(),), seen={"power": power}, asked_after=0)
    assert change(but(away, mark={"generation": mark})) is None


@pytest.mark.parametrize("power", PowerState)
def test_tries_are_forgotten_by_a_good_run_alone(power: PowerState) -> None:
    tries = {"restart_tries": 2, "restart_after": NOW - 1, "power": power}
    again = after(but(owned(), record=tries, seen={"power": power}))
    forgotten = power is PowerState.RUNNING
    assert ("restart_tries" in again) is forgotten
    assert ("restart_after" in again) is forgotten


def test_a_record_without_a_host_gets_this_one() -> None:
    assert after(but(owned(), record={"host": None}))["host"] == "home"


def test_a_record_without_a_host_waits_where_two_hosts_show_it() -> None:
    world = but(owned(), record={"host": None}, elsewhere=(copy_elsewhere(asked_after=0),))
    assert "host" not in after(world)


@pytest.mark.parametrize("world", [ghost(), orphan()])
def test_what_has_no_live_record_has_nothing_to_change(world: World) -> None:
    assert change(world) is None


@pytest.mark.parametrize("phase", VmPhase)
@pytest.mark.parametrize("power", PowerState)
def test_no_phase_is_ever_illegal(phase: VmPhase, power: PowerState) -> None:
    for desired in DesiredState:
        made = change(
            but(owned(), record={"phase": phase, "desired": desired}, seen={"power": power})
        )
        assert made is None or made.before == record(phase=phase, desired=desired)


def test_a_vm_that_was_not_seen_here_is_not_said_to_have_been() -> None:
    lacking = but(owned(), seen=None, absent=(VM,), record={"absent_reports": 0})
    assert set(after(lacking)) == {"absent_reports", "changed_at"}
    elsewhere = but(lacking, record={"host": OTHER})
    assert elsewhere.plan().transitions == ()


_SEEN_AS = {
    "paused": ({"seen": {"power": PowerState.PAUSED}}, VmPhase.RUNNING),
    "unknown": ({"seen": {"power": PowerState.UNKNOWN}}, VmPhase.RUNNING),
    "without its mark": ({"mark": NO_MARK}, VmPhase.RUNNING),
    "without its mark, stopped": (
        {"mark": NO_MARK, "seen": {"power": PowerState.STOPPED}},
        VmPhase.STOPPED,
    ),
    "active on two hosts": ({"elsewhere": (copy_elsewhere(),), "asked_after": 95}, VmPhase.RUNNING),
    "stopped here, elsewhere nobody can tell whether it runs on": (
        {
            "seen": {"power": PowerState.STOPPED},
            "elsewhere": (copy_elsewhere(power=PowerState.UNKNOWN),),
        },
        VmPhase.RUNNING,
    ),
    "stopped here, active elsewhere": (
        {"seen": {"power": PowerState.STOPPED}, "elsewhere": (copy_elsewhere(),)},
        VmPhase.RUNNING,
    ),
    "left by a migration": (
        {"seen": {"power": PowerState.STOPPED, "reason": PowerReason.MIGRATED}},
        VmPhase.RUNNING,
    ),
}


@pytest.mark.parametrize("phase", [VmPhase.STARTING, VmPhase.STOPPING])
@pytest.mark.parametrize("case", _SEEN_AS)
def test_what_a_request_began_ends_with_it_however_the_vm_is_seen(
    case: str, phase: VmPhase
) -> None:
    changes, ends = _SEEN_AS[case]
    world = but(owned(), **({"record": {"phase": phase}} | changes))
    assert after(world)["phase"] is ends
    kind = OperationKind.STOP if phase is VmPhase.STOPPING else OperationKind.START
    flying = but(world, operation=operation(kind, state=OperationState.RUNNING, intake=1000))
    assert "phase" not in after(flying), "its request is open"


def test_an_empty_list_ends_no_phase_whose_request_is_open() -> None:
    begun = but(owned(), seen=None, record={"phase": VmPhase.STOPPING})
    flying = but(begun, operation=operation(OperationKind.STOP, state=OperationState.RUNNING))
    assert "phase" not in after(flying)
    assert after(begun)["phase"] is VmPhase.RUNNING


@pytest.mark.parametrize("power", [PowerState.PAUSED, PowerState.UNKNOWN])
def test_what_its_host_shows_is_missing_no_more(power: PowerState) -> None:
    missing = but(owned(), record={"phase": VmPhase.MISSING}, seen={"power": power})
    assert after(missing)["phase"] is VmPhase.RUNNING
    assert "phase" not in after(but(missing, mark=NO_MARK))


@pytest.mark.parametrize(
    ("power", "phase"),
    [(PowerState.RUNNING, VmPhase.RUNNING), (PowerState.STOPPED, VmPhase.STOPPED)],
)
def test_what_its_host_shows_is_missing_no_more_while_a_request_is_open(
    power: PowerState, phase: VmPhase
) -> None:
    flying = operation(OperationKind.START, state=OperationState.RUNNING, intake=1000)
    missing = but(owned(), record={"phase": VmPhase.MISSING}, operation=flying)
    assert after(but(missing, seen={"power": power}))["phase"] is phase
    assert "phase" not in after(but(missing, seen={"power": power}, mark=NO_MARK))


@pytest.mark.parametrize("power", [PowerState.PAUSED, PowerState.UNKNOWN])
def test_a_record_that_follows_its_vm_leaves_its_phase_behind(power: PowerState) -> None:
    home = copy_elsewhere(absent=True, absence_confirmed=True, active_since=0)
    world = but(moved(), elsewhere=(home,), record={"phase": VmPhase.STOPPED})
    made = after(but(world, seen={"power": power}))
    assert (made["host"], made["power"], made["phase"]) == ("home", power, VmPhase.RUNNING)


@pytest.mark.parametrize(
    ("was", "phase"),
    [
        (VmPhase.RUNNING, VmPhase.RUNNING),
        (VmPhase.STOPPED, VmPhase.STOPPED),
        (VmPhase.STOPPING, VmPhase.RUNNING),
    ],
)
def test_a_record_that_follows_to_what_a_migration_left_takes_its_phase_along(
    was: VmPhase, phase: VmPhase
) -> None:
    left = {"power": PowerState.STOPPED, "reason": PowerReason.MIGRATED}
    home = copy_elsewhere(absent=True, absence_confirmed=True, active_since=0)
    world = but(moved(), elsewhere=(home,), record={"phase": was}, seen=left, asked_after=95)
    made = change(but(world, here=left | {"active_since": 0}))
    assert made is not None
    assert made.after is not None
    assert (made.after.host, made.after.reason) == ("home", PowerReason.MIGRATED)
    assert (made.after.power, made.after.phase) == (PowerState.STOPPED, phase)


def test_what_was_seen_while_an_adoption_was_open_stays_seen_when_it_fails() -> None:
    previous = record(desired=DesiredState.STOPPED, phase=VmPhase.STOPPED, power=PowerState.STOPPED)
    signed_anew = msgspec.structs.replace(
        previous, desired=DesiredState.RUNNING, generation=9, mark_generation=9, name="web"
    )
    now = msgspec.structs.replace(signed_anew, power=PowerState.RUNNING, label="seen")
    undone = restored(now, previous, NOW)
    assert undone == msgspec.structs.replace(now, desired=DesiredState.STOPPED, changed_at=NOW)
