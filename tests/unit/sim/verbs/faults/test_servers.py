"""Servers that break: each sentence does what it says, and is mended by its heal."""

import asyncio

import pytest

from tests.faulty import Faulty, until
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.server import SimServer


def _last(small: Faulty) -> SimServer:
    return small.world.servers[-1]


def _alive(small: Faulty) -> list[str]:
    return [each.process.name for each in small.world.servers if each.process.alive]


def test_a_server_is_dead_until_one_is_started() -> None:
    async def main(small: Faulty) -> None:
        await small.happens("the server is killed")
        assert _alive(small) == []
        with pytest.raises(Pointless):
            await small.happens("the server is killed")
        await small.happens("the server is started")
        assert _alive(small) == ["server-2"]
        with pytest.raises(Pointless):
            await small.happens("the server is started")

    Faulty().play(main)


@pytest.mark.parametrize(
    "sentence", ["the server is restarted", "the server is killed 1 times every 0.1s"]
)
def test_a_server_is_restarted_at_once(sentence: str) -> None:
    async def main(small: Faulty) -> None:
        await small.happens(sentence)
        assert _alive(small) == ["server-2"]

    Faulty().play(main)


def test_a_server_that_can_not_stay_alive_is_started_again_and_again() -> None:
    async def main(small: Faulty) -> None:
        began = small.world.loop.time()
        await small.happens("the server is killed 3 times every 0.5s")
        assert _alive(small) == ["server-4"]
        assert small.world.loop.time() - began == pytest.approx(1.5)

    Faulty().play(main)


def test_a_server_is_ended_in_good_order() -> None:
    async def main(small: Faulty) -> None:
        service = _last(small).service
        assert service is not None
        await small.happens("the server is ended")
        assert service.stopping
        assert _alive(small) == []

    Faulty().play(main)


@pytest.mark.parametrize(("edge", "written"), [("before", False), ("after", True)])
def test_a_server_dies_at_the_edge_of_its_next_commit(edge: str, written: bool) -> None:
    async def main(small: Faulty) -> None:
        await small.happens(f"the server is killed {edge} its next commit")
        commits = len(small.ears.commits)
        await until(lambda: not _alive(small))
        assert (len(small.ears.commits) > commits) is written

    Faulty().play(main)


def test_a_server_dies_after_so_many_steps_and_no_sooner() -> None:
    async def main(small: Faulty) -> None:
        await small.happens("the server dies after 3 steps")
        assert _alive(small) == ["server-1"]
        await until(lambda: not _alive(small))

    Faulty().play(main)


def test_a_server_stands_still_until_it_is_thawed() -> None:
    async def main(small: Faulty) -> None:
        await small.happens("the server is frozen")
        assert _last(small).process.frozen
        with pytest.raises(Pointless):
            await small.happens("the server is frozen")
        with pytest.raises(Pointless):
            await small.happens("the server is ended")
        await small.happens("the server is thawed")
        assert not _last(small).process.frozen
        with pytest.raises(Pointless):
            await small.happens("the server is thawed")

    Faulty().play(main)


def test_a_second_server_runs_elsewhere_and_takes_the_place_of_the_older_one() -> None:
    async def main(small: Faulty) -> None:
        await small.happens("a second server is started")
        assert _alive(small) == ["server-1", "server-2"]
        assert small.world.servers[0].disk != small.world.servers[1].disk
        with pytest.raises(Pointless):
            await small.happens("a second server is started")
        await small.happens("the older server is killed")
        assert _alive(small) == ["server-2"]
        with pytest.raises(Pointless):
            await small.happens("the older server is killed")

    Faulty().play(main)


def test_a_server_that_is_watched_over_is_started_whenever_it_is_dead() -> None:
    async def main(small: Faulty) -> None:
        await small.happens("the server is watched over")
        for life in (2, 3):
            await small.happens("the server is killed")
            await until(lambda life=life: _alive(small) == [f"server-{life}"], seconds=5.0)
        with pytest.raises(Pointless):
            await small.happens("the server is watched over")

    Faulty().play(main)


def test_a_server_that_can_not_begin_is_tried_again_until_it_can() -> None:
    async def main(small: Faulty) -> None:
        await small.happens("the server is watched over", "the database is away")
        await small.happens("the server is killed")
        await asyncio.sleep(20.0)
        assert len(small.world.servers) > 3
        await small.happens("the database is back")
        await until(lambda: _last(small).service is not None, seconds=10.0)

    Faulty().play(main)
