"""Each law against the true world: broken by one thing in a case that is else in order."""

from collections.abc import Mapping

import msgspec
import pytest

from tests.unit.sim.exhaustive.test_deeds import BARE, OFF, ending, start
from tests.unit.sim.exhaustive.worlds import START, looked_at, seen, stop, unwanted
from vmuster.model.commands import StopVm
from vmuster.model.states import PowerReason, PowerState, StopMethod, VmPhase
from vmuster.sim.exhaustive import laws
from vmuster.sim.exhaustive.deeds import Order
from vmuster.sim.exhaustive.intake import Taken
from vmuster.sim.exhaustive.looks import Account, accounts
from vmuster.sim.exhaustive.setting import HOSTS, OURS, RECORD, STRANGER
from vmuster.sim.exhaustive.state import Pair, Shown, State, first
from vmuster.sim.exhaustive.truth import ActedOn, Alias, Truth, beginning

STATE = first(ActedOn.OURS)
RUNS, RESTS = accounts(START, 0)[0], accounts(OFF, 0)[0]
GONE = Account(completeness=RUNS.completeness, vms=RUNS.vms[1:])


def broken(
    taken: Taken,
    account: Account,
    *,
    shown: Shown = Shown.NO,
    ran: Pair = (False, False),
    state: State = STATE,
) -> list[str]:
    """The laws that a pass over a look at the first host breaks."""
    seen_there = msgspec.structs.replace(state, shown=(Shown.NO, shown))
    return [law[:2] for law in laws.of_pass(seen_there, 0, account, ran, taken)]


def ordering(order: Order, **changes: object) -> Taken:
    """A pass that changes nothing and orders this."""
    command = msgspec.structs.replace(order.command, **changes)
    return Taken(known=seen(), before=seen(), commands=(command,))


def recording(before: Mapping[str, object], after: Mapping[str, object]) -> Taken:
    """A pass that changes the record."""
    was, now = (msgspec.structs.replace(RECORD, **part) for part in (before, after))
    known = seen()
    return Taken(
        known=msgspec.structs.replace(known, record=now),
        before=msgspec.structs.replace(known, record=was),
    )


STRANGERS = accounts(beginning(ActedOn.STRANGER), 0)[0]
UNMARKED = accounts(BARE, 0)[0]


def test_what_is_in_order_breaks_nothing() -> None:
    assert broken(unwanted(), RUNS) == []
    assert broken(looked_at(seen(), OFF), RESTS) == []
    assert broken(ordering(ending()), STRANGERS) == []


@pytest.mark.parametrize(
    ("taken", "account", "law"),
    [
        (ordering(stop(), host=HOSTS[1]), RUNS, "L1"),
        (ordering(stop()), GONE, "L1"),
        (ordering(stop()), UNMARKED, "L1"),
        (ordering(ending()), RUNS, "L1"),
        (ordering(stop(), vm=STRANGER), STRANGERS, "L1"),
        (msgspec.structs.replace(unwanted(), breaches=("L9: a record",)), RUNS, "L9"),
    ],
)
def test_an_order_about_what_is_not_ours(taken: Taken, account: Account, law: str) -> None:
    assert broken(taken, account) == [law]


@pytest.mark.parametrize(
    ("shown", "ran", "found"),
    [
        (Shown.NO, (False, False), []),
        (Shown.LEFT, (False, False), ["L2"]),
        (Shown.BARE, (False, False), ["L2"]),
        (Shown.MARKED, (False, True), ["L2"]),
        (Shown.NO, (True, False), ["L2"]),
    ],
)
def test_a_start_beside_a_run_that_could_be_known(
    shown: Shown, ran: Pair, found: list[str]
) -> None:
    assert broken(ordering(start()), RESTS, shown=shown, ran=ran) == found


@pytest.mark.parametrize("shown", Shown)
def test_one_of_two_running_copies_is_not_stopped(shown: Shown) -> None:
    found = ["L1"] if shown is Shown.MARKED else []
    assert broken(ordering(stop()), RUNS, shown=shown) == found


STOPPED = {"phase": VmPhase.STOPPED, "power": PowerState.STOPPED}
MISSING = {"phase": VmPhase.MISSING}
HERE, THERE = (True, False), (False, True)


@pytest.mark.parametrize(
    ("taken", "account", "ran", "shown", "law"),
    [
        (recording({}, STOPPED), RESTS, HERE, Shown.NO, ["L6"]),
        (recording({}, STOPPED), RESTS, (False, False), Shown.NO, []),
        (recording({}, {"power": PowerState.STOPPED}), RESTS, HERE, Shown.NO, ["L6"]),
        (recording(STOPPED, STOPPED), RESTS, HERE, Shown.NO, []),
        (recording({}, MISSING), GONE, HERE, Shown.NO, ["L6"]),
        (recording({}, MISSING), GONE, THERE, Shown.NO, []),
        (recording({}, MISSING), GONE, THERE, Shown.LEFT, ["L6"]),
        (recording({}, MISSING), GONE, THERE, Shown.BARE, ["L6"]),
        (recording({}, MISSING), GONE, THERE, Shown.MARKED, ["L6"]),
        (recording({}, STOPPED), RESTS, THERE, Shown.MARKED, ["L6"]),
        (recording({}, STOPPED), RESTS, THERE, Shown.LEFT, []),
        (recording({}, {"phase": VmPhase.STOPPED}), GONE, HERE, Shown.NO, []),
        (recording({"host": HOSTS[1]}, {}), RUNS, THERE, Shown.MARKED, ["L7"]),
        (recording({"host": HOSTS[1]}, {}), RUNS, THERE, Shown.LEFT, []),
    ],
)
def test_a_record_is_true(
    taken: Taken, account: Account, ran: Pair, shown: Shown, law: list[str]
) -> None:
    assert broken(taken, account, shown=shown, ran=ran) == law


@pytest.mark.parametrize("ran", [THERE, (False, False)])
def test_what_left_by_a_migration_and_runs_has_not_stopped(ran: Pair) -> None:
    left = msgspec.structs.replace(RESTS.vms[0], reason=PowerReason.MIGRATED)
    account = msgspec.structs.replace(RESTS, vms=(left, RESTS.vms[1]))
    assert broken(recording({}, STOPPED), account, ran=ran) == (["L6"] if ran == THERE else [])


def done(order: Order, truth: Truth, **changes: object) -> list[str]:
    command = msgspec.structs.replace(order.command, **changes)
    return [law[:2] for law in laws.of_deed(Order(command=command), truth)]


LOOKALIKE = beginning(ActedOn.STRANGER)
CLONE = msgspec.structs.replace(LOOKALIKE, alias=Alias.CLONE)


@pytest.mark.parametrize(
    ("order", "truth", "changes", "found"),
    [
        (stop(), START, {}, []),
        (stop(), BARE, {}, ["L1"]),
        (start(), OFF, {}, []),
        (start(), START, {}, ["L2"]),
        (start(), OFF, {"vm": STRANGER}, ["L1"]),
        (start(), BARE, {}, ["L2", "L1"]),
        (ending(), LOOKALIKE, {}, []),
        (ending(), CLONE, {}, ["L1"]),
        (ending(), LOOKALIKE, {"method": StopMethod.FORCE}, ["L1"]),
    ],
)
def test_a_deed_is_judged_by_what_is_true(
    order: Order, truth: Truth, changes: dict[str, object], found: list[str]
) -> None:
    assert done(order, truth, **changes) == found
    assert isinstance(stop().command, StopVm)
    assert order.command.vm in (OURS, STRANGER)
