"""What every checker can do."""

from uuid import UUID

import msgspec

from tests.lawbench import Bench
from tests.parts import HOST, OTHER, host
from vmuster.model.host import Host
from vmuster.model.ids import HostId, HostUuid
from vmuster.sim.laws.audit import Audit
from vmuster.sim.laws.law import Violation
from vmuster.sim.world.world import World


def test_a_violation_says_which_law_and_when() -> None:
    world, found = World(1), list[Violation]()
    Audit(world, found.append).violate("so it was")
    assert found == [Violation(law="L12", at=0.0, what="so it was")]


def test_a_host_is_the_machine_with_its_uuid_whatever_its_name() -> None:
    bench = Bench(Audit)
    law, row = bench.law, bench.world.database.row(Host, HOST)
    assert row is not None
    renamed = msgspec.structs.replace(row, name=OTHER)
    assert law.machine_of(renamed) is bench.world.hosts[HOST]
    unknown = HostUuid(UUID(int=4))
    for nobody in (None, host(), msgspec.structs.replace(row, uuid=unknown)):
        assert law.machine_of(nobody) is None
    assert [law.host_named(each) for each in (HOST, HostId("gone"), None)] == [
        "home",
        "gone",
        "None",
    ]
