"""The heart beats whatever else the agent does, and tells three signs of life apart."""

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import pytest
from msgspec.structs import replace

from tests import moments
from tests.parts import HOST
from vmuster.agent.heart import Heart
from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.drivers.simulated.hypervisor import Hang, SimulatedHypervisor, SimulatedWitness
from vmuster.model.ids import HostUuid
from vmuster.model.messages import Heartbeat, digest_of_settings

pytestmark = pytest.mark.anyio
QUICK = moments.settings(heartbeat_seconds=0.01)


class Witness(SimulatedWitness):
    """Counts how often it was asked for a sign of life, and answers when it is let."""

    def __init__(self, hypervisor: SimulatedHypervisor) -> None:
        super().__init__(hypervisor)
        self.asked = 0
        self.answers = threading.Event()
        self.answers.set()

    def alive(self) -> bool | None:
        self.asked += 1
        self.answers.wait(10)
        return super().alive()


class Chest:
    """A heart before a hypervisor, and what it says."""

    def __init__(self) -> None:
        self.hypervisor = SimulatedHypervisor("home", HostUuid(UUID(int=7)))
        self.witness = Witness(self.hypervisor)
        self.said: asyncio.Queue[Heartbeat] = asyncio.Queue()
        driver = SimulatedDriver(self.hypervisor)
        self.heart = Heart(driver, self.witness, HOST, self.said.put)
        self.heart.follow(7, QUICK)

    async def beat(self) -> Heartbeat:
        async with asyncio.timeout(5):
            return await self.said.get()

    async def feels(self, beat: Heartbeat) -> None:
        """Wait until this is what it says."""
        while await self.beat() != beat:
            pass


@pytest.fixture
def chest() -> Chest:
    return Chest()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def beating(chest: Chest) -> AsyncGenerator[None]:
    life = asyncio.create_task(chest.heart.beat_on())
    try:
        yield
    finally:
        chest.witness.answers.set()
        life.cancel()
        with suppress(asyncio.CancelledError):
            await life


WELL = Heartbeat(host=HOST, answers=True, epoch=7, settings=digest_of_settings(QUICK))
HUNG = replace(WELL, answers=False, alive=True, why="no answer in time")


async def test_a_hypervisor_that_answers_is_enough_and_no_witness_is_asked(chest: Chest) -> None:
    async with beating(chest):
        assert [await chest.beat() for _ in range(3)] == [WELL] * 3
    assert chest.witness.asked == 0


async def test_a_hung_hypervisor_is_told_from_its_living_host(chest: Chest) -> None:
    chest.hypervisor.faults.hang = Hang.BEFORE
    async with beating(chest):
        assert await chest.beat() == HUNG
        chest.hypervisor.faults.hang = Hang.NO
        await chest.feels(WELL)


async def test_a_dead_daemon_is_told_from_a_hung_one_in_words(chest: Chest) -> None:
    chest.hypervisor.kill_daemon()
    async with beating(chest):
        beat = await chest.beat()
    assert (beat.answers, beat.alive) == (False, True)
    assert beat.why == "cannot connect to the daemon"


async def test_a_host_that_is_gone_is_not_alive(chest: Chest) -> None:
    chest.hypervisor.faults.gone = True
    async with beating(chest):
        beat = await chest.beat()
    assert (beat.answers, beat.alive) == (False, False)


async def test_where_no_witness_can_tell_nothing_is_claimed(chest: Chest) -> None:
    chest.hypervisor.faults.hang = Hang.BEFORE
    chest.witness.blind = True
    async with beating(chest):
        assert (await chest.beat()).alive is None


async def test_a_witness_that_hangs_does_not_stop_the_heart(
    chest: Chest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vmuster.agent.heart._ALIVE_SECONDS", 0.02)
    chest = Chest()
    chest.hypervisor.faults.hang = Hang.BEFORE
    chest.witness.answers.clear()
    async with beating(chest):
        assert [(await chest.beat()).alive for _ in range(5)] == [None] * 5
        assert chest.witness.asked == 1, "no second question while the first is open"
        chest.witness.answers.set()
        await chest.feels(HUNG)


async def test_a_new_pace_holds_at_once(chest: Chest) -> None:
    slow = moments.settings(heartbeat_seconds=3600)
    chest.heart.follow(7, slow)
    async with beating(chest):
        assert (await chest.beat()).settings == digest_of_settings(slow)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await chest.said.get()
        chest.heart.follow(7, QUICK)
        assert [await chest.beat() for _ in range(2)] == [WELL] * 2


async def test_before_it_has_heard_any_settings_it_names_none() -> None:
    hypervisor = SimulatedHypervisor("home", HostUuid(UUID(int=7)))
    said: asyncio.Queue[Heartbeat] = asyncio.Queue()
    heart = Heart(SimulatedDriver(hypervisor), Witness(hypervisor), HOST, said.put)
    life = asyncio.create_task(heart.beat_on())
    beat = await said.get()
    assert (beat.epoch, beat.settings) == (0, "")
    life.cancel()
