"""`vmuster serve`: everything put together in one process."""

import asyncio
import gc
import resource
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, Final

import structlog
import uvicorn
from msgspec.structs import asdict, replace

from vmuster.api.app import create_app
from vmuster.model.errors import VmusterError
from vmuster.ports.clock import Clock
from vmuster.server.service import Service
from vmuster.wiring.outside.clock import SystemClock
from vmuster.wiring.secrets.client_file import follow
from vmuster.wiring.secrets.tls import LOOKED_SECONDS, Tls, needed
from vmuster.wiring.serving.assembling import assemble
from vmuster.wiring.serving.collecting import set_aside
from vmuster.wiring.serving.figures import of_certificate
from vmuster.wiring.serving.heap import share_one_heap
from vmuster.wiring.serving.late_look import leave_in_order, look_late
from vmuster.wiring.serving.listening import Listener, bind, url_of
from vmuster.wiring.serving.logs import configure_logs, set_level
from vmuster.wiring.serving.sd_notify import notify, watchdog_seconds
from vmuster.wiring.serving.sole import sole_server
from vmuster.wiring.serving.traces import TracedApp, exporting
from vmuster.wiring.serving.wire import wire
from vmuster.wiring.settings.places import CLIENT, DATABASE
from vmuster.wiring.settings.table import Settings

_log = structlog.get_logger("vmuster.serve")
_LIVE: Final = ("log_level", "tls_cert", "tls_key", "tls_names")
"""What a reload changes."""


def serve(settings: Settings, *, again: Callable[[], Settings]) -> None:
    """Run a server until it is told to stop (SIGINT, SIGTERM). `again` reads the settings anew, at
    SIGHUP. Raises what it could not start with; `Corrupt` also where that is found later."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump of the memory would hold every key
    configure_logs(as_json=settings.json_logs, level=settings.log_level)
    share_one_heap()
    with exporting(settings.otel_endpoint):
        asyncio.run(_Process(settings, again).run())


def check(settings: Settings) -> None:
    """Raise `Refused` or `Corrupt` where a server could not go by the settings."""
    if settings.tls_cert is not None:
        Tls(SystemClock()).refresh(settings)
    with exporting(settings.otel_endpoint):
        pass


class _Process:
    """One server, from its lock to its last log line."""

    def __init__(self, settings: Settings, again: Callable[[], Settings]) -> None:
        self._settings = settings
        self._again = again
        self._clock: Clock = SystemClock()
        self._tls = Tls(self._clock) if needed(settings) else None
        self._tasks: set[asyncio.Task[None]] = set()
        self._url = ""
        self._listener: Listener | None = None
        self._damage: VmusterError | None = None

    async def run(self) -> None:
        """Serve. The port is ours before the database is opened, and before any agent starts."""
        gc.freeze()  # the code: while a large fleet is read, it would be walked over many times
        state = self._settings.state_dir
        with sole_server(state), bind(self._settings.host, self._settings.port) as listening:
            if self._tls is not None:
                self._tls.refresh(self._settings)
            self._url = url_of(listening, tls=self._tls is not None)
            service = await assemble(self._settings, self._url)
            if self._tls is not None:
                service.context.figures.watch(partial(of_certificate, self._tls))
            try:
                self._tell_client()
                await service.start()
                self._begin(look_late(state / DATABASE, self._clock, self._end))
                await self._serve(service, listening)
            finally:
                await self._let_go()
                await service.close()
                await asyncio.to_thread(leave_in_order, state / DATABASE)
                _log.info("stopped")
        if self._damage is not None:
            raise self._damage

    async def _serve(self, service: Service, listening: socket.socket) -> None:
        limits = self._settings.limits
        config = uvicorn.Config(
            TracedApp(create_app(service, limits=limits)),
            log_config=None,
            access_log=False,
            server_header=False,
            **wire(limits),
        )
        self._listener = Listener(
            config,
            self._tls.context if self._tls is not None else None,
            ready=self._ready,
            stop=service.stop,
            reload=lambda: self._begin(self._reload()),
        )
        await self._listener.serve([listening])

    def _ready(self) -> None:
        set_aside()
        _log.info("serving", url=self._url, state=str(self._settings.state_dir))
        notify("READY=1")
        if seconds := watchdog_seconds():
            self._begin(self._live(seconds))
        if self._tls is not None:
            self._begin(self._look_at_certificate(self._tls))

    def _end(self, damage: VmusterError) -> None:
        self._damage = damage
        if self._listener is not None:
            self._listener.end()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _let_go(self) -> None:
        for task in list(self._tasks):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _live(self, seconds: float) -> None:
        """Show systemd that the event loop turns."""
        while True:
            notify("WATCHDOG=1")
            await self._clock.sleep(seconds)

    async def _look_at_certificate(self, tls: Tls) -> None:
        while True:
            await self._clock.sleep(LOOKED_SECONDS)
            self._refresh(tls)

    def _refresh(self, tls: Tls) -> None:
        try:
            if tls.refresh(self._settings):
                _log.info("another certificate is shown from now on")
                self._tell_client()
        except (VmusterError, OSError) as error:
            _log.error("the certificate stays as it is", why=str(error))

    async def _reload(self) -> None:
        """Read the settings anew: how much is logged, and the certificate."""
        try:
            fresh = await asyncio.to_thread(self._again)
        except VmusterError as error:
            _log.error("the settings stay as they are", why=str(error))
            return
        before, after = asdict(self._settings), asdict(fresh)
        later = [name for name in after if after[name] != before[name] and name not in _LIVE]
        self._settings = replace(self._settings, **{name: after[name] for name in _LIVE})
        set_level(fresh.log_level)
        _log.info("settings are read anew", after_a_restart=", ".join(later))
        if self._tls is not None:
            self._refresh(self._tls)

    def _tell_client(self) -> None:
        known = self._tls.known if self._tls is not None else None
        follow(
            self._settings.state_dir / CLIENT,
            url=self._url,
            ca=known.ca if known is not None else "",
            fingerprint=known.fingerprint if known is not None else "",
        )
