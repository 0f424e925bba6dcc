"""systemd is told what it asked for, over its own socket."""

import os
import socket
from pathlib import Path

import pytest

from vmuster.wiring.serving.sd_notify import notify, watchdog_seconds


@pytest.mark.parametrize("abstract", [False, True])
def test_whoever_listens_is_told(tmp_path: Path, abstract: bool) -> None:
    place = f"@vmuster-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(place.replace("@", "\0", 1))
        listener.settimeout(10)
        notify("READY=1", {"NOTIFY_SOCKET": place})
        assert listener.recv(100) == b"READY=1"


@pytest.mark.parametrize("place", ["", "relative", "/nowhere/at/all"])
def test_where_nobody_listens_nothing_happens(place: str) -> None:
    notify("READY=1", {"NOTIFY_SOCKET": place})


def test_the_watchdog_hears_from_us_twice_as_often_as_it_must() -> None:
    assert watchdog_seconds({"WATCHDOG_USEC": "30000000"}) == 15.0
    mine = {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}
    assert watchdog_seconds(mine) == 15.0


@pytest.mark.parametrize(
    "environ", [{}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}]
)
def test_where_nobody_waits_for_it_there_is_none(environ: dict[str, str]) -> None:
    assert watchdog_seconds(environ) == 0.0
