"""One life of a simulated server."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from tests.simworlds import SmallWorld
from vmuster.model.errors import Refused
from vmuster.model.host import Fleet
from vmuster.model.settled import Settled
from vmuster.server.figures.catalogue import PASSES
from vmuster.server.figures.labels import PassOutcome
from vmuster.server.service import Service
from vmuster.sim.world.server import SimServer
from vmuster.sim.world.truth import Silent
from vmuster.sim.world.world import BEGINS_SECONDS, NeverServes

PACES_SECONDS: Final = 200.0
"""After so long a host has given several accounts."""


def test_two_lives_are_of_one_fleet_with_one_key() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        fleets = list[Fleet | None]()
        for _ in range(2):
            server = await world.serving()
            fleets.append(await world.ask(lambda service: service.store.get(Fleet)))
            world.kill_server(server)
        first, second = fleets
        assert first is not None
        assert second is not None
        assert (first.id, first.key) == (second.id, second.key)

    small.run(main)


def test_a_server_that_cannot_begin_says_why_and_is_begun_again() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        assert world.server is not None
        world.kill_server(world.server)
        world.database.away = True
        failed = world.start_server()
        await asyncio.sleep(1)
        assert failed.failed == "could not begin: Unavailable"
        world.database.away = False
        server = await world.serving()
        assert server.service is not None

    small.run(main)


class Fails(Silent):
    """Hears what the shipped code lets fall."""

    def __init__(self) -> None:
        self.fallen: list[tuple[str, str]] = []

    def failed(self, process: str, error: BaseException) -> None:
        self.fallen.append((process, repr(error)))


def begun_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> tuple[SmallWorld, Fails]:
    """A world in which no server comes to serve any more."""
    small, fails = SmallWorld(), Fails()
    small.world.chronicle.watchers.append(fails)

    async def start(_service: Service) -> None:
        raise error

    async def main() -> None:
        assert small.world.server is not None
        small.world.kill_server(small.world.server)
        monkeypatch.setattr(Service, "start", start)
        with pytest.raises(NeverServes, match=f"could not begin: {type(error).__name__}"):
            _ = await small.world.serving()

    small.run(main)
    return small, fails


def test_a_server_that_dies_of_a_mistake_while_it_begins_has_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, fails = begun_with(KeyError("vm"), monkeypatch)
    assert fails.fallen[:2] == [("server-2", "KeyError('vm')"), ("server-3", "KeyError('vm')")]


def test_a_server_that_says_no_has_not_failed_and_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small, fails = begun_with(Refused("another fleet's"), monkeypatch)
    assert fails.fallen == []
    assert BEGINS_SECONDS < small.world.loop.time() < BEGINS_SECONDS + 60


def test_while_the_database_is_away_nobody_need_begin() -> None:
    small = SmallWorld()
    world = small.world

    async def main() -> None:
        assert world.server is not None
        world.kill_server(world.server)
        world.database.away = True
        waiting = asyncio.ensure_future(world.serving())
        await asyncio.sleep(2 * BEGINS_SECONDS)
        world.database.away = False
        assert (await waiting).service is not None

    small.run(main)


def test_a_request_is_answered_in_the_servers_process() -> None:
    small = SmallWorld()
    world = small.world

    async def where(_service: Service) -> str:
        return world.loop.current.name

    async def main() -> None:
        assert await world.ask(where) == "server-1"
        assert world.loop.current.name == "world"

    small.run(main)


def test_an_end_in_good_order_leaves_what_is_settled_and_a_kill_does_not() -> None:
    small = SmallWorld()
    world = small.world

    async def left_by(end: Callable[[SimServer], Awaitable[None]]) -> tuple[int, bool]:
        """How many accounts a server leaves, and whether the next one judges one again."""
        server = await world.serving()
        await asyncio.sleep(PACES_SECONDS)
        await end(server)
        left = len(world.database.every(Settled))
        _ = world.start_server()
        server = await world.serving()
        await asyncio.sleep(PACES_SECONDS)
        assert server.service is not None
        assert not world.database.every(Settled)
        return left, server.service.context.figures.sums(PASSES, ())[PassOutcome.TAKEN,] > 0

    async def kill(server: SimServer) -> None:
        world.kill_server(server)

    async def main() -> None:
        assert await left_by(kill) == (0, True)
        assert await left_by(world.stop_server) == (2, False)

    small.run(main)
