"""What is begun on a connection is finished, whoever is cancelled meanwhile."""

import asyncio

import pytest

from vmuster.stores.sql.finishing import to_the_end

pytestmark = pytest.mark.anyio


async def test_it_gives_what_the_work_gives() -> None:
    async def work() -> int:
        return 5

    async def fail() -> None:
        raise KeyError

    assert await to_the_end(work()) == 5
    with pytest.raises(KeyError):
        await to_the_end(fail())


async def test_who_is_cancelled_again_and_again_waits_for_its_end() -> None:
    go, ended = asyncio.Event(), False

    async def work() -> None:
        nonlocal ended
        await go.wait()
        ended = True

    waiting = asyncio.create_task(to_the_end(work()))
    for _ in range(3):
        await asyncio.sleep(0)
        waiting.cancel()
    await asyncio.sleep(0)
    assert not waiting.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ended
