"""Agents inside the server's process: each with a driver, a witness and a journal of its own."""

import asyncio
import socket
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from tests.keypairs import Login
from tests.outside import HandSealer
from tests.parts import host
from vmuster.model.errors import Refused
from vmuster.model.host import LoopbackProfile, SshProfile, TlsProfile
from vmuster.model.messages import Trouble
from vmuster.model.wire import decode_to_server
from vmuster.ports.link import LinkEnd
from vmuster.stores.memory import MemoryStore
from vmuster.wiring.outside.agents import InProcessAgents
from vmuster.wiring.outside.approaches import Approaches
from vmuster.wiring.outside.clock import SystemClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def first_trouble(link: LinkEnd) -> Trouble:
    """The first trouble that an agent tells; heartbeats come before and after it."""
    async with asyncio.timeout(30):
        while not isinstance(message := decode_to_server(await link.receive()), Trouble):
            pass
    return message


async def test_an_agent_speaks_through_its_link_and_ends_when_it_is_told(tmp_path: Path) -> None:
    agents = InProcessAgents(SystemClock(), tmp_path / "agents", 2.0)
    nobody = msgspec.structs.replace(host(), profile=LoopbackProfile(port=1))
    link, living = agents(nobody)
    life = asyncio.create_task(living)
    message = await first_trouble(link)
    assert message.host == nobody.id
    life.cancel()
    with suppress(asyncio.CancelledError):
        await life
    assert life.done()
    assert (tmp_path / "agents").is_dir()


async def test_simulated_hosts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="simulations only"):
        InProcessAgents(SystemClock(), tmp_path, 2.0)(host())


async def test_far_hosts_are_refused_where_there_is_no_way_to_them(tmp_path: Path) -> None:
    far = msgspec.structs.replace(host(), profile=TlsProfile(address="h1"))
    with pytest.raises(Refused, match="no other machines"):
        InProcessAgents(SystemClock(), tmp_path, 2.0)(far)


async def test_a_far_host_is_told_about_in_words_and_nothing_of_it_stays(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = int(nobody.getsockname()[1])
    profile = SshProfile(address="127.0.0.1", port=port, host_key=Login().public)
    approaches = Approaches(tmp_path / "far", MemoryStore(), HandSealer())
    agents = InProcessAgents(SystemClock(), tmp_path / "agents", 2.0, approaches)
    link, living = agents(msgspec.structs.replace(host(), profile=profile))
    life = asyncio.create_task(living)
    message = await first_trouble(link)
    assert "can't be reached over ssh" in message.what
    assert (tmp_path / "far" / host().id).is_dir()
    life.cancel()
    with suppress(asyncio.CancelledError):
        await life
    assert not (tmp_path / "far" / host().id).exists()
