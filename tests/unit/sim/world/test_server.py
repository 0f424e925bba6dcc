"""One life of a simulated server."""

import asyncio

from tests.simworlds import SmallWorld
from vmuster.model.host import Fleet
from vmuster.server.service import Service


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
        assert "the database does not answer" in failed.failed
        world.database.away = False
        server = await world.serving()
        assert server.service is not None

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
