"""The port, the connections on it, and the signals that end them.

uvicorn, which leaves three things to us: the socket, which is ours before any agent starts; TLS,
whose handshake is not waited for endlessly; and the end. At the first SIGTERM or SIGINT new
requests are refused while those under way are answered, then nobody listens any more. The second
one ends the process at once, and so does time: what is to be kept is in the database.
"""

import asyncio
import errno
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Final

import structlog
import uvicorn

from vmuster.model.errors import Refused
from vmuster.wiring.serving.sd_notify import notify

_log = structlog.get_logger("vmuster.serve")
ANSWERED_SECONDS: Final = 12.0
"""For the requests under way to be answered, once the server is to stop."""
STOP_SECONDS: Final = 28.0
"""For the whole way to the end: whoever sent the signal loses patience after half a minute."""
_CONNECTIONS_SECONDS: Final = 3
_HANDSHAKE_SECONDS: Final = 10.0
_BACKLOG: Final = 512
_FAULTS: Final = {
    errno.EADDRINUSE: ("is taken", "stop what listens there, or say another --port"),
    errno.EADDRNOTAVAIL: ("is no address of this machine", "say one of its own with --host"),
    errno.EACCES: ("is not for this user", "say a --port above 1023"),
}


def bind(host: str, port: int) -> socket.socket:
    """A socket that has this port, and does not listen yet: whoever comes before the server can
    answer is refused, and does not wait. Port 0 is any that is free. Raises `Refused`."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sock.family is socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        what, hint = _FAULTS.get(error.errno or 0, (f"can't be had: {error.strerror}", ""))
        raise Refused(f"port {port} of {host} {what}", hint=hint) from error
    return sock


def url_of(sock: socket.socket, *, tls: bool) -> str:
    """The url by which this machine reaches what listens on `sock`."""
    host, port = sock.getsockname()[:2]
    near = str({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host))  # noqa: S104 - not listened at
    place = f"[{near}]" if ":" in near else near
    return f"http{'s' if tls else ''}://{place}:{port}"


class Listener(uvicorn.Server):
    """Serves until it is told to stop. `ready` is called when it serves, `stop` when
    it is to end, `reload` at SIGHUP."""

    def __init__(
        self,
        config: uvicorn.Config,
        context: ssl.SSLContext | None,
        *,
        ready: Callable[[], None],
        stop: Callable[[], None],
        reload: Callable[[], None],
    ) -> None:
        config.timeout_graceful_shutdown = _CONNECTIONS_SECONDS
        super().__init__(config)
        self._context = context
        self._ready = ready
        self._stop = stop
        self._reload = reload
        self._until: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen on `sockets`, and say so."""
        await super().startup(sockets=[])
        protocol = partial(
            self.config.http_protocol_class,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        for each in sockets or ():
            server = await asyncio.get_running_loop().create_server(
                protocol,
                sock=each,
                ssl=self._context,
                backlog=_BACKLOG,
                ssl_handshake_timeout=_HANDSHAKE_SECONDS if self._context is not None else None,
            )
            self.servers.append(server)
        self._ready()

    async def on_tick(self, counter: int) -> bool:
        """Whether to listen no more: told to stop, with nothing under way, or not for long."""
        if await super().on_tick(counter):
            return True
        late = self._until is not None and asyncio.get_running_loop().time() > self._until
        return self._until is not None and (late or not self.server_state.tasks)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Heed signals while the block runs, and after it those that end everything at once."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._told_to_stop)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGHUP)

    def end(self) -> None:
        """Serve no more, as at the first signal."""
        if self._until is None:
            self._told_to_stop()

    def _told_to_stop(self) -> None:
        if self._until is not None:
            _end("a second signal came")
        self._until = asyncio.get_running_loop().time() + ANSWERED_SECONDS
        _log.info("stopping", requests=len(self.server_state.tasks))
        notify("STOPPING=1")
        patience = threading.Timer(STOP_SECONDS, _end, ["it took too long"])
        patience.daemon = True
        patience.start()
        self._stop()


def _end(why: str) -> None:
    """End this process: what is to be kept is in the database, and the kernel lets go the rest."""
    _log.warning("stopped at once", why=why)
    os._exit(1)
