"""What a transaction that is being written leaves to the one that is judged meanwhile."""

import msgspec
import pytest

from tests.parts import CLUSTER, FLEET, KEY, sighting
from tests.worlds import but, owned_stopped
from vmuster.model.automation import Spent
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Cluster, Fleet
from vmuster.model.plan import Plan
from vmuster.model.policy import Policy
from vmuster.model.states import Drift
from vmuster.model.states import Standing as VmStanding
from vmuster.ports.store import HostRows
from vmuster.server.passes.standing import Standing

OURS = Fleet(id=FLEET, instance="VM", created_at=0.0, key=KEY, public_keys={}, version=5)
NEAR = Cluster(name=CLUSTER, policy=Policy(), created_at=0.0, version=5)
STARTS = but(owned_stopped(), policy=Policy(drift=Drift.ENFORCE)).plan()
SHOWS_AN_ORPHAN = Plan(host=STARTS.host, sightings=(sighting(standing=VmStanding.ORPHAN),))


def found(fleet: Fleet) -> HostRows:
    return HostRows(
        fleet=fleet,
        cluster=NEAR,
        host=STARTS.host,
        records=(),
        here=(),
        elsewhere=(),
        named=(),
        operations=(),
        orphans=0,
        spent=Spent(),
    )


def started(standing: Standing, fleet: Fleet) -> Fleet:
    """The fleet after a plan with an automatic start, which finds it so."""
    writes = (Write(before=fleet, after=fleet), Write(before=NEAR, after=NEAR))
    standing.follow(STARTS, Changes(writes=writes))
    return msgspec.structs.replace(fleet, version=fleet.version + 1)


def test_what_the_rows_do_not_show_yet_is_laid_over_them() -> None:
    standing = Standing()
    after = started(standing, OURS)
    seen = standing.onward(OURS).rows(found(OURS))
    assert (seen.fleet, seen.spent.fleet_starts, seen.spent.cluster_starts) == (after, 1, 1)
    assert seen.cluster.version == NEAR.version + 1


@pytest.mark.parametrize("later", [0, 1])
def test_what_they_show_is_not_counted_twice(later: int) -> None:
    standing = Standing()
    after = started(standing, OURS)
    there = found(msgspec.structs.replace(after, version=after.version + later))
    assert standing.onward(there.fleet).rows(there) is there


def test_what_was_left_by_the_one_before_that_is_written_by_then() -> None:
    first = Standing()
    after_first = started(first, OURS)
    second = first.onward(OURS)
    after_second = started(second, after_first)
    seen = second.onward(after_first).rows(found(after_first))
    assert (seen.fleet, seen.spent.fleet_starts) == (after_second, 1)
    idle = first.onward(OURS)
    there = found(after_first)
    assert idle.onward(after_first).rows(there) is there, "it has spent nothing of its own"


def test_an_orphan_holds_the_stops_of_the_next_whatever_its_rows_show() -> None:
    standing = Standing()
    standing.follow(SHOWS_AN_ORPHAN, Changes())
    following = standing.onward(OURS)
    assert following.rows(found(OURS)).orphans == 1
    there = found(OURS)
    assert following.onward(OURS).rows(there) is there, "by then it is written"


def test_it_holds_once_all_is_written_or_where_there_is_nothing_to_go_by() -> None:
    standing = Standing()
    assert standing.holds
    started(standing, OURS)
    assert not standing.holds
    standing.written()
    assert standing.holds
