"""`vmuster serve`: a real server from a real command line, and a client that finds it."""

import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx2
import pytest

from tests.unit.cli.conftest import Run

START = [sys.executable, "-c", "from vmuster.cli.main import main; main()", "serve"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/readyz").status_code == 200
    except httpx2.TransportError:
        return False


def test_a_server_is_started_used_and_stopped(alone: Run, tmp_path: Path) -> None:
    state, port = tmp_path / "state", free_port()
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [*START, "--state-dir", str(state), "--port", str(port)], stderr=subprocess.PIPE, text=True
    )
    try:
        pause = threading.Event()
        for _ in range(200):
            if answers(url) or server.poll() is not None:
                break
            pause.wait(0.1)
        result = alone("cluster", "list", "-o", "name")
        assert (result.stdout, result.stderr) == ("default\n", "")
        server.send_signal(signal.SIGTERM)
        server.wait(20)
    finally:
        server.kill()
        _, said = server.communicate()
    assert "Traceback" not in said
    assert (state / "client.toml").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "10.1.2.3", "example.org"])
def test_it_listens_on_this_machine_only(alone: Run, tmp_path: Path, host: str) -> None:
    result = alone("serve", "--state-dir", str(tmp_path / "state"), "--host", host)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 2
    assert "what to do: " in result.stderr


def test_a_port_is_a_port(alone: Run) -> None:
    assert alone("serve", "--port", "65536").exit_code == 2
