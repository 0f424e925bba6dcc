"""The table of modes, against the plan's own table, cell by cell."""

import pytest

from vmuster.model.modes import ALLOWED, allows
from vmuster.model.states import Act, HostMode

EXPECTED = {
    #               observe manage cordoned maintenance
    Act.LOOK: "yes yes yes yes",
    Act.ADOPT: "no yes yes no",
    Act.RELEASE: "no yes yes yes",
    Act.START: "no yes yes no",
    Act.STOP: "no yes yes yes",
    Act.AUTOMATIC: "no yes no no",
}


def test_the_table_is_total() -> None:
    assert set(ALLOWED) == set(Act) == set(EXPECTED)


@pytest.mark.parametrize("act", Act)
def test_each_act_in_each_mode(act: Act) -> None:
    answers = dict(zip(HostMode, EXPECTED[act].split(), strict=True))
    assert {mode: allows(mode, act) for mode in HostMode} == {
        mode: answer == "yes" for mode, answer in answers.items()
    }
