"""Two courses end otherwise where a record says another phase, wish or home."""

import pytest

from tests.parts import HOST, OTHER, host, record
from vmuster.model.states import DesiredState, VmPhase
from vmuster.sim.whatif.ends import ends
from vmuster.sim.whatif.rows import Rows


def rows(**changes: object) -> Rows:
    found = Rows()
    found.put(host())
    found.put(record(**changes))
    return found


def test_what_no_one_asks_for_is_no_difference() -> None:
    assert ends(rows(), rows(label="another", changed_at=7.0, version=3)) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [("phase", VmPhase.MISSING), ("desired", DesiredState.STOPPED), ("host", OTHER)],
)
def test_another_phase_wish_or_home_is_told(name: str, value: object) -> None:
    (end,) = ends(rows(), rows(**{name: value}))
    assert (end.vm, end.name) == (record().uuid, record().name)
    assert end.was is not None
    assert end.now is not None
    assert getattr(end.now, name) == value != getattr(end.was, name)
    assert end.was.host_name == HOST


def test_a_host_of_which_nothing_is_known_is_told_by_its_id() -> None:
    (end,) = ends(rows(), rows(host=OTHER))
    assert end.now is not None
    assert end.now.host_name == OTHER
    (end,) = ends(rows(), rows(host=None))
    assert end.now is not None
    assert end.now.host_name == ""


def test_a_record_that_is_only_in_one_of_them_is_told() -> None:
    (end,) = ends(rows(), Rows())
    assert (end.was is None, end.now) == (False, None)
    (end,) = ends(Rows(), rows())
    assert (end.was, end.now is None) == (None, False)
