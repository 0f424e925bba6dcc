"""A pinger spends one thread, whatever hangs; and a new life of the daemon does not deceive it."""

import asyncio
import threading
import time

import pytest

from vmuster.drivers.libvirt.pinger import Pinger
from vmuster.drivers.libvirt.worker import Patience, Worker
from vmuster.ports.driver import DriverError

SOON = 0.1
PATIENT = 4.0
"""Long enough for an answer, even where the machine stands still for a while."""


class Daemon:
    """Hands out connections, each the number of its life; a call hangs until it is let go on."""

    def __init__(self, seconds: float = PATIENT) -> None:
        self.life = 1
        self.dead = False
        self.answers = threading.Event()
        self.answers.set()
        self.connections = 0
        self.hung_up = 0
        self.pinger = Pinger(self._hire, self._ask, seconds)

    def _hire(self) -> Worker[int]:
        return Worker("test-ping", self._connect, self._hang_up, lambda error, _: _explain(error))

    def _connect(self) -> int:
        if self.dead:
            raise DriverError("refused", broken=True)
        self.connections += 1
        return self.life

    def _hang_up(self, _connection: int) -> None:
        self.hung_up += 1

    def _ask(self, connection: int, _patience: Patience) -> None:
        self.answers.wait(10)
        if self.dead or connection != self.life:
            raise DriverError("the connection is gone", broken=True)


def _explain(error: Exception) -> DriverError:
    return error if isinstance(error, DriverError) else DriverError(str(error))


def threads() -> int:
    return sum(thread.name == "test-ping" for thread in threading.enumerate())


def until_none_is_left() -> None:
    for thread in threading.enumerate():
        if thread.name == "test-ping":
            thread.join(20)


def test_pings_share_one_connection() -> None:
    daemon = Daemon()

    async def story() -> None:
        for _ in range(5):
            await daemon.pinger.ping()
        assert (daemon.connections, threads()) == (1, 1)
        await daemon.pinger.end(20)

    asyncio.run(story())
    until_none_is_left()
    assert (daemon.hung_up, threads()) == (1, 0)


def test_while_one_hangs_no_second_thread_is_spent_and_it_recovers() -> None:
    daemon = Daemon()

    async def story() -> None:
        await daemon.pinger.ping()
        daemon.answers.clear()
        with pytest.raises(DriverError, match="no answer within") as first:
            await daemon.pinger.ping()
        assert (first.value.broken, first.value.unknown) == (True, False)
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(DriverError, match="still no answer"):
                await daemon.pinger.ping()
            assert time.monotonic() - began < 10
        assert (daemon.connections, threads()) == (1, 1)
        daemon.answers.set()
        await asyncio.to_thread(until_none_is_left)
        await daemon.pinger.ping()
        assert daemon.connections == 2
        await daemon.pinger.end(20)

    asyncio.run(story())


def test_a_new_life_of_the_daemon_is_no_failure() -> None:
    daemon = Daemon()

    async def story() -> None:
        await daemon.pinger.ping()
        daemon.life += 1
        await daemon.pinger.ping()
        assert daemon.connections == 2
        await daemon.pinger.end(20)

    asyncio.run(story())


def test_a_dead_daemon_is_an_error_and_its_return_is_none() -> None:
    daemon = Daemon()

    async def story() -> None:
        await daemon.pinger.ping()
        daemon.dead = True
        for _ in range(2):
            with pytest.raises(DriverError, match="refused"):
                await daemon.pinger.ping()
        daemon.dead = False
        await daemon.pinger.ping()
        await daemon.pinger.end(20)

    asyncio.run(story())
    until_none_is_left()
    assert threads() == 0


def test_the_end_waits_no_longer_than_it_may() -> None:
    daemon = Daemon(SOON)

    async def story() -> None:
        daemon.answers.clear()
        with pytest.raises(DriverError):
            await daemon.pinger.ping()
        began = time.monotonic()
        await daemon.pinger.end(0.1)
        assert time.monotonic() - began < 10

    try:
        asyncio.run(story())
    finally:
        daemon.answers.set()
