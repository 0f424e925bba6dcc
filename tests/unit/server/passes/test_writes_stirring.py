"""What a plan writes stirs others, or lets its VMs rest."""

import pytest

from tests.parts import CLUSTER, FLEET, HOST, KEY, NOW, OTHER, VM
from tests.worlds import World, but, duplicate, moved, owned, settled
from vmuster.model.host import Cluster, Fleet
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.policy import Policy
from vmuster.model.states import Completeness
from vmuster.server.passes.writes import changes_of

FLEET_ROW = Fleet(id=FLEET, instance="VM", created_at=0.0, key=KEY, public_keys={})
CLUSTER_ROW = Cluster(name=CLUSTER, policy=Policy(), created_at=0.0)


@pytest.mark.parametrize(
    ("world", "stirs"),
    [
        (moved(), ((OTHER, VM),)),
        (but(moved(), elsewhere=()), ((OTHER, VM),)),
        (duplicate(), ((OTHER, VM),)),
        (but(duplicate(), seen=None, here={"absent": True}), ((OTHER, VM),)),
        (but(owned(), policy=Policy(seen_before_stop=9)), ()),
    ],
    ids=[
        "seen and at home elsewhere",
        "at home there",
        "seen there",
        "not seen here",
        "here alone",
    ],
)
def test_what_is_written_of_a_vm_stirs_the_hosts_that_know_it(
    world: World, stirs: tuple[tuple[HostId, VmUuid], ...]
) -> None:
    changes = changes_of(world.plan(), world.recorded, FLEET_ROW, CLUSTER_ROW, NOW)
    assert changes.sightings
    assert changes.stirs == stirs


@pytest.mark.parametrize(
    ("here", "rests"),
    [
        ({"why": "it was started"}, frozenset({(HOST, VM)})),
        ({"complete_reports": 1}, frozenset[tuple[HostId, VmUuid]]()),
    ],
    ids=["words alone are new", "it is still counted"],
)
def test_a_vm_rests_though_its_sighting_is_written_where_that_is_the_last_word(
    here: dict[str, object], rests: frozenset[tuple[HostId, VmUuid]]
) -> None:
    world = but(settled(owned()), here=here)
    changes = changes_of(world.plan(), world.recorded, FLEET_ROW, CLUSTER_ROW, NOW)
    assert changes.sightings
    assert changes.rests == rests


def test_after_a_partial_account_nothing_rests() -> None:
    known = but(settled(owned()), here={"why": "it was started"})
    world = but(known, completeness=Completeness.PARTIAL)
    changes = changes_of(world.plan(), world.recorded, FLEET_ROW, CLUSTER_ROW, NOW)
    assert changes.sightings
    assert not changes.rests
