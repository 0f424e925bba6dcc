"""What is left out of the rows: only what no rule reads."""

import msgspec
import pytest

from tests.parts import sighting
from tests.unit.sim.exhaustive.worlds import seen, unwanted
from vmuster.model.states import MarkVerdict, PowerReason, PowerState, Standing
from vmuster.sim.exhaustive.knowledge import (
    Known,
    here,
    plain_command,
    plain_operation,
    plain_record,
    plain_sighting,
    unordered,
    with_sighting,
    worded,
)
from vmuster.sim.exhaustive.setting import NOW, OURS, RECORD, STRANGER

STRANGERS = sighting(uuid=STRANGER, standing=Standing.LOOKALIKE, mark=MarkVerdict.NONE)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"generation": 7, "version": 9, "changed_at": 5.0, "seen_at": 6.0}, True),
        ({"power": PowerState.UNKNOWN}, True),
        ({"power": PowerState.STOPPED}, False),
        ({"reason": PowerReason.GUEST}, True),
        ({"reason": PowerReason.MIGRATED}, False),
        ({"absent_reports": 1}, False),
        ({"restart_tries": 1}, False),
    ],
)
def test_a_record_keeps_what_rules_read(changes: dict[str, object], same: bool) -> None:
    after = plain_record(msgspec.structs.replace(RECORD, **changes))
    assert (after == plain_record(RECORD)) is same


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"why": "other words", "finding": "other", "name": "other"}, True),
        ({"complete_reports": 1}, True),
        ({"standing": Standing.MOVED}, True),
        ({"standing": Standing.DUPLICATE}, False),
        ({"power": PowerState.PAUSED}, True),
        ({"reason": PowerReason.MIGRATED}, True),
        ({"power": PowerState.STOPPED, "active_since": 50}, False),
        ({"power": PowerState.UNKNOWN}, False),
        ({"mark": MarkVerdict.NONE}, False),
        ({"taken_in": 51}, False),
        ({"absent": True}, False),
    ],
)
def test_a_sighting_of_ours_keeps_what_rules_read(changes: dict[str, object], same: bool) -> None:
    after = plain_sighting(sighting(uuid=OURS, **changes))
    assert (after == plain_sighting(sighting(uuid=OURS))) is same


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"reason": PowerReason.GUEST}, True),
        ({"reason": PowerReason.MIGRATED}, False),
        ({"reason": PowerReason.MIGRATED, "absent": True}, True),
        ({"reason": PowerReason.MIGRATED, "uuid": STRANGER}, True),
    ],
)
def test_of_what_is_off_it_is_kept_whether_it_left(changes: dict[str, object], same: bool) -> None:
    off = sighting(uuid=OURS, power=PowerState.STOPPED, active_since=0)
    after = msgspec.structs.replace(off, **changes)
    plain = {name: value for name, value in changes.items() if name != "reason"}
    before = msgspec.structs.replace(off, **plain)
    assert (plain_sighting(after) == plain_sighting(before)) is same


def test_of_a_stranger_no_number_is_kept_and_its_reports_where_they_count() -> None:
    plain = plain_sighting(STRANGERS)
    assert plain == plain_sighting(msgspec.structs.replace(STRANGERS, taken_in=7, active_since=8))
    fewer = msgspec.structs.replace(STRANGERS, complete_reports=1)
    assert plain != plain_sighting(fewer)
    alien = {"standing": Standing.ALIEN}
    assert plain_sighting(msgspec.structs.replace(STRANGERS, **alien)) == plain_sighting(
        msgspec.structs.replace(fewer, **alien)
    )


def test_how_it_was_is_not_asked_of_what_is_absent() -> None:
    gone = {"absent": True, "active_since": 0}
    ran = plain_sighting(sighting(uuid=OURS, **gone))
    assert ran == plain_sighting(
        sighting(uuid=OURS, power=PowerState.STOPPED, mark=MarkVerdict.NONE, **gone)
    )


def test_words_are_put_in_again_and_numbers_stay() -> None:
    said = sighting(uuid=OURS, taken_in=9, asked_after=9, active_since=9)
    plain = plain_sighting(sighting(uuid=OURS))
    again = worded(plain, said)
    assert plain_sighting(again) == plain
    assert again.why == said.why
    assert unordered(again) == unordered(said)


@pytest.mark.parametrize(("deadline_at", "over"), [(NOW - 1, True), (NOW, True), (NOW + 1, False)])
def test_of_a_deadline_there_is_left_whether_it_is_over(deadline_at: float, over: bool) -> None:
    operation = unwanted().known.operation
    assert operation is not None
    after = plain_operation(msgspec.structs.replace(operation, deadline_at=deadline_at, version=3))
    assert (after.deadline_at <= NOW) is over
    assert (after.version, after.command is None) == (0, False)
    without = msgspec.structs.replace(operation, command=None)
    assert plain_operation(without).command is None


def test_a_command_keeps_its_proof() -> None:
    (command,) = unwanted().commands
    later = msgspec.structs.replace(command, issued_at=5.0, valid_seconds=6.0)
    assert plain_command(later) == command


def test_a_sighting_has_its_place() -> None:
    known = with_sighting(with_sighting(seen(), 1, OURS, sighting()), 0, STRANGER, STRANGERS)
    assert [vm for vm, _ in here(known, 0)] == [OURS, STRANGER]
    assert [vm for vm, _ in here(known, 1)] == [OURS]
    assert here(with_sighting(known, 1, OURS, None), 1) == []
    assert here(Known(), 0) == []
