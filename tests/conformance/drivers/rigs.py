"""What the suite needs of a world: a driver, and hands that act past it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar
from uuid import uuid4

from vmuster.model.ids import VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.permits import LiveVm, MarkPermit, Refusal, StartPermit, StopPermit, UnmarkPermit
from vmuster.model.states import StopMethod
from vmuster.model.vm import VmObservation
from vmuster.ports.driver import Driver

T = TypeVar("T")

MARK = RawMark(fleet="f" * 8, vm="v" * 8, generation="1", key="k" * 8, signature="ab" * 64)
"""A mark by its form; drivers neither know nor care whether it is true."""
OTHER_MARK = RawMark(fleet="f" * 8, vm="v" * 8, generation="2", key="k" * 8, signature="cd" * 64)


class Rig(Protocol):
    """One host of one world, fresh for each test."""

    def driver(self, *, call_seconds: float = 15.0) -> Driver:
        """A driver for this host; the rig closes it."""
        ...

    def neighbour(self) -> Driver:
        """A driver for another host of the same world."""
        ...

    # Hands.
    def define(
        self,
        *,
        vm: VmUuid | None = None,
        name: str = "",
        running: bool = False,
        deaf: bool = False,
    ) -> VmUuid: ...
    def start(self, vm: VmUuid) -> None: ...
    def destroy(self, vm: VmUuid) -> None: ...
    def guest_shutdown(self, vm: VmUuid) -> None: ...
    def crash(self, vm: VmUuid) -> None: ...
    def pause(self, vm: VmUuid) -> None: ...
    def save(self, vm: VmUuid) -> None: ...
    def rename(self, vm: VmUuid, name: str) -> None: ...
    def redefine(self, vm: VmUuid) -> None: ...
    def clone(self, vm: VmUuid) -> VmUuid: ...
    def undefine(self, vm: VmUuid) -> None: ...

    def move(self, vm: VmUuid) -> None:
        """Migrate a running VM to the neighbour, alive; nothing of it stays."""
        ...

    # What is truly there.
    def live_mark(self, vm: VmUuid) -> RawMark | None: ...
    def config_mark(self, vm: VmUuid) -> RawMark | None: ...
    def process(self, vm: VmUuid) -> int | None:
        """A number for the VM's process that changes when it is a new one; None: there is none."""
        ...

    def rest_of(self, vm: VmUuid) -> list[str]:
        """All that the hypervisor keeps of a VM, live and config, but its metadata."""
        ...

    # Faults.
    def kill_daemon(self) -> None: ...
    def start_daemon(self) -> None: ...
    def freeze_daemon(self) -> None: ...
    def thaw_daemon(self) -> None: ...
    def freeze_vm(self, vm: VmUuid) -> None: ...
    def thaw_vm(self, vm: VmUuid) -> None: ...
    def forget_state(self) -> None:
        """The daemon, started anew, lists nothing; processes run on."""
        ...

    def become_another_host(self) -> None:
        """The same address leads to a host with another uuid, and with VMs of the same uuids."""
        ...

    def become_itself(self) -> None:
        """The address leads here again."""
        ...


async def until(ask: Callable[[], Awaitable[T | None]], seconds: float = 15.0) -> T:
    """What `ask` gives as soon as it gives something."""
    deadline = time.monotonic() + seconds
    while (answer := await ask()) is None:
        assert time.monotonic() < deadline, "it never came to pass"
        await asyncio.sleep(0.02)
    return answer


async def seen(driver: Driver, vm: VmUuid) -> VmObservation:
    """One VM, read back."""
    listing = await driver.look([vm])
    assert listing.absent == ()
    assert listing.doubts == ()
    return listing.vms[0]


async def live(driver: Driver, vm: VmUuid) -> LiveVm:
    """One VM as a judge sees it."""
    shown: list[LiveVm] = []

    def judge(live: LiveVm) -> Refusal:
        shown.append(live)
        return Refusal(reason="only looking")

    _ = await driver.stop_vm(vm, judge)
    return shown[0]


def leave_to_stop(vm: VmUuid, method: StopMethod) -> Callable[[LiveVm], StopPermit]:
    return lambda _live: StopPermit(vm=vm, method=method)


def leave_to_start(vm: VmUuid) -> Callable[[LiveVm], StartPermit]:
    return lambda _live: StartPermit(vm=vm)


def leave_to_mark(vm: VmUuid, mark: RawMark = MARK) -> Callable[[LiveVm], MarkPermit]:
    return lambda _live: MarkPermit(vm=vm, mark=mark)


def leave_to_unmark(vm: VmUuid) -> Callable[[LiveVm], UnmarkPermit]:
    return lambda _live: UnmarkPermit(vm=vm)


def fresh() -> VmUuid:
    return VmUuid(uuid4())
