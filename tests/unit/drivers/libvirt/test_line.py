"""A line leads to one host, and says so before anything rests on it. (Real: tests/conformance.)"""

import socket
import threading
from functools import partial
from uuid import UUID

import libvirt  # pyright: ignore[reportMissingTypeStubs]
import pytest

from vmuster.drivers.libvirt import line as line_module
from vmuster.drivers.libvirt.address import uri_of
from vmuster.drivers.libvirt.dead_sockets import never_for_ever
from vmuster.drivers.libvirt.line import Line
from vmuster.model.host import LoopbackProfile
from vmuster.model.ids import HostUuid
from vmuster.ports.driver import DriverError

HERE, THERE = HostUuid(UUID(int=7)), HostUuid(UUID(int=8))


class Connection:
    """A connection to one host; counts how often it is asked which."""

    def __init__(self) -> None:
        self.asked = 0
        self.keepalive: tuple[int, int] | None = None

    def setKeepAlive(self, seconds: int, misses: int) -> int:  # noqa: N802 - libvirt's name
        self.keepalive = (seconds, misses)
        return 0

    def getCapabilities(self) -> str:  # noqa: N802 - libvirt's name
        self.asked += 1
        return f"<capabilities><host><uuid>{HERE}</uuid></host></capabilities>"

    def close(self) -> int:
        raise libvirt.libvirtError("the connection is gone")


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Connection:
    connection = Connection()

    def connect(_uri: str, *, read_only: bool) -> Connection:
        assert read_only
        return connection

    monkeypatch.setattr(line_module, "connect", connect)
    return connection


def test_a_host_that_never_answers_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line_module, "never_for_ever", partial(never_for_ever, seconds=0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = uri_of(LoopbackProfile(port=int(silent.getsockname()[1])))

        def open_it() -> None:
            with pytest.raises(libvirt.libvirtError):
                _ = Line(uri, read_only=True)

        opening = threading.Thread(target=open_it, daemon=True)
        opening.start()
        opening.join(20)
        assert not opening.is_alive()


def test_the_host_that_was_opened_is_welcome_and_asked_once(connection: Connection) -> None:
    line = Line("a uri", read_only=True)
    for _ in range(3):
        line.insist(HERE)
    line.insist(None)
    assert connection.asked == 1


def test_another_host_is_refused_with_both_names(connection: Connection) -> None:
    line = Line("a uri", read_only=True)
    with pytest.raises(DriverError, match=f"{HERE}, not {THERE}") as error:
        line.insist(THERE)
    assert (error.value.broken, error.value.unknown) == (True, False)


def test_a_silent_host_breaks_it_and_its_end_fails_nobody(connection: Connection) -> None:
    line = Line("a uri", read_only=True)
    assert connection.keepalive is not None
    line.end()
