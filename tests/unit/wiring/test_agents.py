"""Agents inside the server's process: each with a driver, a witness and a journal of its own."""

import asyncio
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from tests.parts import host
from vmuster.model.errors import Refused
from vmuster.model.host import LoopbackProfile
from vmuster.model.messages import Trouble
from vmuster.model.wire import decode_to_server
from vmuster.wiring.agents import InProcessAgents
from vmuster.wiring.clock import SystemClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_an_agent_speaks_through_its_link_and_ends_when_it_is_told(tmp_path: Path) -> None:
    agents = InProcessAgents(SystemClock(), tmp_path / "agents", 2.0)
    nobody = msgspec.structs.replace(host(), profile=LoopbackProfile(port=1))
    link, living = agents(nobody)
    life = asyncio.create_task(living)
    async with asyncio.timeout(10):
        message = decode_to_server(await link.receive())
    assert isinstance(message, Trouble)
    assert message.host == nobody.id
    life.cancel()
    with suppress(asyncio.CancelledError):
        await life
    assert life.done()
    assert (tmp_path / "agents").is_dir()


async def test_simulated_hosts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="simulations only"):
        InProcessAgents(SystemClock(), tmp_path, 2.0)(host())
