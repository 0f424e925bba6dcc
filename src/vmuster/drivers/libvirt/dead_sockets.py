"""Sockets to a host that says nothing, and what is done about one: it is shut down.

libvirt's keepalive begins once a connection is open. While it is being opened nothing ends the
wait: a host that hung then, and whose power was cut, never closes its socket, and the thread would
wait for it until we end. Over ssh that is ssh's own matter; over TLS and TCP it is ours.
"""

import os
import socket
import struct
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Final
from urllib.parse import urlsplit

OPENING_SECONDS: Final = 30.0
"""A host that says nothing for so long is not waited for: longer than any caller waits."""

_FILES: Final = Path("/proc/self/fd")
_TRANSPORTS: Final = ("qemu+tcp", "qemu+tls")
_TCP_INFO: Final = struct.Struct("=B51xI")
"""Of the kernel's `struct tcp_info`: `tcpi_state`, and `tcpi_last_data_recv` in milliseconds."""
_ESTABLISHED: Final = 1
_MILLISECONDS: Final = 1000


@contextmanager
def never_for_ever(uri: str, seconds: float = OPENING_SECONDS) -> Generator[None]:
    """While a connection to `uri` is opened: end the wait for a host that is silent so long."""
    place = urlsplit(uri)
    if place.scheme not in _TRANSPORTS or place.hostname is None or place.port is None:
        yield
        return
    opened = Event()
    watch = Thread(
        target=_watch,
        args=(opened, place.hostname, place.port, seconds),
        name="libvirt-opening",
        daemon=True,
    )
    watch.start()
    try:
        yield
    finally:
        opened.set()


def _watch(opened: Event, host: str, port: int, seconds: float) -> None:
    while not opened.wait(seconds):
        with suppress(OSError):
            shut_silent(host, port, seconds)


def shut_silent(host: str, port: int, seconds: float) -> None:
    """Shut down every connected socket of this process to that place on which nothing was received
    for so long. One that is well receives libvirt's keepalive all the time."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    places = {str(address[4][0]) for address in found}
    for file in _FILES.iterdir():
        with suppress(OSError), _looked_at(int(file.name)) as own:
            if _is_to(own, places, port) and _silent_seconds(own) >= seconds:
                own.shutdown(socket.SHUT_RDWR)


@contextmanager
def _looked_at(descriptor: int) -> Generator[socket.socket]:
    """A socket of ours, which stays the same one meanwhile. Raises `OSError` where it is none."""
    handle = os.dup(descriptor)
    try:
        own = socket.socket(fileno=handle)
        try:
            yield own
        finally:
            _ = own.detach()
    finally:
        os.close(handle)


def _is_to(own: socket.socket, places: set[str], port: int) -> bool:
    if own.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    peer = own.getpeername()
    return peer[0] in places and peer[1] == port


def _silent_seconds(own: socket.socket) -> float:
    """For how long nothing came, of one that is connected; 0 of any other."""
    said = own.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
    state, milliseconds = _TCP_INFO.unpack(said)
    return milliseconds / _MILLISECONDS if state == _ESTABLISHED else 0.0
