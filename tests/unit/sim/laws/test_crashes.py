"""The checker of crashes: bugs are told from what the world does."""

import asyncio

import pytest

from tests.lawbench import SERVER, Bench
from vmuster.model.errors import Unavailable
from vmuster.model.wire import BadMessage
from vmuster.ports.driver import DriverError, StillHangs
from vmuster.ports.link import LinkClosed
from vmuster.reconcile.lifecycle import IllegalTransition
from vmuster.sim.laws.crashes import Crashes, leaves

WORLDLY = [
    LinkClosed(),
    DriverError("the list failed"),
    StillHangs("it hangs", begun=True),
    OSError(28, "full"),
    ConnectionResetError(),
    TimeoutError(),
    Unavailable("not now"),
]


class Unthought(Exception):
    """An error that nobody has put on a list."""


BUGS = [
    KeyError("vm"),
    AttributeError("x"),
    AssertionError(),
    IllegalTransition("no"),
    BadMessage("cut off"),
    Unthought("of"),
]


@pytest.mark.parametrize("error", WORLDLY, ids=repr)
def test_what_the_world_does_is_no_crash(error: Exception) -> None:
    bench = Bench(Crashes)
    group = BaseExceptionGroup("unhandled errors in a TaskGroup", [error])
    bench.law.failed(SERVER, group)
    bench.law.logged(SERVER, {"event": "conversation ended", "why": repr(group)})
    bench.law.logged(SERVER, {"event": "the clock jumped", "seconds": 90.0})
    bench.law.logged(SERVER, {"event": "held", "why": "Web(1) is no error, nor is Quarantine(x=1)"})
    assert bench.broken == []


@pytest.mark.parametrize("error", BUGS, ids=repr)
def test_a_bug_is_found_wherever_it_comes_to_light(error: Exception) -> None:
    bench = Bench(Crashes)
    group = BaseExceptionGroup("unhandled errors in a TaskGroup", [LinkClosed(), error])
    bench.law.failed(SERVER, group)
    assert bench.broken == [f"{SERVER} failed: {error!r}"]
    bench.law.logged(SERVER, {"event": "conversation ended", "why": repr(group)})
    assert bench.broken[1:] == [f"{SERVER} says: conversation ended: {group!r}"]


def test_a_cancelled_task_is_no_crash() -> None:
    bench = Bench(Crashes)
    bench.law.failed(SERVER, asyncio.CancelledError())
    assert bench.broken == []


def test_groups_of_groups_have_leaves() -> None:
    one, other = KeyError(1), OSError(2)
    group = BaseExceptionGroup("outer", [BaseExceptionGroup("inner", [one]), other])
    assert list(leaves(group)) == [one, other]
