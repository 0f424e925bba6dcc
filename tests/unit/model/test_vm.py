"""Which VM is active: the one rule by which two copies are told from one that travels."""

from uuid import UUID

import msgspec
import pytest

from vmuster.model.ids import ClusterName, VmUuid
from vmuster.model.names import VmKind
from vmuster.model.states import DesiredState, PowerReason, PowerState, VmPhase
from vmuster.model.vm import VmObservation, VmRecord, is_active


@pytest.mark.parametrize("power", PowerState)
@pytest.mark.parametrize("reason", PowerReason)
def test_active_is_running_or_paused_for_anything_but_travel(
    power: PowerState, reason: PowerReason
) -> None:
    travelling = power is PowerState.PAUSED and reason is PowerReason.MIGRATING
    expected = power in {PowerState.RUNNING, PowerState.PAUSED} and not travelling
    assert is_active(power, reason) is expected
    seen = VmObservation(uuid=VmUuid(UUID(int=1)), name="x", power=power, reason=reason)
    assert seen.active is expected


def test_a_record_lives_until_it_is_a_tombstone() -> None:
    record = VmRecord(
        uuid=VmUuid(UUID(int=1)),
        name="i-2-5-VM",
        label="i-2-5-VM",
        kind=VmKind.USER,
        cluster=ClusterName("c"),
        host=None,
        desired=DesiredState.STOPPED,
        phase=VmPhase.STOPPED,
        power=PowerState.STOPPED,
        reason=PowerReason.UNKNOWN,
        generation=1,
        mark_generation=1,
        protected=False,
        created_at=0.0,
        changed_at=0.0,
        seen_at=0.0,
    )
    assert record.live
    assert not msgspec.structs.replace(record, removed_at=0.0).live
