"""Questions about host keys: refused or not answered, in the words of the server's errors."""

import asyncio
import socket
import threading

import pytest

from vmuster.drivers.ssh import host_keys
from vmuster.model.errors import Refused, Unavailable
from vmuster.wiring.outside.host_keys import SystemKeyScan

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_what_is_no_address_is_refused() -> None:
    for question in (SystemKeyScan().scan, SystemKeyScan().known):
        with pytest.raises(Refused, match="address"):
            await question("-oProxyCommand=x", 22)


async def test_a_host_that_shows_no_key_is_not_available() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = int(nobody.getsockname()[1])
    with pytest.raises(Unavailable, match="no ssh host key"):
        await SystemKeyScan().scan("127.0.0.1", port)


async def test_questions_that_hang_hold_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Journals and connections have threads of asyncio's own."""
    answers, asked = threading.Event(), threading.Semaphore(0)

    def hang(address: str, port: int) -> tuple[str, ...]:
        asked.release()
        assert answers.wait(60)
        return ()

    monkeypatch.setattr(host_keys, "scan", hang)
    scan = SystemKeyScan()
    questions = [asyncio.create_task(scan.scan("h1", 22)) for _ in range(40)]
    try:
        async with asyncio.timeout(30):
            for _ in range(16):
                assert await asyncio.to_thread(asked.acquire, timeout=10)
            assert not asked.acquire(blocking=False)
            assert not any(question.done() for question in questions)
    finally:
        answers.set()
    assert await asyncio.gather(*questions) == [()] * 40


async def test_a_host_that_nobody_knows_has_no_keys() -> None:
    assert await SystemKeyScan().known("nobody.knows.invalid", 2) == ()
