"""The whole server as one process: served, told to stop, told to read anew."""

import gc
import os
import signal
import socket
import subprocess
import tomllib
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from tests.addresses import own_address
from tests.served_process import DEADLINE, PROGRAM, ServedProcess, serving
from vmuster.model.errors import Refused
from vmuster.wiring.serving.serve import _Process, check  # pyright: ignore[reportPrivateUsage]
from vmuster.wiring.settings.table import Settings


def key_of(served: ServedProcess) -> str:
    return tomllib.loads((served.state / "client.toml").read_text())["key"]


def command(served: ServedProcess, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the operator on the server's machine."""
    environ = {name: value for name, value in os.environ.items() if "VMUSTER" not in name}
    environ |= {"VMUSTER_STATE_DIR": str(served.state), "XDG_CONFIG_HOME": str(served.state)}
    return subprocess.run(  # noqa: PLW1510 - its status is what is looked at
        [*PROGRAM, *words], capture_output=True, text=True, env=environ, timeout=DEADLINE
    )


def test_it_keeps_its_key_and_its_operator_follows_it_to_another_port(tmp_path: Path) -> None:
    with serving(tmp_path) as first:
        assert f":{first.url.rpartition(':')[2]}" != ":0"
        key = key_of(first)
        assert command(first, "cluster", "list", "-o", "name").stdout == "default\n"
        assert first.end() == 0
    with serving(tmp_path) as second:
        assert second.url != first.url
        assert key_of(second) == key
        assert command(second, "cluster", "list", "-o", "name").stdout == "default\n"


def test_a_port_that_is_taken_ends_the_start_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serving(tmp_path, "--port", str(port)) as served:
            assert served.wait() == 1
    assert f"port {port} of 127.0.0.1 is taken" in served.raw[0]
    assert not (tmp_path / "vmuster.db").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_finishes_what_waits_and_lets_nobody_in(
    tmp_path: Path, number: signal.Signals
) -> None:
    """A stream is open: meanwhile the port is served, and says that it will not be for long."""
    with serving(tmp_path) as served:
        key = {"Authorization": f"Bearer {key_of(served)}"} if served.url else {}
        with httpx2.stream("GET", f"{served.url}/api/v1/events", headers=key) as stream:
            lines = stream.iter_lines()
            assert next(lines)
            served.process.send_signal(number)
            rest = "\n".join(lines)
        assert "the server stops" in rest
        assert served.wait() == 0
    assert [line["event"] for line in served.log][-1] == "stopped"
    assert not any("Traceback" in line for line in served.raw)


def test_a_dump_of_its_memory_is_left_nowhere(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        assert served.url
        limits = Path(f"/proc/{served.process.pid}/limits").read_text().splitlines()
        (core,) = (line.split() for line in limits if line.startswith("Max core file size"))
        assert core[4:6] == ["0", "0"]


def test_what_was_there_when_it_began_holds_no_collection_up() -> None:
    gc.unfreeze()  # another test may have served in this process
    loaded: list[object] = [[]]
    try:
        _Process(Settings(), Settings)._ready()  # pyright: ignore[reportPrivateUsage]
        assert gc.get_freeze_count() > 10_000
        assert not any(each is loaded for each in gc.get_objects())
    finally:
        gc.unfreeze()
    assert any(each is loaded for each in gc.get_objects())


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        place = served.url.removeprefix("http://").split(":")
        with socket.create_connection((place[0], int(place[1])), DEADLINE) as slow:
            head = ["POST /api/v1/clusters HTTP/1.1", "Host: x", "Content-Length: 100"]
            head.append(f"Authorization: Bearer {key_of(served)}")
            slow.sendall("\r\n".join([*head, "", ""]).encode())
            served.until(lambda: served.get("/livez").is_success)
            served.process.send_signal(signal.SIGTERM)
            assert served.event("stopping")["requests"] == 1
            assert served.get("/readyz").status_code == 503
            refused = served.get("/api/v1/status", key=key_of(served))
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
            assert served.get("/livez").text == "ok"
            assert served.end() == 1
    assert served.log[-1]["event"] == "stopped at once"


def test_told_to_read_anew_it_logs_as_it_is_told_then(tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text("log_level = 'warning'")
    with serving(tmp_path / "state", "--config", str(config)) as served:
        served.until((tmp_path / "state" / "client.toml").exists)
        port = served.until(lambda: _port(tmp_path / "state"))
        url = f"http://127.0.0.1:{port}"
        served.until(lambda: _is_ready(url))
        assert served.raw == []
        config.write_text("log_level = 'info'\ncall_seconds = 7")
        served.process.send_signal(signal.SIGHUP)
        assert served.event("settings are read anew")["after_a_restart"] == "call_seconds"
        config.write_text("log_level = 'loud'")
        served.process.send_signal(signal.SIGHUP)
        assert "log_level can't be 'loud'" in served.event("the settings stay as they are")["why"]
        assert httpx2.get(f"{url}/livez").is_success


def _is_ready(url: str) -> bool:
    with suppress(httpx2.ConnectError):
        return httpx2.get(f"{url}/readyz").is_success
    return False


def _port(state: Path) -> int:
    return int(tomllib.loads((state / "client.toml").read_text())["url"].rpartition(":")[2])


def test_systemd_is_told_that_it_serves_lives_and_stops(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(DEADLINE)
        environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "100000"}
        with serving(tmp_path / "state", environ=environ) as served:
            assert systemd.recv(100) == b"READY=1"
            assert served.get("/readyz").is_success, "it is ready once it says so"
            assert [systemd.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
            assert served.end() == 0
            assert b"STOPPING=1" in iter(lambda: systemd.recv(100), b"")


def test_off_loopback_it_speaks_tls_and_its_operator_needs_to_say_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", own_address()) as served:
        assert served.url.startswith(f"https://{own_address()}:")
        assert served.get("/livez").text == "ok"
        assert command(served, "cluster", "list", "-o", "name").stdout == "default\n"
        assert served.get("/readyz?verbose").text == "ok", "who is not on loopback is told no more"
        with pytest.raises(httpx2.TransportError):
            httpx2.get(served.url.replace("https", "http") + "/livez")


def test_check_refuses_what_can_not_be_served(tmp_path: Path) -> None:
    check(Settings())
    with pytest.raises(Refused, match="can't be read"):
        check(Settings(tls_cert=tmp_path / "a.pem", tls_key=tmp_path / "b.pem"))
