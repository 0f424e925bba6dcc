"""A host that says nothing while a connection is opened does not hold a thread for ever."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from vmuster.drivers.libvirt.address import uri_of
from vmuster.drivers.libvirt.dead_sockets import never_for_ever, shut_silent
from vmuster.model.host import LocalProfile, LoopbackProfile

SECONDS = 0.2


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """It accepts, and says nothing by itself."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


def is_shut(client: socket.socket) -> bool:
    client.settimeout(0.0)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False


def silent(client: socket.socket, seconds: float = SECONDS) -> None:
    """Let so much time pass on a connection."""
    client.settimeout(seconds)
    with pytest.raises(TimeoutError):
        client.recv(1)


def test_while_a_connection_is_opened_its_silent_socket_is_shut(server: socket.socket) -> None:
    uri = uri_of(LoopbackProfile(port=port_of(server)))
    with socket.create_connection(server.getsockname()) as client:
        client.settimeout(20)
        with never_for_ever(uri, SECONDS):
            assert client.recv(1) == b""


def test_only_a_silent_socket_to_that_place_is_shut(server: socket.socket) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        old = socket.create_connection(server.getsockname())
        other = socket.create_connection(elsewhere.getsockname())
        silent(old, 2 * SECONDS)
        new = socket.create_connection(server.getsockname())
        with old, new, other:
            shut_silent("127.0.0.1", port_of(server), 2 * SECONDS)
            assert [is_shut(each) for each in (old, new, other)] == [True, False, False]


def test_whoever_speaks_is_well(server: socket.socket) -> None:
    with socket.create_connection(server.getsockname()) as client:
        silent(client, 2 * SECONDS)
        accepted, _ = server.accept()
        with accepted:
            accepted.sendall(b"x")
            client.settimeout(20)
            assert client.recv(1) == b"x"
            shut_silent("127.0.0.1", port_of(server), 2 * SECONDS)
            assert not is_shut(client)


def test_no_file_stays_open(server: socket.socket) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        shut_silent("127.0.0.1", port_of(server), 0.0)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


@pytest.mark.parametrize(
    "uri", [uri_of(LocalProfile(scope="session")), "qemu+ssh://anna@h1:22/system?command=/x"]
)
def test_where_ssh_or_the_kernel_ends_the_wait_nobody_watches(uri: str) -> None:
    before = threading.active_count()
    with never_for_ever(uri, SECONDS):
        assert threading.active_count() == before
