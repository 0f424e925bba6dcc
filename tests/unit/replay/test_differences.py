"""Each recorded pass, decided again: the same by the same rules, and otherwise where it should."""

from collections.abc import Iterable

import msgspec
import pytest

from tests import worlds
from tests.recorded import pass_over
from tests.worlds import World, but
from vmuster.model.errors import Refused
from vmuster.model.policy import Policy
from vmuster.model.states import DesiredState, HostMode
from vmuster.reconcile.differing import Difference
from vmuster.reconcile.passed import Passed
from vmuster.reconcile.supposed import Change
from vmuster.replay.differences import compared

WORLDS = (
    *(worlds.owned(), worlds.owned_stopped(), worlds.ghost(), worlds.lookalike()),
    *(worlds.alien(), worlds.orphan(), worlds.moved(), worlds.duplicate()),
)


def differences(passes: Iterable[Passed], change: Change) -> list[Difference]:
    return [each for one in compared(passes, change) for each in one.differences]


def found(world: World | Passed, mode: HostMode | None = None, **settings: object) -> Difference:
    was = pass_over(world) if isinstance(world, World) else world
    (one,) = differences([was], Change(settings=settings, mode=mode))
    return one


def acts(one: Difference) -> tuple[str, str]:
    return (one.was.act if one.was else "none", one.now.act if one.now else "none")


def test_by_the_same_rules_nothing_differs() -> None:
    passes = [pass_over(world) for world in WORLDS]
    assert differences(passes, Change()) == []
    assert [each.decisions for each in compared(passes, Change())] == [1] * len(WORLDS)


def test_a_setting_that_was_so_already_changes_nothing() -> None:
    passes = [pass_over(worlds.lookalike())]
    change = Change(settings={"unknown_vms": "stop-by-name"}, mode=HostMode.MANAGE)
    assert differences(passes, change) == []


def test_under_enforce_a_vm_that_was_stopped_is_started_again() -> None:
    one = found(worlds.owned_stopped(), drift="enforce")
    assert one.was is not None
    assert one.now is not None
    assert (one.was.desired, one.now.desired) == (DesiredState.STOPPED, DesiredState.RUNNING)
    assert acts(one) == ("", "start_vm")
    assert one.why == one.now.why
    assert (one.at, one.host_name, one.name) == (worlds.owned().now, "home", "i-2-78-VM")


def test_a_stop_that_was_done_would_not_be_in_observe() -> None:
    assert acts(found(worlds.ghost(), HostMode.OBSERVE)) == ("stop_vm", "")


def test_with_stop_by_name_goes_the_leave_for_it() -> None:
    world = but(worlds.lookalike(), policy=Policy(), grant=None)
    assert acts(found(world, unknown_vms="stop-by-name")) == ("", "stop_vm")
    alien = but(worlds.alien(), policy=Policy(), grant=None)
    assert differences([pass_over(alien)], Change(settings={"unknown_vms": "leave"})) == []


def test_a_budget_holds_what_was_sent() -> None:
    one = found(worlds.ghost(), stops_per_pass_max=0)
    assert one.was is not None
    assert one.now is not None
    assert ((one.was.held, one.now.held), acts(one)) == ((False, True), ("stop_vm", "stop_vm"))


def test_a_quiet_time_keeps_back_what_was_sent() -> None:
    assert acts(found(worlds.ghost(), quiet_seconds=20_000)) == ("stop_vm", "")


def test_a_report_that_would_not_be_believed_now_is_told_with_the_reason() -> None:
    was = pass_over(worlds.owned())
    late = msgspec.structs.replace(was.given.report, sequence=1)
    one = found(msgspec.structs.replace(was, given=msgspec.structs.replace(was.given, report=late)))
    assert one.now is None
    assert one.refused
    assert one.why == one.refused


def test_a_setting_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="no such setting"):
        _ = differences([pass_over(worlds.owned())], Change(settings={"drfit": "enforce"}))
