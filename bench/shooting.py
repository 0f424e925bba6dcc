"""The agents' side of events: a VM is started by hand, it is reported, and a stop comes back.

Every VM of the fleet should be stopped and is; each serves for one event. An agent that is asked to
look again says again what has not been answered yet, as a real one would.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Final

from bench import reports
from bench.serving import Serving
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.messages import Orders
from vmuster.model.vm import VmObservation

_PATIENCE_SECONDS: Final = 300.0


class Agents:
    """Implements `serving.Listener`: what each agent has said, and what was answered, and when.

    `latencies`: seconds from the moment that an event was due to the one that its command came;
    `open`: how many events have not been answered yet.
    `loud`: a host that has no events, and may be used to make noise.
    """

    def __init__(self, server: Serving, messages: dict[HostId, bytes], loud: HostId) -> None:
        self.latencies: list[float] = []
        self.open = 0
        self._server = server
        self._epochs = server.heard.welcomes
        self._sequences = dict.fromkeys(messages, 1)
        self._open: dict[HostId, dict[VmUuid, tuple[VmObservation, float]]] = {
            host: {} for host in messages
        }
        self._vms = {
            host: iter([reports.turned(vm) for vm in reports.report_in(message).vms])
            for host, message in messages.items()
            if host != loud
        }
        self._free: deque[HostId] = deque()
        self._again: dict[HostId, None] = {}
        self._bell = asyncio.Event()
        server.heard.listener = self

    def ordered(self, host: HostId, orders: Orders) -> None:
        """As `Listener.ordered`."""
        now = time.perf_counter()
        for command in orders.commands:
            said = self._open[host].pop(command.vm, None)
            if said is not None:
                self.open -= 1
                self.latencies.append(now - said[1])
                self._free.append(host)
        self._bell.set()

    def asked(self, host: HostId) -> None:
        """As `Listener.asked`."""
        self._again[host] = None
        self._bell.set()

    def events(self) -> Iterator[tuple[HostId, VmObservation]]:
        """Events that are still to be had: one of each host, and again from the first."""
        while True:
            some = [(host, vm) for host, vms in self._vms.items() if (vm := next(vms, None))]
            if not some:
                return
            yield from some

    async def say(self, event: tuple[HostId, VmObservation], due: float) -> None:
        """Report one event, which was due at this moment."""
        host, vm = event
        self.open += 1
        self._open[host][vm.uuid] = (vm, due)
        await self.report(host, vm)

    async def report(self, host: HostId, vm: VmObservation) -> None:
        """Report a VM, whatever comes of it."""
        self._sequences[host] += 1
        message = reports.event(host, self._epochs[host], self._sequences[host], vm)
        await self._server.say(host, message)

    async def sustained(self, seconds: float, most: int) -> float:
        """Answered events per second, while each host reports its next as soon as its last was
        answered, for so long or until there were so many; up to the last answer.
        """
        begun, answered = time.perf_counter(), len(self.latencies)
        self._free.extend(self._vms)
        while time.perf_counter() - begun < seconds:
            for event in islice(self._of_the_free(), most):
                most -= 1
                await self.say(event, time.perf_counter())
            if not self.open:
                break
            await self.listen()
        await self.answered()
        return (len(self.latencies) - answered) / (time.perf_counter() - begun)

    def _of_the_free(self) -> Iterator[tuple[HostId, VmObservation]]:
        """The next event of each host that is free to tell one now."""
        while self._free:
            host = self._free.popleft()
            vm = next(self._vms[host], None)
            if vm is not None:
                yield host, vm

    async def answered(self) -> None:
        """Wait until every event is answered."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while self.open:
                await self.listen()
        self._free.clear()

    async def looking(self) -> None:
        """Say again what the server asks for, for as long as nobody else listens."""
        while True:
            await self.listen()

    async def listen(self) -> None:
        """Wait until the server has said something, and look where it asks for it."""
        await self._bell.wait()
        self._bell.clear()
        again, self._again = self._again, {}
        for host in again:
            for vm, _ in list(self._open[host].values()):
                await self.report(host, vm)
