"""Where the daemon of a profile is looked for."""

import os
import socket
from pathlib import Path
from typing import Literal

import pytest

from vmuster.drivers.libvirt.sight import sockets_of, witness_of
from vmuster.model.host import LocalProfile, LoopbackProfile


@pytest.mark.parametrize(
    ("scope", "environment", "folder"),
    [
        ("system", {"XDG_RUNTIME_DIR": "/run/user/1"}, "/run/libvirt"),
        ("session", {"XDG_RUNTIME_DIR": "/run/user/1", "HOME": "/h"}, "/run/user/1/libvirt"),
        ("session", {"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "/c/libvirt"),
        ("session", {"HOME": "/h"}, "/h/.cache/libvirt"),
    ],
)
def test_a_local_daemon_listens_where_libvirt_looks_for_it(
    scope: Literal["system", "session"], environment: dict[str, str], folder: str
) -> None:
    sockets = sockets_of(LocalProfile(scope=scope), environment)
    assert {path.parent for path in sockets} == {Path(folder)}
    assert sockets[0].name == "virtqemud-sock"
    assert "libvirt-sock-ro" in {path.name for path in sockets}


def test_a_listener_that_is_no_daemon_of_libvirt_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "libvirt").mkdir()
    monkeypatch.setitem(os.environ, "XDG_RUNTIME_DIR", str(tmp_path))
    with (
        socket.socket(socket.AF_UNIX) as listening,
        socket.create_server(("127.0.0.1", 0)) as loopback,
    ):
        listening.bind(str(tmp_path / "libvirt/libvirt-sock"))
        listening.listen()
        port = int(loopback.getsockname()[1])
        assert witness_of(LocalProfile(scope="session")).held() is None
        assert witness_of(LoopbackProfile(port=port)).held() is None
