"""The port is had, or it is said in words why not."""

import socket

import pytest

from vmuster.model.errors import Refused
from vmuster.wiring.serving.listening import bind, url_of


def test_a_port_that_is_free_is_found_and_said() -> None:
    with bind("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        assert port
        assert url_of(sock, tls=False) == f"http://127.0.0.1:{port}"


def test_whoever_comes_too_early_is_sent_away() -> None:
    """That a port answers is how many tell that a server is ready."""
    with bind("127.0.0.1", 0) as sock:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(sock.getsockname(), 10)
        sock.listen()
        socket.create_connection(sock.getsockname(), 10).close()


def test_a_port_of_ipv6_is_said_as_a_url_says_it() -> None:
    with bind("::1", 0) as sock:
        assert url_of(sock, tls=True) == f"https://[::1]:{sock.getsockname()[1]}"


class Everywhere:
    """A socket that would listen at every address."""

    def __init__(self, host: str) -> None:
        self._host = host

    def getsockname(self) -> tuple[str, int]:
        return self._host, 8040


@pytest.mark.parametrize(("host", "near"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]")])
def test_at_every_address_it_is_near_on_this_machine(host: str, near: str) -> None:
    assert url_of(Everywhere(host), tls=True) == f"https://{near}:8040"  # pyright: ignore[reportArgumentType]


def test_a_port_that_is_taken_is_taken() -> None:
    with bind("127.0.0.1", 0) as sock:
        sock.listen()
        port = sock.getsockname()[1]
        with pytest.raises(Refused, match=f"port {port} of 127.0.0.1 is taken") as refusal:
            bind("127.0.0.1", port)
    assert "--port" in refusal.value.hint


def test_a_port_that_was_just_left_can_be_had_again() -> None:
    """A restart comes at once; connections of the one before may still be winding down."""
    with bind("127.0.0.1", 0) as sock:
        sock.listen()
        port = sock.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), 10) as line:
            sock.accept()[0].close()  # who closes first remembers the connection for a minute
            assert line.recv(1) == b""
    bind("127.0.0.1", port).close()


def test_an_address_of_another_machine_is_none_of_ours() -> None:
    with pytest.raises(Refused, match="is no address of this machine"):
        bind("203.0.113.77", 0)
