"""A past is carried through: as it was, where nothing is supposed; else from where it differs."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import structlog

from tests import worlds
from tests.parts import VM
from tests.recorded import pass_over
from tests.worlds import World, but
from vmuster.model.errors import Refused
from vmuster.model.states import DesiredState, Finding, PowerState, VmPhase
from vmuster.reconcile.differing import Compared
from vmuster.reconcile.passed import Passed
from vmuster.reconcile.supposed import Change
from vmuster.sim.whatif.course import Course

WORLDS = (
    *(worlds.owned(), worlds.owned_stopped(), worlds.ghost(), worlds.lookalike()),
    *(worlds.alien(), worlds.orphan(), worlds.moved(), worlds.duplicate()),
)
ENFORCE = Change(settings={"drift": "enforce"})


def after(world: World) -> World:
    """The same host a second later, as the pass over `world` has left it."""
    plan = world.plan()
    records = {t.before.uuid: t.after for t in plan.transitions}
    seen = {s.uuid: s for s in plan.sightings}
    assert plan.host_after is not None
    changes: dict[str, Any] = {
        "host": plan.host_after,
        "record": records.get(world.uuid, world.record),
        "here": seen.get(world.uuid, world.here),
        "sequence": world.sequence + 1,
        "now": world.now + 1.0,
    }
    return msgspec.structs.replace(world, **changes)


def stopped_twice() -> tuple[Passed, Passed]:
    """Our VM was stopped by its guest; and a second later it still was."""
    first = worlds.owned_stopped()
    return pass_over(first), pass_over(after(first))


def carried(change: Change, *passes: Passed) -> tuple[Course, list[Compared]]:
    course = Course(change)
    return course, list(course.compared(passes))


@pytest.mark.parametrize("world", WORLDS)
def test_a_past_that_was_so_is_so(world: World) -> None:
    course, (one,) = carried(Change(), pass_over(world))
    assert one == Compared(decisions=1, differences=())
    assert course.ends() == ()


def test_what_one_pass_would_have_written_the_next_one_reads() -> None:
    course, (first, second) = carried(ENFORCE, *stopped_twice())
    (started,), (waiting,) = first.differences, second.differences
    assert started.now is not None
    assert waiting.was is not None
    assert waiting.now is not None
    assert (started.now.act, started.now.desired) == ("start_vm", DesiredState.RUNNING)
    assert (waiting.was.finding, waiting.now.finding) == (Finding.IN_SYNC, Finding.IN_FLIGHT)
    (end,) = course.ends()
    assert end.was is not None
    assert end.now is not None
    wanted = (end.was.desired, end.now.desired)
    assert wanted == (DesiredState.STOPPED, DesiredState.RUNNING)


def test_as_it_was_the_next_pass_reads_what_was() -> None:
    course, found = carried(Change(), *stopped_twice())
    assert [one.differences for one in found] == [(), ()]
    assert course.ends() == ()


def test_what_a_hand_did_in_between_is_done() -> None:
    first = worlds.owned()
    asked = but(
        after(first),
        record={"desired": DesiredState.STOPPED, "generation": 4},
        seen={"power": PowerState.STOPPED},
    )
    course, found = carried(ENFORCE, pass_over(first), pass_over(asked))
    assert [one.differences for one in found] == [(), ()]
    assert course.ends() == ()


def test_passes_of_other_rules_are_no_hands() -> None:
    """Of old, a stop by the guest was recorded as a crash, of all things; today's rules are carried
    through, and what the old ones left does not come over them."""
    first, second = stopped_twice()
    (one,) = first.decided
    said = msgspec.structs.replace(one, rule="of old", phase=VmPhase.FAILED, desired=None)
    old = msgspec.structs.replace(first, decided=(said,))
    record = second.given.recorded.records[VM]
    left = msgspec.structs.replace(record, phase=VmPhase.FAILED, desired=DesiredState.RUNNING)
    recorded = msgspec.structs.replace(second.given.recorded, records={VM: left})
    later = msgspec.structs.replace(
        second, given=msgspec.structs.replace(second.given, recorded=recorded)
    )
    course, (differs, same) = carried(Change(), old, later)
    assert len(differs.differences) == 1
    assert same.differences == ()
    (end,) = course.ends()
    assert end.now is not None
    assert (end.now.phase, end.now.desired) == (VmPhase.STOPPED, DesiredState.STOPPED)


def test_a_setting_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="no such setting"):
        carried(Change(settings={"drfit": "enforce"}), pass_over(worlds.owned()))


def test_nobody_hears_what_its_server_logs(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    carried(Change(), pass_over(worlds.ghost()))
    assert capsys.readouterr() == ("", "")
    assert structlog.get_config() == before


def test_passes_are_taken_as_they_come() -> None:
    def passes() -> Iterator[Passed]:
        yield pass_over(worlds.owned())
        raise AssertionError

    assert next(Course(Change()).compared(passes())).decisions == 1
