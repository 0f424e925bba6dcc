"""An older row is lent to the pass that had read it, and is not taken for what somebody did."""

import msgspec
import pytest

from tests import worlds
from tests.parts import HOST, NOW, OTHER, copy_elsewhere, host, operation, record, sighting
from tests.recorded import given
from vmuster.model.ids import HostId
from vmuster.model.states import OperationKind
from vmuster.sim.whatif.older import OVERLAP_SECONDS, Loans, is_older
from vmuster.sim.whatif.rows import Kept, Rows, place_of

GIVEN = given(worlds.owned())
"""A pass of the host `home`."""
NEW = record(version=5)
OLD = record(version=4)
OPEN = operation(OperationKind.START, host=OTHER)


def after(row: Kept, *, by: HostId = OTHER, at: float = NOW - 1) -> Rows:
    """Rows of which a pass of a host has written one."""
    rows = Rows()
    rows.put(msgspec.structs.replace(host(), id=OTHER, name=OTHER, last_report_at=at))
    rows.put(row)
    rows.written[place_of(row)] = (by, at)
    return rows


def test_what_another_host_has_written_meanwhile_was_read_too_early() -> None:
    assert is_older(after(NEW), NEW, OLD, GIVEN)
    assert is_older(after(OPEN), OPEN, None, GIVEN)
    copy = copy_elsewhere(taken_in=90)
    assert is_older(after(copy), copy, copy_elsewhere(taken_in=89), GIVEN)
    assert is_older(after(copy), copy, None, GIVEN)


@pytest.mark.parametrize("found", [NEW, record(version=6)])
def test_what_is_as_new_is_not_older(found: Kept) -> None:
    assert not is_older(after(NEW), NEW, found, GIVEN)


def test_a_later_look_is_not_older() -> None:
    copy = copy_elsewhere(taken_in=90)
    assert not is_older(after(copy), copy, copy_elsewhere(taken_in=90), GIVEN)


def test_the_passes_of_one_host_follow_each_other() -> None:
    assert not is_older(after(NEW, by=HOST), NEW, OLD, GIVEN)
    here = sighting(taken_in=90)
    assert not is_older(after(here), here, sighting(taken_in=89), GIVEN)
    assert not is_older(after(here), here, None, GIVEN)


def test_passes_that_are_far_apart_do_not_overlap() -> None:
    long_ago = NOW - OVERLAP_SECONDS
    assert not is_older(after(NEW, at=long_ago), NEW, OLD, GIVEN)
    assert not is_older(after(OPEN, at=long_ago), OPEN, None, GIVEN)
    copy = copy_elsewhere()
    assert not is_older(after(copy, at=long_ago), copy, None, GIVEN)


def test_what_no_pass_wrote_and_no_host_said_is_not_older() -> None:
    rows = Rows()
    assert not is_older(rows, NEW, OLD, GIVEN)
    assert not is_older(rows, copy_elsewhere(), None, GIVEN)


@pytest.mark.parametrize("found", [OLD, None])
def test_what_is_lent_is_given_back(found: Kept | None) -> None:
    rows, loans = after(NEW), Loans()
    loans.lend(rows, NEW, found)
    assert rows.at(place_of(NEW)) == found
    loans.give_back()
    assert rows.at(place_of(NEW)) == NEW
    rows.drop(NEW)
    loans.give_back()
    assert rows.at(place_of(NEW)) is None


def test_what_is_otherwise_already_is_not_lent() -> None:
    supposed = record(version=2, label="another")
    rows, loans = after(supposed), Loans()
    loans.lend(rows, NEW, OLD)
    assert rows.at(place_of(NEW)) == supposed
    rows.drop(supposed)
    loans.lend(rows, NEW, OLD)
    assert rows.at(place_of(NEW)) is None


def test_a_version_alone_is_nothing_otherwise() -> None:
    rows, loans = after(record(version=2)), Loans()
    loans.lend(rows, NEW, OLD)
    assert rows.at(place_of(NEW)) == OLD


def test_what_was_written_anew_stays() -> None:
    rows, loans = after(NEW), Loans()
    loans.lend(rows, NEW, OLD)
    rows.put(record(version=5, label="written"))
    loans.give_back()
    assert rows.at(place_of(NEW)) == record(version=5, label="written")
