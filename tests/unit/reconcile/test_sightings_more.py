"""When a sighting is forgotten, and when it is kept."""

from uuid import UUID

import msgspec
import pytest

from tests.parts import HOST, INTAKE, NOW, OTHER, VM, copy_elsewhere
from tests.worlds import (
    World,
    alien,
    but,
    copy_of,
    ghost,
    orphan,
    owned,
    owned_stopped,
    settled,
    together,
    written,
)
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.plan import LookWish, Plan
from vmuster.model.states import (
    Completeness,
    Drift,
    MarkVerdict,
    PowerState,
)
from vmuster.model.vm import Sighting
from vmuster.reconcile.absence import HELD
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.sightings import STRANGERS_LEFT_MAX, seen


def test_a_stranger_that_is_gone_is_forgotten() -> None:
    gone = but(alien(), seen=None, completeness=Completeness.PARTIAL, absent=(VM,))
    assert gone.plan().gone == (VM,)
    assert gone.plan().sightings == ()


@pytest.mark.parametrize("power", [PowerState.RUNNING, PowerState.UNKNOWN])
def test_a_stranger_that_ran_is_kept_until_it_is_known_that_no_process_is_left(
    power: PowerState,
) -> None:
    lost = but(alien(), seen=None, here={"power": power})
    plan = lacking(lost)
    (kept,) = of_the_vm(plan)
    assert (kept.absent, kept.absence_confirmed, plan.gone) == (True, False, ())
    assert LookWish(host=HOST, vms=(VM,)) in plan.looks
    again = lacking(but(lost, here=kept))
    assert (of_the_vm(again), again.gone) == ([], ())
    assert lacking(but(lost, here=kept, absent=(VM,))).gone == (VM,)


def test_a_stranger_that_was_off_is_forgotten_as_soon_as_it_is_lost() -> None:
    plan = lacking(but(alien(), seen=None, here={"power": PowerState.STOPPED, "active_since": 0}))
    assert (plan.gone, of_the_vm(plan)) == ((VM,), [])
    assert LookWish(host=HOST, vms=(VM,)) not in plan.looks


def test_of_strangers_that_are_lost_only_so_many_are_kept_and_the_longest_lost_go() -> None:
    """Ours are kept all the same, however long they are lost."""
    lost = [
        but(copy_of(alien(), n), here={"absent": True, "taken_in": 90 - n})
        for n in range(1, STRANGERS_LEFT_MAX + 1)
    ]
    ours = but(copy_of(orphan(), 103), here={"absent": True, "taken_in": 1})
    assert lacking_all(*lost, ours).gone == ()
    anew = [but(copy_of(alien(), n), here={"taken_in": 1}) for n in (101, 102)]
    plan = lacking_all(*lost, *anew, ours)
    assert [vm.int for vm in plan.gone] == [STRANGERS_LEFT_MAX, STRANGERS_LEFT_MAX - 1]
    written_down = {found.uuid for found in plan.sightings}
    assert {vm.int for vm in written_down} >= {101, 102}
    assert written_down.isdisjoint(plan.gone)


AWAY = but(owned(), seen=None, record={"host": OTHER})
"""A VM of ours that was seen here, away from its home; a whole look lacks it now."""
BESIDE = alien()


def lacking(world: World) -> Plan:
    """The pass over `world` in which the host shows some other VM, and not this one."""
    return lacking_all(world)


def lacking_all(*worlds: World) -> Plan:
    """The pass over all of them in which the host shows some other VM, and none of these."""
    recorded, report = together(*worlds)
    other = msgspec.structs.replace(BESIDE.report.vms[0], uuid=VmUuid(UUID(int=99)))
    report = msgspec.structs.replace(report, vms=(other,))
    return reconcile(recorded, report, worlds[0].policy, NOW)


def of_the_vm(plan: Plan) -> list[Sighting]:
    return [found for found in plan.sightings if found.uuid == VM]


@pytest.mark.parametrize("lost", [but(alien(), seen=None), AWAY], ids=["stranger", "ours"])
@pytest.mark.parametrize(
    ("before", "since"),
    [
        ({"active_since": 7}, 7),
        ({"power": PowerState.STOPPED, "active_since": 0}, INTAKE),
        ({"absent": True, "active_since": 0}, INTAKE),
    ],
    ids=["ran", "was off", "was lost"],
)
def test_what_a_process_holds_runs_whatever_was_known_of_it(
    lost: World, before: dict[str, object], since: int
) -> None:
    plan = lacking(but(lost, here=before, held=(VM,)))
    (kept,) = of_the_vm(plan)
    assert (kept.may_run, kept.absent, kept.active_since) == (True, False, since)
    assert (kept.power, kept.why, plan.gone) == (PowerState.UNKNOWN, HELD, ())
    assert LookWish(host=HOST, vms=(VM,)) not in plan.looks
    again = lacking(but(lost, here=kept, held=(VM,)))
    assert (of_the_vm(again), again.gone) == ([], ())


@pytest.mark.parametrize("home", [OTHER, None])
@pytest.mark.parametrize("mark", [MarkVerdict.OURS, MarkVerdict.NONE])
def test_a_vm_of_ours_away_from_home_is_not_forgotten_before_it_is_known_to_be_gone(
    home: HostId | None, mark: MarkVerdict
) -> None:
    away = but(AWAY, record={"host": home}, here={"mark": mark})
    plan = lacking(away)
    (kept,) = of_the_vm(plan)
    assert (kept.absent, kept.absence_confirmed, kept.active_since) == (True, False, 0)
    assert plan.gone == ()
    assert LookWish(host=HOST, vms=(VM,)) in plan.looks
    again = lacking(but(away, here=kept))
    assert (of_the_vm(again), again.gone) == ([], ())
    assert LookWish(host=HOST, vms=(VM,)) in again.looks


@pytest.mark.parametrize(
    "confirmed",
    [{"absent": (VM,)}, {"here": {"absent": True, "absence_confirmed": True}}],
    ids=["now", "before"],
)
def test_once_its_absence_is_confirmed_it_is_forgotten(confirmed: dict[str, object]) -> None:
    plan = lacking(but(AWAY, **confirmed))
    assert (plan.gone, of_the_vm(plan)) == ((VM,), [])
    assert LookWish(host=HOST, vms=(VM,)) not in plan.looks


def test_what_was_not_seen_is_no_sighting() -> None:
    world = owned()
    parts = (world.decision(), world.recorded, world.report, world.policy, NOW)
    assert seen(world.pair, *parts) is not None
    assert seen(msgspec.structs.replace(world.pair, seen=None), *parts) is None
    without = msgspec.structs.replace(world.decision(), standing=None)
    assert seen(world.pair, without, *parts[1:]) is None


def test_what_may_be_left_elsewhere_is_started_nowhere() -> None:
    (kept,) = of_the_vm(lacking(AWAY))
    enforced = but(owned_stopped(), policy={"drift": Drift.ENFORCE})
    assert len(enforced.plan().commands) == 1
    left = but(enforced, elsewhere=(msgspec.structs.replace(kept, host=OTHER),))
    assert left.plan().commands == ()
    assert "nobody confirmed" in left.decision().why


def test_at_home_the_order_of_looks_is_no_news_where_every_other_host_lacks_it() -> None:
    twin = but(settled(owned()), elsewhere=(copy_elsewhere(absent=True),))
    assert written(but(twin, here=written(twin) or twin.here)) is None


def test_what_a_stranger_left_is_evidence_against_its_start_once_it_is_ours() -> None:
    """It was adopted on this host, and had run on another that lacks it now."""
    (kept,) = of_the_vm(lacking(but(alien(), seen=None)))
    enforced = but(owned_stopped(), policy={"drift": Drift.ENFORCE})
    left = but(enforced, elsewhere=(msgspec.structs.replace(kept, host=OTHER),))
    assert left.plan().commands == ()
    assert "nobody confirmed" in left.decision().why


@pytest.mark.parametrize("world", [ghost(), orphan()])
def test_one_of_ours_without_a_live_record_is_kept_until_it_is_known_to_be_gone(
    world: World,
) -> None:
    marked = but(world, seen=None, here={"mark": MarkVerdict.OURS})
    plan = lacking(marked)
    (kept,) = of_the_vm(plan)
    assert (kept.absent, kept.absence_confirmed, plan.gone) == (True, False, ())
    assert LookWish(host=HOST, vms=(VM,)) in plan.looks
    assert lacking(but(marked, here=kept, absent=(VM,))).gone == (VM,)
