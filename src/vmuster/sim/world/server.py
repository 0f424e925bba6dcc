"""One simulated server: the shipped service over simulated parts, in a process of its own."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from vmuster.model.errors import VmusterError
from vmuster.model.host import Fleet
from vmuster.server.context import Context
from vmuster.server.founding import distrust, found
from vmuster.server.service import Service
from vmuster.server.talks.switchboard import Attach
from vmuster.sim.engine.clock import SimClock
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.engine.process import Process
from vmuster.sim.world.database import SimStore
from vmuster.sim.world.outside import NoHostKeys, NoPoster, NoSurroundings, SimKeyRing, SimSealer

T = TypeVar("T")

SWEEP_SECONDS: Final = 5.0


class SimServer:
    """One life of a server. `service` is there once it serves; `disk`: on which the journals of the
    agents that live in it lie."""

    def __init__(
        self,
        process: Process,
        store: SimStore,
        clock: SimClock,
        keyring: SimKeyRing,
        disk: str,
    ) -> None:
        self.process = process
        self.store = store
        self.clock = clock
        self.disk = disk
        self.service: Service | None = None
        self.failed: str = ""
        self._keyring = keyring

    async def live(
        self,
        attach: Attach,
        served: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Begin, as the shipped server does, and serve for ever. To die of a mistake of one's own
        while beginning is no way to say no: `failed` is told."""
        try:
            await self._begin(attach)
        except VmusterError:
            raise
        except Exception as error:
            failed(error)
            raise
        served()

    async def _begin(self, attach: Attach) -> None:
        known = await self.store.get(Fleet)
        signer = self._keyring.load(None if known is None else known.key)
        fleet = await found(self.store, self.clock, signer, "VM")
        self._keyring.settle(fleet.key)
        if self.store.database.distrusted:
            fleet = await distrust(self.store, self.clock, fleet)
            self.store.database.distrusted = False
        context = Context(store=self.store, clock=self.clock, fleet=fleet, signer=signer)
        service = Service(
            context,
            attach,
            keyring=self._keyring,
            sealer=SimSealer(),
            host_keys=NoHostKeys(),
            poster=NoPoster(),
            surroundings=NoSurroundings(),
            mint=lambda: self.clock.uuid().hex,
            loopback_hosts=False,
            sweep_seconds=SWEEP_SECONDS,
        )
        await service.start()
        self.service = service


def answer_to(
    loop: SimLoop,
    server: SimServer,
    service: Service,
    request: Callable[[Service], Coroutine[Any, Any, T]],
    take: Callable[[T | Exception], None],
) -> None:
    """Have a server's service answer in its own process; `take` is called in the world's."""

    async def answer() -> None:
        try:
            result: T | Exception = await request(service)
        except Exception as error:  # it is the asker's
            result = error
        loop.post(loop.world, take, result)

    task = loop.spawn(server.process, answer())
    task.add_done_callback(_no_surprise)


def _no_surprise(task: "asyncio.Task[None]") -> None:
    """Nobody waits for an answer that was cancelled."""
    if not task.cancelled():
        _ = task.exception()
