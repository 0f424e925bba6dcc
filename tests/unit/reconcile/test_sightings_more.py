"""When a sighting is forgotten, and when it is kept."""

from uuid import UUID

import msgspec
import pytest

from tests.parts import HOST, NOW, OTHER, VM, copy_elsewhere
from tests.worlds import World, alien, but, ghost, orphan, owned, owned_stopped, settled, written
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.plan import LookWish, Plan
from vmuster.model.states import (
    Completeness,
    Drift,
    MarkVerdict,
)
from vmuster.model.vm import Sighting
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.sightings import seen


def test_a_stranger_that_is_gone_is_forgotten() -> None:
    gone = but(alien(), seen=None, completeness=Completeness.PARTIAL, absent=(VM,))
    assert gone.plan().gone == (VM,)
    assert gone.plan().sightings == ()


AWAY = but(owned(), seen=None, record={"host": OTHER})
"""A VM of ours that was seen here, away from its home; a whole look lacks it now."""
BESIDE = alien()


def lacking(world: World) -> Plan:
    """The pass over `world` in which the host shows some other VM, and not this one."""
    other = msgspec.structs.replace(BESIDE.report.vms[0], uuid=VmUuid(UUID(int=99)))
    return reconcile(
        world.recorded,
        msgspec.structs.replace(world.report, vms=(other,)),
        world.policy,
        world.now,
    )


def of_the_vm(plan: Plan) -> list[Sighting]:
    return [found for found in plan.sightings if found.uuid == VM]


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
