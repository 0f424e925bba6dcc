"""The libvirt driver of one host.

Looks have a worker, and so have pings, and each VM that is acted on: neither a save of minutes nor
a frozen VM delays a roll call, and none of them a sign of life. The host that answers first is the
only one that a driver speaks for, over whichever of its connections.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from functools import cache, partial
from itertools import count
from typing import Final, TypeVar

import libvirt

from vmuster.drivers.bells import BellBox
from vmuster.drivers.libvirt import acting, looking
from vmuster.drivers.libvirt.acting import Permit
from vmuster.drivers.libvirt.address import Way, uri_of
from vmuster.drivers.libvirt.connection import explain
from vmuster.drivers.libvirt.events import Ring, start_event_loop
from vmuster.drivers.libvirt.facts import read_facts
from vmuster.drivers.libvirt.hands import Hands
from vmuster.drivers.libvirt.line import Line
from vmuster.drivers.libvirt.pinger import Pinger
from vmuster.drivers.libvirt.worker import Patience, Worker
from vmuster.drivers.rules import another_host, is_suspicious
from vmuster.model.host import HostFacts, LocalProfile, LoopbackProfile
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.model.permits import LiveVm, MarkPermit, Refusal, StartPermit, StopPermit, UnmarkPermit
from vmuster.model.states import Completeness
from vmuster.ports.driver import Bell, DriverError, Listing, Witness

SAVE_SECONDS: Final = 600.0
"""The longest a save to disk is waited for."""
PING_SECONDS: Final = 3.0
"""The longest a ping is waited for: a daemon that lives answers it in milliseconds."""
_FAREWELL_SECONDS: Final = 1.0
"""How long `close` waits for its threads; a hung one is left behind."""
_HUNG_WORKERS_MAX: Final = 8
"""With so many looks that do not come back, no new connection is tried (L10)."""

P = TypeVar("P", bound=Permit)


class LibvirtDriver:
    """One host, reached by its way. See `ports.driver.Driver`.

    `call_seconds` bounds every call but a ping, which is shorter, and a save, which `save_seconds`
    bounds. `witness` knows which VMs have a process on that host. `prepare` makes the files that
    the way needs, before each connection is opened; it raises `DriverError` where it can't.
    """

    def __init__(
        self,
        way: Way,
        witness: Witness,
        *,
        call_seconds: float,
        ping_seconds: float = PING_SECONDS,
        save_seconds: float = SAVE_SECONDS,
        prepare: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._uri = uri_of(way)
        self._looks_uri = uri_of(way, naming=True)
        self._near = isinstance(way, LocalProfile | LoopbackProfile)
        self._prepare = prepare
        self._witness = witness
        self._call_seconds = call_seconds
        self._save_seconds = save_seconds
        self._read_only = True
        self._host: HostUuid | None = None
        self._looks: Worker[Line] | None = None
        self._dismissed: list[Worker[Line]] = []
        self._hands = Hands(self._hire_hand)
        self._pinger = Pinger(self._hire_pinger, self._ping, min(ping_seconds, call_seconds))
        self._lives = count(1)
        self._life = next(self._lives)
        self._bells = BellBox()
        self._known: frozenset[VmUuid] = frozenset()

    async def open(self, *, read_only: bool) -> HostFacts:
        """Connect, or connect anew, and say which host this is."""
        self._let_go()
        self._dismissed = [worker for worker in self._dismissed if worker.alive]
        if len(self._dismissed) >= _HUNG_WORKERS_MAX:
            raise DriverError(f"{len(self._dismissed)} earlier calls still hang", broken=True)
        if self._prepare is not None:
            await self._prepare()
        start_event_loop()
        self._read_only = read_only
        self._life = next(self._lives)
        # Only this line has a name over there: another may lead elsewhere before it is asked.
        self._looks = self._hire("looks", self._looks_uri, read_only=read_only, ring=self._ring)
        try:
            facts = await self._looks.call(self._facts, self._call_seconds)
        except DriverError:
            self._let_go()
            raise
        self._insist(facts.uuid)
        return facts

    def _facts(self, line: Line, _patience: Patience) -> HostFacts:
        return read_facts(line.connection, near=self._near)

    def _insist(self, host: HostUuid) -> None:
        """The host that answered first is the only one that this driver speaks for."""
        self._host = self._host or host
        if host != self._host:
            self._let_go()
            raise another_host(host, self._host)

    async def ping(self) -> None:
        """Ask the daemon for a sign of life, be it open or not."""
        start_event_loop()
        await self._pinger.ping()

    def _ping(self, line: Line, _patience: Patience) -> None:
        line.insist(self._host)
        _ = line.connection.getLibVersion()

    def _ring(self, vm: VmUuid | None) -> None:
        """A bell from libvirt's thread. A lost connection may mean a new life of the daemon."""
        if vm is None:
            self._life = next(self._lives)
        self._bells.ring(vm)

    def _hire(
        self, what: str, uri: str, *, read_only: bool, ring: Ring | None = None
    ) -> Worker[Line]:
        connect = partial(Line, uri, read_only=read_only, ring=ring)
        return Worker(f"libvirt-{what}", connect, Line.end, _explain)

    def _hire_hand(self) -> Worker[Line]:
        _ = _present(self._looks)
        return self._hire("acts", self._uri, read_only=self._read_only)

    def _hire_pinger(self) -> Worker[Line]:
        return self._hire("ping", self._uri, read_only=True)

    def _let_go(self) -> None:
        if self._looks is not None:
            self._looks.dismiss()
            self._dismissed.append(self._looks)
        self._looks = None
        self._hands.dismiss()

    async def list_vms(self) -> Listing:
        """Every VM of the host. An empty list where VMs were is asked for a second time."""
        listing = await _present(self._looks).call(self._list, self._call_seconds)
        if listing.completeness is Completeness.COMPLETE:
            self._known = frozenset(vm.uuid for vm in listing.vms)
        return listing

    def _list(self, line: Line, _patience: Patience) -> Listing:
        held = cache(self._witness.held)
        listing = looking.list_all(line.connection, held)
        if not is_suspicious(listing, self._known):
            return listing
        fresh = Line(self._uri, read_only=True)
        try:
            fresh.insist(self._host)
            return looking.look_behind_empty(fresh.connection, self._known, held)
        finally:
            fresh.end()

    async def look(self, vms: Collection[VmUuid]) -> Listing:
        """These VMs alone: PARTIAL, with `absent`."""
        wanted = tuple(dict.fromkeys(vms))

        def work(line: Line, _patience: Patience) -> Listing:
            return looking.look_at(line.connection, wanted, cache(self._witness.held))

        return await _present(self._looks).call(work, self._call_seconds)

    async def stop_vm(
        self, vm: VmUuid, judge: Callable[[LiveVm], StopPermit | Refusal]
    ) -> Refusal | None:
        """Stop as the permit says."""

        def deed(
            patience: Patience, domain: libvirt.virDomain, live: LiveVm, permit: StopPermit
        ) -> None:
            acting.stop(domain, live, permit, partial(self._be_patient, patience))

        return await self._act(vm, judge, deed)

    def _be_patient(self, patience: Patience) -> None:
        patience.seconds = max(patience.seconds, self._save_seconds)

    async def start_vm(
        self, vm: VmUuid, judge: Callable[[LiveVm], StartPermit | Refusal]
    ) -> Refusal | None:
        """Start a VM that is there."""

        def deed(_: Patience, domain: libvirt.virDomain, live: LiveVm, _p: StartPermit) -> None:
            acting.start(domain, live, self._witness.held())

        return await self._act(vm, judge, deed)

    async def write_mark(
        self, vm: VmUuid, judge: Callable[[LiveVm], MarkPermit | Refusal]
    ) -> Refusal | None:
        """Write the permit's mark, live and config, and read it back."""

        def deed(_: Patience, domain: libvirt.virDomain, live: LiveVm, permit: MarkPermit) -> None:
            acting.write_mark(domain, live, permit)

        return await self._act(vm, judge, deed)

    async def erase_mark(
        self, vm: VmUuid, judge: Callable[[LiveVm], UnmarkPermit | Refusal]
    ) -> Refusal | None:
        """Take our mark out, live and config."""

        def deed(_: Patience, domain: libvirt.virDomain, live: LiveVm, _p: UnmarkPermit) -> None:
            acting.erase_mark(domain, live)

        return await self._act(vm, judge, deed)

    async def _act(
        self,
        vm: VmUuid,
        judge: Callable[[LiveVm], P | Refusal],
        deed: Callable[[Patience, libvirt.virDomain, LiveVm, P], None],
    ) -> Refusal | None:
        def work(line: Line, patience: Patience) -> Refusal | None:
            line.insist(self._host)
            held, life = cache(self._witness.held), str(self._life)
            do = partial(deed, patience)
            return acting.act(line.connection, vm, held, life, judge, patience, do)

        return await self._hands.call(vm, work, self._call_seconds)

    async def next_bell(self) -> Bell:
        """The next bell."""
        return await self._bells.next()

    async def close(self) -> None:
        """Let go of the hypervisor, within a second even where it hangs."""
        self._let_go()
        looks = [worker.gone(_FAREWELL_SECONDS) for worker in self._dismissed]
        hands, pinger = self._hands.gone(_FAREWELL_SECONDS), self._pinger.end(_FAREWELL_SECONDS)
        _ = await asyncio.gather(hands, pinger, *looks)


def _explain(error: Exception, line: Line | None) -> DriverError:
    return explain(error, None if line is None else line.connection)


def _present(worker: Worker[Line] | None) -> Worker[Line]:
    if worker is None:
        raise DriverError("not connected", broken=True)
    return worker
