"""Each bug of who decides: with it, a host is freed, or an automatic act is somebody's."""

import msgspec
import pytest

from tests.parts import CLUSTER, FLEET, KEY, NOW
from tests.probes import Probes, told_apart
from tests.worlds import but, owned, owned_stopped
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.policy import Policy
from vmuster.model.states import Drift, HostMode
from vmuster.server.passes import intake
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.deciding import DECIDING

OURS = Fleet(id=FLEET, instance="VM", created_at=0.0, key=KEY, public_keys={})
NEAR = Cluster(name=CLUSTER, policy=Policy(), created_at=0.0)


def kept_back() -> object:
    world = owned()
    host = msgspec.structs.replace(world.recorded.host, mode=HostMode.OBSERVE)
    recorded = msgspec.structs.replace(world.recorded, host=host)
    plan = msgspec.structs.replace(world.plan(), host=host, host_after=host)
    written = intake.changes_of(plan, recorded, OURS, NEAR, NOW).writes
    return [row.after.mode for row in written if isinstance(row.after, Host)]


def signed() -> object:
    command = but(owned_stopped(), policy=Policy(drift=Drift.ENFORCE)).decision().command
    assert command is not None
    return command.actor, command.automatic


PROBES: Probes = {
    "what-people-decided-is-lost": kept_back,
    "automation-signs-as-a-person": signed,
}


@pytest.mark.parametrize("bug", DECIDING, ids=lambda bug: bug.name)
def test_it_makes_a_difference(bug: Planted) -> None:
    assert told_apart(bug, PROBES[bug.name])
