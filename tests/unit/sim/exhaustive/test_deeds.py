"""An order meets the live VM: the shipped guard judges it, and what it permits is done."""

import msgspec
import pytest

from tests.unit.sim.exhaustive.worlds import START, looked_at, seen, stop
from vmuster.agent import guard
from vmuster.model.commands import StartVm, StopVm
from vmuster.model.states import ProofKind
from vmuster.sim.exhaustive.deeds import Guards, Order, carried_out
from vmuster.sim.exhaustive.knowledge import Known
from vmuster.sim.exhaustive.setting import STRANGER
from vmuster.sim.exhaustive.truth import (
    ENDED,
    NOWHERE,
    SAVED,
    UNEXPLAINED,
    ActedOn,
    Domain,
    Place,
    beginning,
    placed,
    powered,
)

OFF = powered(START, 0, ENDED)
BARE = placed(START, 0, Place(domain=Domain(power=START.stranger, marked=False), process=True))


def start() -> Order:
    """The order that follows where our VM was stopped by hand."""
    (command,) = looked_at(seen(), OFF).commands
    assert isinstance(command, StartVm)
    return Order(command=command)


def ending() -> Order:
    """The order that a stranger with a name of ours is saved to disk."""
    (command,) = looked_at(Known(), beginning(ActedOn.STRANGER)).commands
    assert command.vm == STRANGER
    return Order(command=command)


def test_a_good_order_is_carried_out() -> None:
    assert Guards().refusal(stop(), START) == ""
    assert carried_out(stop(), START) == OFF
    assert Guards().refusal(start(), OFF) == ""
    assert carried_out(start(), OFF) == START
    there = beginning(ActedOn.STRANGER)
    assert Guards().refusal(ending(), there) == ""
    assert carried_out(ending(), there).stranger == SAVED


def test_what_is_off_is_not_stopped_again() -> None:
    assert carried_out(stop(), OFF) == OFF
    off = msgspec.structs.replace(beginning(ActedOn.STRANGER), stranger=ENDED)
    assert carried_out(ending(), off) == off


def test_the_shipped_guard_refuses() -> None:
    guards = Guards()
    assert "mark" in (guards.refusal(stop(), BARE) or "")
    earlier = msgspec.structs.replace(stop(), earlier=True)
    assert "another connection" in (guards.refusal(earlier, START) or "")
    left = placed(START, 0, Place(domain=Domain(power=ENDED, marked=True), process=True))
    assert guards.refusal(start(), left) == "a process of it is running"
    lost = placed(START, 0, Place(domain=Domain(power=UNEXPLAINED, marked=True), process=True))
    assert guards.refusal(start(), lost) == "it is not plainly stopped"


@pytest.mark.parametrize(
    "truth",
    [placed(START, 0, NOWHERE), msgspec.structs.replace(START, down=(True, False))],
)
def test_where_there_is_nothing_to_act_on_nothing_is_judged(truth: object) -> None:
    assert Guards().refusal(stop(), truth) is None  # pyright: ignore[reportArgumentType]


def test_a_judgement_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    guards, order = Guards(), stop()
    assert guards.refusal(order, START) == ""
    monkeypatch.setitem(guard.STOP_CHECKS, ProofKind.RECORD, guard.STOP_CHECKS[ProofKind.NAME])
    assert Guards().refusal(order, START) != ""
    assert guards.refusal(order, START) == ""


def test_an_order_in_words() -> None:
    assert isinstance(stop().command, StopVm)
    assert stop().words == "stop_vm of i-2-78-VM on host a"
    assert stop().host == 0
