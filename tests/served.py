"""A whole fleet behind a real HTTP server in a thread: for tests of API, client and CLI."""

import asyncio
import hashlib
import socket
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
import uvicorn

from tests.fleets import TestFleet, running_fleet, vm_uuid
from tests.running import PATIENCE_SECONDS
from vmuster.api.app import create_app
from vmuster.api.gates.limits import Limits
from vmuster.client.profile import Profile
from vmuster.client.rest import Client
from vmuster.drivers.simulated.hypervisor import SimulatedHypervisor
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.keys import ApiKey
from vmuster.model.states import HostMode
from vmuster.wiring.serving.wire import wire

_T = TypeVar("_T")
KEYS: Final = {"anna": "vmuster_anna", "bert": "vmuster_bert"}
UNLIMITED: Final = Limits(
    requests_per_second=1e6,
    requests_burst=10**6,
    stops_per_minute=10**6,
    failed_keys_per_minute=10**6,
)
"""For tests of everything else: they ask faster than any person."""


class Served:
    """A fleet, and the url at which it is served. `keys`: those of anna and bert."""

    def __init__(self, fleet: TestFleet, loop: asyncio.AbstractEventLoop, faces: "Faces") -> None:
        self.fleet = fleet
        self.url = faces.url
        self._faces = faces
        self._loop = loop

    def client(self, actor: str = "anna") -> Client:
        """A client with this actor's key."""
        return Client(Profile(url=self.url, key=KEYS[actor]))

    def restart(self) -> None:
        """A new server in the place of this one."""
        self.run(self._faces.restart())

    def hypervisor(self, name: str) -> SimulatedHypervisor:
        return self.fleet.hypervisors[name]

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """The result of `work`, done where the server lives."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_SECONDS)

    def do(self, act: Callable[[], _T]) -> _T:
        """The result of an act by hand, done between two steps of the server."""

        async def acted() -> _T:
            return act()

        return self.run(acted())

    def add_host(self, name: str, mode: HostMode = HostMode.MANAGE) -> Host:
        return self.run(self.fleet.add_host(name, mode=mode))

    def appear(self, host: Host, name: str, *, running: bool = True) -> VmUuid:
        """A new VM on a host, made by hand; waits until it was seen."""
        vm = vm_uuid()
        self.do(lambda: self.hypervisor(host.name).define(vm, name, running=running))
        self.run(self.fleet.until(lambda: self.fleet.sighting(host, vm)))
        return vm

    def ours(self, host: Host, name: str, *, running: bool = True) -> VmUuid:
        """A new VM on a host, adopted, and seen since."""
        vm = self.appear(host, name, running=running)
        self.run(self.fleet.adopt(vm))
        self.passes(host)
        return vm

    def passes(self, host: Host, count: int = 2) -> None:
        """Wait for that many more reports of a host."""
        self.run(self.fleet.passes(host, count))


@contextmanager
def served(
    *hypervisors: str, limits: Limits = UNLIMITED, database: Path | None = None
) -> Generator[Served]:
    """A served fleet with these hypervisors, none of them added yet; over SQLite in the file
    `database`, or else in memory.

    It logs nothing: stdout belongs to the commands that run beside it.
    """
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    started: Future[Served] = Future()
    stop = threading.Event()
    thread = threading.Thread(
        target=lambda: asyncio.run(_serve(hypervisors, limits, database, started, stop))
    )
    thread.start()
    try:
        yield started.result(PATIENCE_SECONDS)
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)
        structlog.reset_defaults()
        assert not thread.is_alive()


async def _serve(
    hypervisors: tuple[str, ...],
    limits: Limits,
    database: Path | None,
    started: "Future[Served]",
    stop: threading.Event,
) -> None:
    try:
        async with (
            running_fleet(*hypervisors, database=database) as fleet,
            _listening(fleet, limits) as faces,
        ):
            started.set_result(Served(fleet, asyncio.get_running_loop(), faces))
            await asyncio.to_thread(stop.wait)
    except BaseException as error:
        if not started.done():
            started.set_exception(error)
        raise


class Faces:
    """An HTTP server of a fleet, on a port that nobody else has, and that it keeps."""

    def __init__(self, fleet: TestFleet, limits: Limits) -> None:
        self._fleet = fleet
        self._limits = limits
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def open(self) -> None:
        """Listen."""
        listener = socket.create_server(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        app = create_app(self._fleet.service, limits=self._limits)
        more = wire(self._limits)
        config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1, **more)
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server.serve([listener]))

    async def close(self) -> None:
        """Listen no more."""
        self._fleet.service.streams.stop()
        self._server.should_exit = True
        await self._serving

    async def restart(self) -> None:
        """The next server, over the same database and at the same port."""
        await self.close()
        await self._fleet.restart()
        await self.open()


@asynccontextmanager
async def _listening(fleet: TestFleet, limits: Limits) -> AsyncGenerator[Faces]:
    await _add_keys(fleet)
    faces = Faces(fleet, limits)
    await faces.open()
    try:
        yield faces
    finally:
        await faces.close()


async def _add_keys(fleet: TestFleet) -> None:
    rows = [
        ApiKey(name=name, digest=hashlib.sha256(key.encode()).hexdigest(), created_at=1.0)
        for name, key in KEYS.items()
    ]
    refused = await fleet.store.commit(
        [Changes(writes=tuple(Write(before=None, after=row) for row in rows))]
    )
    assert refused == [""]
