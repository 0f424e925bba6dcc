"""Which act is allowed in which mode: the design's table, said again by mode."""

import itertools

import pytest

from vmuster.model.modes import ALLOWED, allows
from vmuster.model.states import Act, HostMode

DESIGN = {
    HostMode.OBSERVE: {Act.LOOK},
    HostMode.MANAGE: set(Act),
    HostMode.CORDONED: {Act.LOOK, Act.ADOPT, Act.RELEASE, Act.START, Act.STOP},
    HostMode.MAINTENANCE: {Act.LOOK, Act.RELEASE, Act.STOP},
}


@pytest.mark.parametrize(("mode", "act"), [*itertools.product(HostMode, Act)])
def test_the_table_is_the_designs(mode: HostMode, act: Act) -> None:
    assert allows(mode, act) is (act in DESIGN[mode])


def test_the_table_is_total() -> None:
    assert set(ALLOWED) == set(Act)
