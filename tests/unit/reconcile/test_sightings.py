"""What is remembered of what was seen: nothing anew where nothing is new."""

import msgspec
import pytest

from tests.parts import HOST, INTAKE, MARK, NOW, VM, copy_elsewhere, sighting
from tests.worlds import World, alien, but, lookalike, orphan, owned, settled, written
from vmuster.model.states import (
    Completeness,
    Finding,
    MarkVerdict,
    PowerReason,
    PowerState,
    Standing,
)
from vmuster.model.vm import Sighting
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.sightings import unseen


@pytest.mark.parametrize(
    ("before", "power", "since"),
    [
        ({"active_since": 50}, PowerState.UNKNOWN, 50),
        ({"power": PowerState.UNKNOWN, "active_since": 50}, PowerState.UNKNOWN, 50),
        ({"power": PowerState.UNKNOWN, "active_since": 50}, PowerState.RUNNING, INTAKE),
        ({"power": PowerState.UNKNOWN, "active_since": 50}, PowerState.STOPPED, 0),
        ({"power": PowerState.STOPPED, "active_since": 0}, PowerState.UNKNOWN, 0),
        ({"absent": True, "active_since": 50}, PowerState.UNKNOWN, 0),
    ],
)
def test_a_run_is_remembered_while_nobody_can_tell_whether_it_has_ended(
    before: dict[str, object], power: PowerState, since: int
) -> None:
    after = written(but(owned(), here={"why": "", **before}, seen={"power": power}))
    assert after is not None
    assert after.active_since == since


@pytest.mark.parametrize("world", [owned(), alien(), orphan()])
@pytest.mark.parametrize("completeness", Completeness)
def test_an_unchanged_report_writes_nothing(world: World, completeness: Completeness) -> None:
    plan = but(
        settled(world), completeness=completeness, sequence=11, asked_after=INTAKE, now=NOW + 30
    ).plan()
    recorded = msgspec.structs.replace(settled(world).recorded, intake=INTAKE + 1)
    assert reconcile(recorded, world.report, world.policy, NOW + 30).sightings == ()
    assert plan.sightings == ()
    assert plan.transitions == ()
    assert plan.gone == ()


@pytest.mark.parametrize(
    "change",
    [
        {"name": "renamed"},
        {"power": PowerState.PAUSED},
        {"reason": PowerReason.HAND},
        {"mark": None},
    ],
)
def test_every_change_of_a_vm_is_remembered(change: dict[str, object]) -> None:
    assert written(but(settled(alien()), seen={"mark": MARK})) is not None
    after = written(but(settled(owned()), seen=change))
    assert after is not None
    assert {
        field: getattr(after, "raw_mark" if field == "mark" else field) for field in change
    } == (change)


@pytest.mark.parametrize("world", [owned(), alien(), orphan()])
def test_what_is_seen_again_is_the_same_sighting(world: World) -> None:
    assert world.here is not None
    again = written(but(world, seen={"name": "renamed"}, now=NOW + 30))
    decision = but(world, seen={"name": "renamed"}).decision()
    assert again == msgspec.structs.replace(
        world.here,
        name="renamed",
        mark=world.mark.verdict,
        standing=decision.standing,
        finding=decision.finding,
        why=decision.why,
        complete_reports=2,
        taken_in=INTAKE,
        asked_after=INTAKE - 1,
        last_seen_at=NOW + 30,
    )


def test_a_first_sighting_is_taken_down_whole() -> None:
    after = written(but(owned(), here=None))
    assert after is not None
    assert (after.host, after.uuid, after.standing) == (HOST, VM, Standing.OWNED)
    assert (after.taken_in, after.asked_after, after.active_since) == (INTAKE, INTAKE - 1, INTAKE)
    assert (after.first_seen_at, after.last_seen_at) == (NOW, NOW)
    assert (after.complete_reports, after.raw_mark) == (1, MARK)
    assert (after.finding, after.why) == (Finding.IN_SYNC, "it runs, as it should")


@pytest.mark.parametrize(
    ("before", "completeness", "after"),
    [
        (0, Completeness.COMPLETE, 1),
        (1, Completeness.COMPLETE, 2),
        (2, Completeness.COMPLETE, 2),
        (0, Completeness.PARTIAL, 0),
        (1, Completeness.PARTIAL, 1),
    ],
)
def test_complete_reports_in_a_row_are_counted_no_further_than_asked(
    before: int, completeness: Completeness, after: int
) -> None:
    world = but(alien(), here={"complete_reports": before}, completeness=completeness)
    found = written(but(world, seen={"name": "a change, so that something is written"}))
    assert found is not None
    assert found.complete_reports == after


def test_another_standing_begins_the_count_anew() -> None:
    found = written(but(lookalike(), here={"standing": Standing.ALIEN}))
    assert found is not None
    assert found.complete_reports == 1


@pytest.mark.parametrize(
    ("before", "power", "since"),
    [
        (sighting(active_since=7), PowerState.RUNNING, 7),
        (sighting(active_since=7), PowerState.STOPPED, 0),
        (sighting(power=PowerState.STOPPED, active_since=0), PowerState.RUNNING, INTAKE),
        (sighting(absent=True, active_since=0), PowerState.RUNNING, INTAKE),
        (None, PowerState.RUNNING, INTAKE),
    ],
)
def test_active_since_is_the_start_of_the_unbroken_run(
    before: Sighting | None, power: PowerState, since: int
) -> None:
    found = written(but(owned(), here=before, seen={"power": power, "name": "changed"}))
    assert found is not None
    assert found.active_since == since


def test_where_two_hosts_know_a_vm_the_order_of_looks_is_news() -> None:
    twin = but(settled(owned()), elsewhere=(copy_elsewhere(power=PowerState.STOPPED),))
    settled_twin = but(twin, here=written(twin))
    found = written(settled_twin)
    assert found is not None
    assert found.asked_after == INTAKE - 1


def test_a_home_that_lacks_its_vm_says_so_once() -> None:
    lacking = but(owned(), seen=None, completeness=Completeness.PARTIAL, absent=(VM,))
    found = written(lacking)
    assert found is not None
    assert found == sighting(
        absent=True,
        absence_confirmed=True,
        complete_reports=0,
        active_since=0,
        taken_in=INTAKE,
        asked_after=INTAKE - 1,
    )
    assert written(but(lacking, here=found)) is None


def test_that_a_home_lacks_its_vm_is_no_confirmation_that_it_is_gone() -> None:
    lacking = but(owned(), seen=None, elsewhere=(copy_elsewhere(),))
    found = written(lacking)
    assert found is not None
    assert (found.absent, found.absence_confirmed) == (True, False)


@pytest.mark.parametrize(
    ("change", "news"),
    [
        ({"elsewhere": (copy_elsewhere(),)}, True),
        ({"absent": (VM,)}, True),
        ({}, False),
        ({"elsewhere": (copy_elsewhere(),), "record": None}, False),
    ],
)
def test_a_vm_that_was_never_shown_is_lacking_only_where_somebody_asks(
    change: dict[str, object], news: bool
) -> None:
    world = but(owned(), **({"seen": None, "here": None, "absent": ()} | change))
    pair = msgspec.structs.replace(owned().pair, record=world.record, here=None, seen=None)
    known = msgspec.structs.replace(pair, elsewhere=world.elsewhere)
    assert (unseen(known, world.recorded, world.report) is not None) is news


def test_a_home_that_never_showed_it_says_so_where_that_is_news() -> None:
    lacking = but(owned(), seen=None, here=None, record={"seen_at": 7.0})
    never = but(lacking, completeness=Completeness.PARTIAL, absent=(VM,))
    found = written(never)
    assert found is not None
    assert found == Sighting(
        host=HOST,
        uuid=VM,
        name="i-2-78-VM",
        power=PowerState.UNKNOWN,
        reason=PowerReason.UNKNOWN,
        mark=MarkVerdict.NONE,
        standing=Standing.OWNED,
        finding=Finding.UNCLEAR,
        why="its home does not have it",
        absent=True,
        absence_confirmed=True,
        complete_reports=0,
        taken_in=INTAKE,
        asked_after=INTAKE - 1,
        active_since=0,
        first_seen_at=7.0,
        last_seen_at=7.0,
    )


def test_a_vm_that_is_back_is_no_longer_absent() -> None:
    found = written(but(owned(), here={"absent": True}))
    assert found is not None
    assert (found.absent, found.first_seen_at) == (False, NOW)
