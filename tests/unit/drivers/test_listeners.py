"""Who listens at the other end: real sockets of this very process."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from vmuster.drivers.listeners import listener_on_port, listener_on_socket


@pytest.fixture
def unix(tmp_path: Path) -> Iterator[Path]:
    """A UNIX socket on which this process listens."""
    path = tmp_path / "here"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        yield path


def test_the_listener_on_a_socket_is_known(unix: Path) -> None:
    assert listener_on_socket([unix.with_name("missing"), unix]) == os.getpid()


def test_a_socket_that_nobody_serves_has_no_listener(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "deaf"))
        assert listener_on_socket([tmp_path / "deaf", tmp_path / "missing"]) is None


def test_a_listener_of_another_namespace_has_no_id(
    unix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*_arguments: object) -> bytes:
        return bytes(12)

    monkeypatch.setattr(socket.socket, "getsockopt", nobody)
    assert listener_on_socket([unix]) is None


def test_a_daemon_that_takes_no_more_connections_delays_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vmuster.drivers.listeners._CONNECT_SECONDS", 0.05)
    path = tmp_path / "full"
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as waiting:
        listening.bind(str(path))
        listening.listen(0)
        waiting.connect(str(path))
        assert listener_on_socket([path]) is None


def test_the_listener_on_a_port_is_known() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert listener_on_port(listening.getsockname()[1]) == os.getpid()


def test_a_port_that_is_open_but_not_listening_is_nobodys() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert listener_on_port(bound.getsockname()[1]) is None


def test_a_listener_that_we_do_not_see_is_nobody(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = int(listening.getsockname()[1])
        with socket.create_connection(("127.0.0.1", port)), listening.accept()[0] as accepted:
            (tmp_path / "net").mkdir()
            _ = (tmp_path / "net/tcp").write_bytes(Path("/proc/net/tcp").read_bytes())
            (tmp_path / "8").mkdir()
            descriptors = tmp_path / "7" / "fd"
            descriptors.mkdir(parents=True)
            (descriptors / "0").symlink_to(link_of(accepted))
            assert listener_on_port(port, tmp_path) is None
            (descriptors / "1").symlink_to(link_of(listening))
            assert listener_on_port(port, tmp_path) == 7
    assert listener_on_port(1, tmp_path / "missing") is None


def link_of(line: socket.socket) -> str:
    """What `/proc/<pid>/fd` shows of an open socket."""
    return f"socket:[{os.fstat(line.fileno()).st_ino}]"
