"""Workers: calls take turns, deadlines hold, and a hung call is left behind."""

import asyncio
import gc
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from vmuster.drivers.libvirt.worker import Patience, Worker
from vmuster.ports.driver import DriverError

SOON = 0.05
GIVEN_UP = 4.0
"""Long enough for a thread to begin, even where the machine stands still for a while."""
LONG = 10.0


class Connections:
    """Counts connections and remembers which thread let go of them."""

    def __init__(self) -> None:
        self.opened = 0
        self.closed_in: list[str] = []

    def connect(self) -> int:
        self.opened += 1
        return self.opened

    def hang_up(self, _connection: int) -> None:
        self.closed_in.append(threading.current_thread().name)


def explain(error: Exception, connection: int | None) -> DriverError:
    return DriverError(f"{error} on {connection}")


def with_worker(
    story: Callable[[Worker[int], Connections], Coroutine[Any, Any, None]],
) -> Connections:
    """Play `story` with a fresh worker, which afterwards is gone."""
    connections = Connections()

    async def play() -> None:
        worker = Worker("w", connections.connect, connections.hang_up, explain)
        try:
            await story(worker, connections)
        finally:
            worker.dismiss()
            assert await worker.gone(LONG)

    asyncio.run(play())
    return connections


def test_calls_share_one_connection_and_it_is_closed_in_the_thread() -> None:
    async def story(worker: Worker[int], connections: Connections) -> None:
        assert [await worker.call(lambda c, _: c, LONG) for _ in range(3)] == [1, 1, 1]

    connections = with_worker(story)
    assert (connections.opened, connections.closed_in) == (1, ["w"])


def test_an_error_is_explained_and_the_worker_goes_on() -> None:
    def fail(_connection: int, _patience: Patience) -> None:
        raise ValueError("bad")

    async def story(worker: Worker[int], connections: Connections) -> None:
        with pytest.raises(DriverError, match="bad on 1"):
            await worker.call(fail, LONG)
        assert await worker.call(lambda c, _: c, LONG) == 1

    _ = with_worker(story)


@pytest.mark.parametrize("begun", [True, False])
def test_a_hung_call_is_given_up_and_nobody_else_waits_for_it(begun: bool) -> None:
    release = threading.Event()

    def hang(_connection: int, patience: Patience) -> bool:
        if begun:
            patience.begin_deed()
        return release.wait(LONG)

    async def story(worker: Worker[int], connections: Connections) -> None:
        with pytest.raises(DriverError, match="no answer") as error:
            _ = await worker.call(hang, GIVEN_UP if begun else SOON)
        assert (error.value.broken, error.value.unknown) == (True, begun)
        assert worker.alive
        assert worker.busy
        assert worker.deed_begun is begun
        with pytest.raises(DriverError, match="given up"):
            _ = await worker.call(lambda c, _: c, LONG)
        assert not await worker.gone(SOON)
        release.set()

    assert with_worker(story).closed_in == ["w"]


@pytest.mark.parametrize("cancelled", [True, False])
def test_a_deed_does_not_begin_once_nobody_waits_for_it(cancelled: bool) -> None:
    inside, release = threading.Event(), threading.Event()
    done: list[int] = []

    def act(connection: int, patience: Patience) -> None:
        inside.set()
        _ = release.wait(LONG)
        patience.begin_deed()
        done.append(connection)

    async def story(worker: Worker[int], connections: Connections) -> None:
        acting = asyncio.create_task(worker.call(act, LONG if cancelled else GIVEN_UP))
        assert await asyncio.to_thread(inside.wait, LONG)
        if cancelled:
            _ = acting.cancel()
        with pytest.raises((DriverError, asyncio.CancelledError)):
            _ = await acting
        release.set()
        worker.dismiss()
        assert await worker.gone(LONG)

    _ = with_worker(story)
    assert done == []


def test_a_call_may_ask_for_more_patience() -> None:
    release = threading.Event()

    def save(_connection: int, patience: Patience) -> bool:
        patience.seconds = LONG
        return release.wait(LONG)

    async def story(worker: Worker[int], connections: Connections) -> None:
        saving = asyncio.create_task(worker.call(save, SOON))
        await asyncio.sleep(3 * SOON)
        assert not saving.done()
        release.set()
        assert await saving

    _ = with_worker(story)


def test_a_call_that_does_not_get_its_turn_was_not_begun_and_breaks_nothing() -> None:
    release = threading.Event()

    async def story(worker: Worker[int], connections: Connections) -> None:
        first = asyncio.create_task(worker.call(lambda _c, _p: release.wait(LONG), LONG))
        await asyncio.sleep(0)
        with pytest.raises(DriverError, match="busy") as error:
            _ = await worker.call(lambda c, _: c, SOON)
        assert (error.value.broken, error.value.unknown) == (False, False)
        release.set()
        assert await first

    _ = with_worker(story)


def test_what_goes_wrong_after_the_caller_was_cancelled_is_heard_by_nobody() -> None:
    inside, release = threading.Event(), threading.Event()
    heard: list[object] = []

    def fail(_connection: int, _patience: Patience) -> None:
        inside.set()
        _ = release.wait(LONG)
        raise ValueError("bad")

    async def story(worker: Worker[int], connections: Connections) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, said: heard.append(said))
        call = asyncio.create_task(worker.call(fail, LONG))
        assert await asyncio.to_thread(inside.wait, LONG)
        _ = call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        release.set()
        worker.dismiss()
        assert await worker.gone(LONG)
        await asyncio.sleep(0)
        del call
        _ = gc.collect()

    _ = with_worker(story)
    assert heard == []


def test_a_call_that_was_cancelled_blocks_no_later_one() -> None:
    release = threading.Event()

    async def story(worker: Worker[int], connections: Connections) -> None:
        first = asyncio.create_task(worker.call(lambda _c, _p: release.wait(LONG), LONG))
        await asyncio.sleep(SOON)
        _ = first.cancel()
        with pytest.raises(asyncio.CancelledError):
            _ = await first
        later = asyncio.create_task(worker.call(lambda c, _: c, LONG))
        release.set()
        assert await later == 1

    _ = with_worker(story)
