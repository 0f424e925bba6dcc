"""A VM at rest is one about which the core has nothing more to say, whichever state it is in."""

from uuid import UUID

import pytest

from bench import resting
from vmuster.model.host import Fleet
from vmuster.model.ids import FleetId, HostId, VmUuid
from vmuster.model.mark import write_mark
from vmuster.model.states import DesiredState, Finding, HostHealth, HostMode, PowerState, Standing

FLEET = Fleet(
    id=FleetId(UUID(int=7)),
    instance="VM",
    created_at=0.0,
    key=resting.signer().key,
    public_keys={},
)
OTHER = VmUuid(UUID(int=9))


@pytest.mark.parametrize(
    ("power", "desired"),
    [
        (PowerState.RUNNING, DesiredState.RUNNING),
        (PowerState.STOPPED, DesiredState.STOPPED),
    ],
)
def test_it_is_ours_and_as_it_should_be(power: PowerState, desired: DesiredState) -> None:
    record, sighting = resting.at_rest(power, FLEET, 100.0)
    assert (record.power, record.desired) == (power, desired)
    assert (sighting.standing, sighting.finding) == (Standing.OWNED, Finding.IN_SYNC)
    assert sighting.complete_reports == resting.POLICY.seen_before_stop


def test_another_one_is_like_it() -> None:
    pattern = resting.at_rest(PowerState.RUNNING, FLEET, 100.0)
    mark = write_mark(resting.signer().mark(FLEET.id, OTHER, 1))
    record, sighting = resting.like(pattern, HostId("h00003"), OTHER, "i-2-3-VM", mark)
    assert (record.uuid, record.name, record.host) == (OTHER, "i-2-3-VM", "h00003")
    assert (sighting.uuid, sighting.name, sighting.host) == (OTHER, "i-2-3-VM", "h00003")
    assert resting.shown(sighting).mark == mark


def test_a_host_is_up_and_managed() -> None:
    host = resting.host_row(3, 50, 100.0)
    assert (host.health, host.mode, host.vms_seen) == (HostHealth.UP, HostMode.MANAGE, 50)
    assert host.uuid == resting.facts(3).uuid
    assert host.id == resting.host_id(3)
