"""The whole server as one process: put together, served, and stopped."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from vmuster.model.errors import Corrupt, Refused
from vmuster.wiring.serve import assemble, serve
from vmuster.wiring.settings import Settings

SERVE = (
    "import sys; from pathlib import Path; from vmuster.wiring.serve import serve;"
    "from vmuster.wiring.settings import Settings;"
    "serve(Settings(state_dir=Path(sys.argv[1]), port=int(sys.argv[2]), json_logs=True))"
)


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "::"])
def test_it_listens_on_loopback_only(tmp_path: Path, address: str) -> None:
    with pytest.raises(Refused) as refusal:
        serve(Settings(state_dir=tmp_path, host=address))
    assert "TLS" in refusal.value.hint
    assert list(tmp_path.iterdir()) == []


def test_what_was_put_together_once_is_the_same_fleet_the_next_time(tmp_path: Path) -> None:
    async def put_together() -> tuple[object, object]:
        service = await assemble(Settings(state_dir=tmp_path))
        fleet, key = service.context.fleet, service.context.signer.key
        await service.close()
        return (fleet.id, fleet.public_keys), key

    assert asyncio.run(put_together()) == asyncio.run(put_together())


def test_a_database_that_was_restored_is_served_in_quarantine(tmp_path: Path) -> None:
    async def put_together(*, restored: bool) -> bool:
        service = await assemble(Settings(state_dir=tmp_path, restored=restored))
        quarantined = service.context.fleet.quarantine is not None
        await service.close()
        return quarantined

    asked = (False, True, False)
    found = [asyncio.run(put_together(restored=restored)) for restored in asked]
    assert found == [False, True, True]


def test_a_database_whose_key_is_gone_is_not_served(tmp_path: Path) -> None:
    async def put_together() -> None:
        service = await assemble(Settings(state_dir=tmp_path))
        await service.close()

    asyncio.run(put_together())
    (tmp_path / "keys" / "signing.key").unlink()
    with pytest.raises(Corrupt, match="is gone"):
        asyncio.run(put_together())


@pytest.mark.parametrize("content", [None, b""])
def test_a_key_whose_database_is_gone_founds_no_other_fleet(
    tmp_path: Path, content: bytes | None
) -> None:
    async def put_together() -> str:
        service = await assemble(Settings(state_dir=tmp_path))
        fleet = service.context.fleet.id
        await service.close()
        return str(fleet)

    founded, client = asyncio.run(put_together()), (tmp_path / "client.toml").read_bytes()
    database = tmp_path / "vmuster.db"
    kept = database.read_bytes()
    database.unlink()
    if content is not None:
        database.write_bytes(content)
    with pytest.raises(Corrupt, match="a database without one"):
        asyncio.run(put_together())
    assert (tmp_path / "client.toml").read_bytes() == client
    assert sorted(path.name for path in tmp_path.glob("vmuster.db*")) == ["vmuster.db"]
    database.write_bytes(kept)
    assert asyncio.run(put_together()) == founded


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SERVE, str(tmp_path), str(port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    yield process
    if process.poll() is None:
        process.kill()
    process.wait(10)
    assert process.stderr is not None
    process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop_and_ends_in_order(
    server: subprocess.Popen[str], port: int, number: signal.Signals
) -> None:
    deadline = time.monotonic() + 30
    while not _healthy(port):
        assert server.poll() is None, "it ended by itself"
        assert time.monotonic() < deadline, "it never answered"
        time.sleep(0.05)
    limits = Path(f"/proc/{server.pid}/limits").read_text().splitlines()
    (core,) = (line.split() for line in limits if line.startswith("Max core file size"))
    assert core[4:6] == ["0", "0"], "no dump of the memory, with its keys, is left anywhere"
    server.send_signal(number)
    _, log = server.communicate(timeout=20)
    assert server.returncode == 0, log
    assert '"stopped"' in log.splitlines()[-1]


def _healthy(port: int) -> bool:
    with suppress(URLError, ConnectionError), urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        return answer.status == 200
    return False
