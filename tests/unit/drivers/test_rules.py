"""What every driver refuses or doubts on its own."""

from uuid import UUID

import msgspec
import pytest

from vmuster.drivers.rules import (
    confirm_empty,
    is_suspicious,
    still_hangs,
    why_not_markable,
    why_not_savable,
    why_not_startable,
)
from vmuster.model.ids import VmUuid
from vmuster.model.permits import LiveVm
from vmuster.model.states import Completeness, PowerReason, PowerState
from vmuster.model.vm import VmObservation
from vmuster.ports.driver import Listing

A, B = VmUuid(UUID(int=1)), VmUuid(UUID(int=2))
LIVE = LiveVm(
    uuid=A,
    name="a",
    power=PowerState.STOPPED,
    reason=PowerReason.UNKNOWN,
    mark=None,
    stored_mark=None,
)
SEEN = VmObservation(uuid=A, name="a", power=PowerState.RUNNING)


def test_only_what_has_both_places_takes_a_mark() -> None:
    assert why_not_markable(LIVE) == ""
    assert "saved" in why_not_markable(msgspec.structs.replace(LIVE, saved=True))
    assert "transient" in why_not_markable(msgspec.structs.replace(LIVE, transient=True))


def test_a_transient_vm_can_not_be_saved() -> None:
    assert why_not_savable(LIVE) == ""
    assert "transient" in why_not_savable(msgspec.structs.replace(LIVE, transient=True))


@pytest.mark.parametrize(
    ("power", "held", "reason"),
    [
        (PowerState.STOPPED, False, ""),
        (PowerState.STOPPED, None, ""),
        (PowerState.STOPPED, True, "a process holds it"),
        (PowerState.UNKNOWN, True, "a process holds it"),
        (PowerState.UNKNOWN, False, "nobody can tell"),
        (PowerState.UNKNOWN, None, "nobody can tell"),
        (PowerState.PAUSED, False, "paused"),
    ],
)
def test_what_may_be_started(power: PowerState, held: bool | None, reason: str) -> None:
    why = why_not_startable(msgspec.structs.replace(LIVE, power=power), held)
    assert reason in why
    assert bool(why) == bool(reason)


def test_only_a_complete_empty_list_where_vms_were_is_suspicious() -> None:
    empty = Listing(vms=(), completeness=Completeness.COMPLETE)
    assert is_suspicious(empty, {A})
    assert not is_suspicious(empty, ())
    assert not is_suspicious(msgspec.structs.replace(empty, vms=(SEEN,)), {A})
    partial = msgspec.structs.replace(empty, completeness=Completeness.PARTIAL)
    assert not is_suspicious(partial, {A})


def test_a_call_that_hangs_is_said_to_be_begun_only_where_it_is() -> None:
    assert "may be done yet" in str(still_hangs(begun=True))
    assert "may be done yet" not in str(still_hangs(begun=False))


@pytest.mark.parametrize("held", [frozenset[VmUuid](), None], ids=["none is held", "blind"])
def test_empty_is_told_where_all_are_absent_and_none_is_seen_held(
    held: frozenset[VmUuid] | None,
) -> None:
    told = confirm_empty({A, B}, [], [A, B], held)
    assert (told.completeness, told.vms, told.doubts) == (Completeness.COMPLETE, (), ())
    assert told.absent == (A, B)


def test_empty_is_doubted_where_one_is_there_or_held_or_gave_no_answer() -> None:
    known = {A, B}
    for found, absent, held in (
        ([SEEN], [B], frozenset[VmUuid]()),
        ([], [B], frozenset[VmUuid]()),
        ([], [A, B], frozenset({B})),
        ([SEEN], [B], None),
        ([], [B], None),
    ):
        listing = confirm_empty(known, found, absent, held)
        assert listing.completeness is Completeness.PARTIAL
        assert listing.doubts
        assert listing.vms == tuple(found)
