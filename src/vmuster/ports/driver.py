"""A hypervisor, as the agent sees it, and the witness beside it.

Every call has a deadline and never blocks the event loop. An error is `DriverError`, never an
empty answer. An act on a VM takes a `judge`: the driver reads the live VM, asks the judge, and
does the deed only with the permit it gives, all within one call of one worker (L1). A judge is
plain, quick code; it may run in a worker thread.
"""

from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

import msgspec

from vmuster.model.host import HostFacts
from vmuster.model.ids import VmUuid
from vmuster.model.permits import LiveVm, MarkPermit, Refusal, StartPermit, StopPermit, UnmarkPermit
from vmuster.model.states import Completeness
from vmuster.model.vm import VmObservation


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What a look gave.

    COMPLETE: `vms` names every VM of the host. PARTIAL: it does not, and `doubts` says why in
    words; a VM that did not answer makes a listing PARTIAL, never shorter. `absent`: VMs asked
    for by uuid of which the hypervisor said "no such domain".
    """

    vms: tuple[VmObservation, ...]
    completeness: Completeness
    doubts: tuple[str, ...] = ()
    absent: tuple[VmUuid, ...] = ()


class Bell(msgspec.Struct, frozen=True, kw_only=True):
    """Something happened: look. Never news of its own. `vm` None: look at everything."""

    vm: VmUuid | None = None


class DriverError(Exception):
    """The hypervisor did not say or do what was asked.

    `unknown`: it may have done it all the same (the wait was given up, not the act). `broken`:
    the connection is gone; `open` makes a new one. `elsewhere`: another host answers where this
    one did; no `open` of this driver changes that. `late`: where the wait was given up, what the
    act itself comes to, once its call is back; it may never be.
    """

    def __init__(
        self,
        message: str,
        *,
        unknown: bool = False,
        broken: bool = False,
        elsewhere: bool = False,
        late: Awaitable[Refusal | None] | None = None,
    ) -> None:
        super().__init__(message)
        self.unknown = unknown
        self.broken = broken
        self.elsewhere = elsewhere
        self.late = late


class StillHangs(DriverError):
    """Nothing was begun on the VM: an earlier call on it hangs. `begun`: that one's deed was asked
    for, and may be done yet."""

    def __init__(self, message: str, *, begun: bool) -> None:
        super().__init__(message)
        self.begun = begun


class Driver(Protocol):
    async def open(self, *, read_only: bool) -> HostFacts:
        """Connect, or connect anew, and say which host this is. Read-only is kept by the
        hypervisor's own library, not by our care."""
        ...

    async def ping(self) -> None:
        """Ask the hypervisor for a sign of life, on a connection of its own, which no look and no
        act delays. Raises `DriverError` where it does not answer in time."""
        ...

    async def list_vms(self) -> Listing:
        """Every VM of the host, running or not. Raises `DriverError` where no list was given."""
        ...

    async def look(self, vms: Collection[VmUuid]) -> Listing:
        """These VMs alone, read back from the hypervisor: a PARTIAL listing, with `absent`."""
        ...

    async def stop_vm(
        self, vm: VmUuid, judge: Callable[[LiveVm], StopPermit | Refusal]
    ) -> Refusal | None:
        """Stop as the permit says. SHUTDOWN only asks the guest and returns at once. SAVE that
        fails, or that is not possible, leaves the VM running and raises `DriverError`."""
        ...

    async def start_vm(
        self, vm: VmUuid, judge: Callable[[LiveVm], StartPermit | Refusal]
    ) -> Refusal | None:
        """Start a VM that is there (a saved one continues)."""
        ...

    async def write_mark(
        self, vm: VmUuid, judge: Callable[[LiveVm], MarkPermit | Refusal]
    ) -> Refusal | None:
        """Write the permit's mark, live and config, and read it back. Nothing else changes."""
        ...

    async def erase_mark(
        self, vm: VmUuid, judge: Callable[[LiveVm], UnmarkPermit | Refusal]
    ) -> Refusal | None:
        """Take our mark out, live and config, and nothing else. Done already is done."""
        ...

    async def next_bell(self) -> Bell:
        """The next bell. A lost connection rings for everything. Bells that nobody hears in time
        are merged into one for everything; they never pile up (L10)."""
        ...

    async def close(self) -> None:
        """Let go of the hypervisor. No VM changes state by it (L11)."""
        ...


class Witness(Protocol):
    """A second opinion, from outside the hypervisor's library: does a process of a VM live?"""

    @property
    def answer_seconds(self) -> float:
        """The longest that its answer is worth waiting for."""
        ...

    def holds(self, vm: VmUuid) -> bool | None:
        """Whether a process holds this VM; None where there is no way to tell."""
        ...

    def held(self) -> frozenset[VmUuid] | None:
        """The VMs that a process holds; None where there is no way to tell. May block."""
        ...

    def process(self, vm: VmUuid) -> str:
        """Which process holds this VM, by a name that no other one on any host ever has; empty
        where there is no way to tell, or more than one does."""
        ...

    def strange(self) -> frozenset[VmUuid]:
        """Of those, the VMs whose processes are known to be of another hypervisor on the same
        machine. May block."""
        ...

    def alive(self) -> bool | None:
        """Whether the host itself lives, be its hypervisor hung; None where there is no way to
        tell. May block."""
        ...
