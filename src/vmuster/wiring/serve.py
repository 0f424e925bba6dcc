"""`vmuster serve`: everything put together in one process."""

import asyncio
import ipaddress
import resource
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import structlog
import uvicorn

from vmuster.api.app import create_app
from vmuster.model.errors import Refused
from vmuster.model.host import Fleet
from vmuster.ports.store import Store
from vmuster.server.context import Context
from vmuster.server.founding import distrust, found
from vmuster.server.service import Service
from vmuster.stores.sql.opening import open_sqlite
from vmuster.wiring.agents import InProcessAgents
from vmuster.wiring.approaches import Approaches
from vmuster.wiring.clock import SystemClock
from vmuster.wiring.host_keys import SystemKeyScan
from vmuster.wiring.keys import ensure_admin_key
from vmuster.wiring.logs import configure_logs
from vmuster.wiring.sealing import FileSealer
from vmuster.wiring.settings import Settings
from vmuster.wiring.signing_keys import SigningKeys
from vmuster.wiring.sole import sole_server

_log = structlog.get_logger("vmuster.serve")


def serve(settings: Settings) -> None:
    """Run a server until it is told to stop (SIGINT, SIGTERM)."""
    if not ipaddress.ip_address(settings.host).is_loopback:
        raise Refused(
            f"{settings.host} is not a loopback address",
            hint="vmuster listens on loopback only; put a TLS proxy in front of it",
        )
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump of the memory would hold every key
    configure_logs(as_json=settings.json_logs)
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    with sole_server(settings.state_dir):
        await _serve_alone(settings)


async def _serve_alone(settings: Settings) -> None:
    service = await assemble(settings)
    try:
        await service.start()
        config = uvicorn.Config(
            create_app(service),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
        _log.info("serving", url=_url(settings), state=str(settings.state_dir))
        await _Listener(config).serve()
    finally:
        await service.close()
        _log.info("stopped")


class _Listener(uvicorn.Server):
    """uvicorn, which leaves the end of the process to us.

    Its own handling raises the signal again once it has stopped listening: that would end the
    process before the conversations and the database are closed.
    """

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Stop listening at SIGINT and SIGTERM; at once, where a second one comes."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


async def assemble(settings: Settings) -> Service:
    """The service of the state folder: its database, its fleet, its keys."""
    store = await asyncio.to_thread(open_sqlite, settings.state_dir / "vmuster.db")
    try:
        return await _assembled(settings, store)
    except BaseException:
        await store.close()
        raise


async def _assembled(settings: Settings, store: Store) -> Service:
    state, clock = settings.state_dir, SystemClock()
    keyring, known = SigningKeys(state / "keys" / "signing.key"), await store.get(Fleet)
    signer = keyring.load(known.key if known is not None else None)
    fleet = await found(store, clock, signer, settings.instance)
    keyring.settle(fleet.key)
    if settings.restored:
        fleet = await distrust(store, clock, fleet)
    await ensure_admin_key(store, clock, _client_file(state), _url(settings))
    context = Context(store=store, clock=clock, fleet=fleet, signer=signer)
    sealer = FileSealer(state / "keys" / "sealing.key")
    approaches = Approaches(state / "approaches", store, sealer)
    return Service(
        context,
        InProcessAgents(clock, state / "agents", settings.call_seconds, approaches),
        keyring=keyring,
        sealer=sealer,
        host_keys=SystemKeyScan(),
        loopback_hosts=settings.allow_loopback_hosts,
    )


def _client_file(state: Path) -> Path:
    return state / "client.toml"


def _url(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"
