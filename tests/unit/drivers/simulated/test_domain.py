"""Which mark of a VM counts: the live one while it is active, else the stored one."""

from uuid import UUID

import pytest

from tests import moments
from vmuster.drivers.simulated.domain import Domain
from vmuster.model.ids import VmUuid
from vmuster.model.states import PowerState

LIVE, STORED = moments.raw(2), moments.raw(1)


@pytest.mark.parametrize(
    ("power", "active"),
    [
        (PowerState.RUNNING, True),
        (PowerState.PAUSED, True),
        (PowerState.STOPPED, False),
        (PowerState.CRASHED, False),
        (PowerState.UNKNOWN, False),
    ],
)
def test_the_mark_that_counts(power: PowerState, active: bool) -> None:
    vm = VmUuid(UUID(int=1))
    domain = Domain(uuid=vm, name="a", power=power, live_mark=LIVE, config_mark=STORED)
    assert domain.active is active
    assert domain.mark == (LIVE if active else STORED)
