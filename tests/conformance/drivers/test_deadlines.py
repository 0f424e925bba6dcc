"""Every call of the port beside every fault: in time, in plain words, and well again afterwards.

Each call has a driver of its own, so that none of them is held up by another; they are all made at
once, and all must be back when the deadline is over.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from tests.conformance.drivers.rigs import (
    MARK,
    Rig,
    leave_to_mark,
    leave_to_start,
    leave_to_stop,
    leave_to_unmark,
    seen,
    until,
)
from vmuster.model.ids import VmUuid
from vmuster.model.permits import (
    LiveVm,
    MarkPermit,
    StartPermit,
    StopPermit,
    UnmarkPermit,
)
from vmuster.model.states import Completeness, PowerState, StopMethod
from vmuster.ports.driver import Bell, Driver, DriverError, StillHangs

pytestmark = pytest.mark.anyio

CALL_SECONDS = 4.0
"""Long enough for a healthy daemon, even where the machine stands still for a while."""
SLACK_SECONDS = 5.0

P = TypeVar("P", StopPermit, StartPermit, MarkPermit, UnmarkPermit)
Leave = Callable[[LiveVm], P]
Call = Callable[[Driver, VmUuid], Awaitable[object]]
Act = Callable[[Driver, VmUuid, Callable[[LiveVm], None]], Awaitable[object]]
"""An act on a VM; the last argument is called with the live VM, just before the deed."""


def _stop(method: StopMethod) -> Act:
    return lambda driver, vm, first: driver.stop_vm(vm, _after(first, leave_to_stop(vm, method)))


def _after(first: Callable[[LiveVm], None], leave: Leave[P]) -> Leave[P]:
    def judge(live: LiveVm) -> P:
        first(live)
        return leave(live)

    return judge


ACTS: dict[str, Act] = {
    "shutdown": _stop(StopMethod.SHUTDOWN),
    "force": _stop(StopMethod.FORCE),
    "save": _stop(StopMethod.SAVE),
    "start": lambda driver, vm, first: driver.start_vm(vm, _after(first, leave_to_start(vm))),
    "mark": lambda driver, vm, first: driver.write_mark(vm, _after(first, leave_to_mark(vm))),
    "unmark": lambda driver, vm, first: driver.erase_mark(vm, _after(first, leave_to_unmark(vm))),
}
LOOKS: dict[str, Call] = {
    "open": lambda driver, _vm: driver.open(read_only=False),
    "ping": lambda driver, _vm: driver.ping(),
    "list": lambda driver, _vm: driver.list_vms(),
    "look": lambda driver, vm: driver.look([vm]),
}


def nothing(_live: LiveVm) -> None:
    pass


def _plainly(act: Act) -> Call:
    return lambda driver, vm: act(driver, vm, nothing)


CALLS: dict[str, Call] = LOOKS | {name: _plainly(act) for name, act in ACTS.items()}


class Fleet:
    """A driver for each call, all of one host, and one that only listens."""

    def __init__(self, rig: Rig) -> None:
        self.drivers = {name: rig.driver(call_seconds=CALL_SECONDS) for name in CALLS}
        self.listener = rig.driver(call_seconds=CALL_SECONDS)

    @property
    def all(self) -> list[Driver]:
        return [*self.drivers.values(), self.listener]

    async def open(self) -> None:
        for driver in self.all:
            _ = await driver.open(read_only=False)
            await driver.ping()

    async def try_all(self, vm: VmUuid) -> dict[str, DriverError | None]:
        """What became of each call, all made at once; asserts that each came back in time."""
        results = await asyncio.gather(*(self._try(name, vm) for name in CALLS))
        return dict(zip(CALLS, results, strict=True))

    async def _try(self, name: str, vm: VmUuid) -> DriverError | None:
        began = time.monotonic()
        try:
            _ = await CALLS[name](self.drivers[name], vm)
        except DriverError as error:
            return error
        finally:
            assert time.monotonic() - began < CALL_SECONDS + SLACK_SECONDS, f"{name} was late"
        return None

    async def close(self) -> None:
        began = time.monotonic()
        _ = await asyncio.gather(*(driver.close() for driver in self.all))
        assert time.monotonic() - began < 1.0 + SLACK_SECONDS

    async def is_well(self, vm: VmUuid) -> None:
        """Each driver does all of its work again, once it is opened anew."""
        for driver in self.all:
            await driver.ping()
            _ = await driver.open(read_only=False)
            assert (await driver.list_vms()).completeness is Completeness.COMPLETE
            assert (await seen(driver, vm)).power is PowerState.RUNNING


def flags(errors: dict[str, DriverError | None]) -> dict[str, tuple[bool, bool] | None]:
    """Of each call: whether its error is `broken` and `unknown`."""
    return {
        name: None if error is None else (error.broken, error.unknown)
        for name, error in errors.items()
    }


async def test_a_hung_daemon(rig: Rig) -> None:
    """Connections are given up; an act's own is not the driver's, and nothing was begun on it."""
    vm, fleet = rig.define(running=True), Fleet(rig)
    await fleet.open()
    bell = asyncio.ensure_future(fleet.listener.next_bell())
    rig.freeze_daemon()
    errors = await fleet.try_all(vm)
    assert flags(errors) == dict.fromkeys(LOOKS, (True, False)) | dict.fromkeys(
        ACTS, (False, False)
    )
    assert {str(error).split(" within")[0] for error in errors.values()} <= {
        "no answer",
        "no answer in time",
    }
    again = await fleet.try_all(vm)
    assert all(again.values()), "a second try meets the same, and is as quick"
    assert not bell.done()
    _ = bell.cancel()
    await fleet.close()
    rig.thaw_daemon()
    await fleet.is_well(vm)
    await fleet.close()


async def test_a_dead_daemon(rig: Rig) -> None:
    vm, fleet = rig.define(running=True), Fleet(rig)
    process = rig.process(vm)
    await fleet.open()
    bell = asyncio.ensure_future(fleet.listener.next_bell())
    rig.kill_daemon()
    errors = await fleet.try_all(vm)
    assert flags(errors) == dict.fromkeys(CALLS, (True, False))
    assert await asyncio.wait_for(bell, 20) == Bell()
    rig.start_daemon()
    await fleet.is_well(vm)
    assert rig.process(vm) == process
    await fleet.close()


async def test_a_hung_guest(rig: Rig) -> None:
    """What needs the guest's process ends in the unknown; all else goes on, on the same VM too."""
    vms = {name: rig.define(running=True) for name in ("shutdown", "save", "start", "mark")}
    fleet = Fleet(rig)
    await fleet.open()
    for vm in vms.values():
        rig.freeze_vm(vm)
    began = time.monotonic()
    for name, call in LOOKS.items():
        _ = await call(fleet.drivers[name], vms["mark"])
    driver = fleet.drivers["list"]
    outcomes = await asyncio.gather(
        *(ACTS[name](driver, vm, nothing) for name, vm in vms.items()), return_exceptions=True
    )
    assert time.monotonic() - began < CALL_SECONDS + SLACK_SECONDS
    hung = {name: out for name, out in zip(vms, outcomes, strict=True) if out is not None}
    assert flags({name: e if isinstance(e, DriverError) else None for name, e in hung.items()}) == {
        "shutdown": (False, True),
        "save": (False, True),
    }
    assert rig.config_mark(vms["mark"]) == MARK
    assert (await driver.list_vms()).completeness is Completeness.COMPLETE
    for vm in vms.values():
        rig.thaw_vm(vm)
    assert await until(lambda: _forced(driver, vms["shutdown"]))
    await fleet.close()


async def _forced(driver: Driver, vm: VmUuid) -> bool | None:
    with contextlib.suppress(DriverError):
        return await driver.stop_vm(vm, leave_to_stop(vm, StopMethod.FORCE)) is None
    return None


async def test_a_guest_that_was_killed(rig: Rig, driver: Driver) -> None:
    """Nothing hangs: what was to end has ended, and a start is a new run."""
    vm = rig.define(running=True)
    rig.crash(vm)

    async def crashed() -> bool | None:
        return (await seen(driver, vm)).power is PowerState.CRASHED or None

    assert await until(crashed)
    for name in ("shutdown", "force", "save", "mark", "unmark", "start"):
        assert await ACTS[name](driver, vm, nothing) is None
    assert (await seen(driver, vm)).power is PowerState.RUNNING
    await driver.ping()


@pytest.mark.parametrize("name", ACTS)
async def test_a_daemon_that_hangs_over_a_deed_leaves_its_outcome_unknown(
    rig: Rig, name: str
) -> None:
    """It is known again by a look; until the call is back, no second act is begun on the VM."""
    vm, other = rig.define(running=name != "start"), rig.define()
    driver = rig.driver(call_seconds=CALL_SECONDS)
    _ = await driver.open(read_only=False)
    if name == "unmark":
        _ = await driver.write_mark(vm, leave_to_mark(vm))
    with pytest.raises(DriverError) as error:
        _ = await ACTS[name](driver, vm, lambda _live: rig.freeze_daemon())
    assert (error.value.unknown, error.value.broken) == (True, False)
    for again in ("force", name):
        with pytest.raises(StillHangs, match="still hangs, and may be done yet") as refused:
            _ = await ACTS[again](driver, vm, nothing)
        assert not refused.value.unknown
    rig.thaw_daemon()
    _ = await driver.open(read_only=False)
    assert (await seen(driver, vm)).uuid == vm
    assert await driver.write_mark(other, leave_to_mark(other)) is None

    async def done() -> bool | None:
        with contextlib.suppress(DriverError):
            return await ACTS[name](driver, vm, nothing) is None
        return None

    assert await until(done), "asked for a second time, it is done or has been done"
    await driver.close()


@pytest.mark.parametrize("name", ["force", "start"])
async def test_a_daemon_that_dies_over_a_deed_leaves_its_outcome_unknown(
    rig: Rig, driver: Driver, name: str
) -> None:
    vm = rig.define(running=name != "start")
    with pytest.raises(DriverError) as error:
        _ = await ACTS[name](driver, vm, lambda _live: rig.kill_daemon())
    assert (error.value.unknown, error.value.broken) == (True, True)
    rig.start_daemon()
    _ = await driver.open(read_only=False)
    assert await ACTS[name](driver, vm, nothing) is None


async def test_another_host_behind_the_address_gets_no_act(rig: Rig, driver: Driver) -> None:
    """The driver was not opened anew, and need not notice by its own connection; nor can it be
    opened there, and whoever answers there is no sign of life."""
    vm = rig.define(running=True)
    process = rig.process(vm)
    judged: list[LiveVm] = []
    rig.become_another_host()
    for call in (driver.ping(), *(act(driver, vm, judged.append) for act in ACTS.values())):
        with pytest.raises(DriverError, match="another host answers now") as error:
            _ = await call
        assert (error.value.broken, error.value.unknown) == (True, False)
    assert judged == []
    for _ in range(2):
        with pytest.raises(DriverError, match="another host answers now"):
            _ = await driver.open(read_only=False)
        with pytest.raises(DriverError, match="another host answers now"):
            await driver.ping()
    rig.become_itself()
    await driver.ping()
    assert (rig.process(vm), rig.config_mark(vm)) == (process, None)
    _ = await driver.open(read_only=False)
    assert await ACTS["mark"](driver, vm, judged.append) is None
    assert len(judged) == 1
