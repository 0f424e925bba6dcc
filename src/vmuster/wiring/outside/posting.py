"""Webhooks' posts, over HTTP: to the very address that was judged, and nowhere else (T09).

The name is resolved once for each post, every address that it has is judged, and the connection
goes to one of these: a name that changes its address between two looks (DNS rebinding) gains
nothing. TLS still asks for a certificate of the name. No redirect is followed, no proxy of the
environment asked, and of the answer nothing but its status is read: what a receiver says is shown
to nobody, so that a post to where it should not be would tell nothing.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from threading import Thread
from typing import Any, Final, cast

import httpcore2

from vmuster.model.errors import Refused, Unavailable
from vmuster.model.text import safe
from vmuster.wiring.outside.targets import Address, Network, Target, check_addresses, target_of

POST_SECONDS: Final = 10.0
"""For one post, from the look-up of the name to the status of the answer."""
_LOST: Final = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.TimeoutException,
    OSError,
)
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a name and a port, as text; an `OSError` where there is none."""


class GuardedPoster:
    """Implements `server.watch.posts.Poster`. `allow`: networks that may be posted to though they
    are not public, also in clear text."""

    def __init__(
        self,
        allow: Sequence[Network] = (),
        *,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
        seconds: float = POST_SECONDS,
    ) -> None:
        self._allow = allow
        self._resolve = resolve or look_up
        self._tls = tls or ssl.create_default_context()
        self._seconds = seconds

    def check_form(self, url: str) -> None:
        """As the port says."""
        target_of(url)

    async def check(self, url: str) -> None:
        """As the port says: by the addresses that the name has now."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._addresses(target_of(url))
        except TimeoutError:
            raise Unavailable("the host's name was not resolved in time") from None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """As the port says."""
        target = target_of(url)
        try:
            async with asyncio.timeout(self._seconds):
                status = await self._status(target, await self._addresses(target), body, headers)
        except TimeoutError:
            raise Unavailable(f"{target.host} gave no answer in {self._seconds:g} s") from None
        except _LOST as error:
            raise Unavailable(safe(f"{target.host}: {error}")) from None
        if 300 <= status < 400:
            raise Unavailable(f"{target.host} answered {status}: no redirect is followed")
        if not 200 <= status < 300:
            raise Unavailable(f"{target.host} answered {status}")

    async def _addresses(self, target: Target) -> list[Address]:
        """Where the target is. Raises `Refused` where nothing may be posted there."""
        try:
            found = await self._resolve(target.host, target.port)
            addresses = [ipaddress.ip_address(each) for each in dict.fromkeys(found)]
        except (OSError, ValueError):
            raise Unavailable(f"{target.host} has no address now") from None
        check_addresses(target, addresses, self._allow)
        return addresses

    async def _status(
        self, target: Target, addresses: list[Address], body: bytes, headers: Mapping[str, str]
    ) -> int:
        url = httpcore2.URL(
            scheme=target.scheme.encode("ascii"),
            host=target.host.encode("ascii"),
            port=target.port,
            target=target.path,
        )
        said = [("Host", target.place), *headers.items()]
        pinned = _Pinned(addresses)
        # an address at which nobody says anything must not take the time of the others
        each = {"timeout": {"connect": self._seconds / len(addresses)}}
        async with (
            httpcore2.AsyncConnectionPool(ssl_context=self._tls, network_backend=pinned) as pool,
            pool.stream("POST", url, headers=said, content=body, extensions=each) as response,
        ):
            return response.status


class _Pinned(httpcore2.AsyncNetworkBackend):
    """Connects to one of these addresses, whatever the host is called."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses
        self._inner = cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as the library calls it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """The first connection that comes about; `timeout` is for each address."""
        lost: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in self._addresses:
            try:
                return await self._inner.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore2.NetworkError, httpcore2.ConnectTimeout) as error:
                lost = error
        raise lost

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Never: no url says one."""
        raise Refused(f"no webhook posts to {path} with {timeout}, {socket_options}")

    async def sleep(self, seconds: float) -> None:
        """Between retries, of which there are none."""
        await asyncio.sleep(seconds)


async def look_up(host: str, port: int) -> list[str]:
    """The addresses that this machine knows for a name.

    Each look-up has a thread of its own: one that hangs keeps nobody else waiting (L13), and ends
    by the resolver's own deadline.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def tell(found: list[str], error: OSError | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(found)
        else:
            answer.set_exception(error)

    def ask() -> None:
        found: list[str] = []
        failed: OSError | None = None
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = [str(address[0]) for *_, address in infos]
        except (OSError, UnicodeError) as error:
            failed = OSError(str(error))
        with suppress(RuntimeError):  # the loop has closed: nobody listens any more
            loop.call_soon_threadsafe(tell, found, failed)

    Thread(target=ask, name="look-up", daemon=True).start()
    return await answer
