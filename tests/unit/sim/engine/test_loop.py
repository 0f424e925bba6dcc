"""The event loop of a simulation: virtual time, mortal processes, one run for each seed."""

import asyncio
from collections.abc import Coroutine
from threading import Thread
from typing import Any

import pytest

from vmuster.sim.engine.chance import Chance
from vmuster.sim.engine.loop import SimLoop, Stuck
from vmuster.sim.engine.process import Process


def run(loop: SimLoop, main: Coroutine[Any, Any, object], *processes: Process) -> object:
    try:
        return loop.run(main)
    finally:
        loop.dispose([loop.world, *processes])


def new_loop(seed: int = 1) -> SimLoop:
    return SimLoop(Chance(seed))


def test_time_passes_only_where_somebody_waits_and_then_at_once() -> None:
    loop = new_loop()

    async def main() -> float:
        await asyncio.sleep(3600)
        return loop.time()

    assert run(loop, main()) == 3600.0


def test_what_the_shipped_code_builds_on_works() -> None:
    loop = new_loop()

    async def late() -> int:
        await asyncio.sleep(5)
        return 5

    async def main() -> tuple[object, ...]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(late()) for _ in range(3)]
        queue: asyncio.Queue[int] = asyncio.Queue(1)
        await queue.put(1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await queue.put(2)
        done, pending = await asyncio.wait(
            {asyncio.ensure_future(late()), asyncio.ensure_future(asyncio.sleep(1))},
            return_when=asyncio.FIRST_COMPLETED,
        )
        thread = await asyncio.to_thread(lambda: 7)
        return [task.result() for task in tasks], len(done), len(pending), thread, loop.time()

    tasks, done, pending, thread, now = run(loop, main())  # type: ignore[misc]
    assert (tasks, done, pending, thread) == ([5, 5, 5], 1, 1, 7)
    assert 8.0 < now < 8.1


def test_a_thread_says_what_went_wrong_in_it() -> None:
    def fail() -> None:
        raise ValueError("in the thread")

    async def main() -> None:
        await asyncio.to_thread(fail)

    with pytest.raises(ValueError, match="in the thread"):
        run(new_loop(), main())


def test_a_killed_process_goes_no_step_further_not_even_to_clean_up() -> None:
    loop, process, did = new_loop(), Process("victim"), list[str]()

    async def work() -> None:
        try:
            while True:
                await asyncio.sleep(1)
                did.append("worked")
        finally:
            did.append("cleaned up")

    async def main() -> list[str]:
        loop.spawn(process, work())
        await asyncio.sleep(3.5)
        loop.kill(process)
        loop.post(process, did.append, "reached")
        await asyncio.sleep(10)
        return list(did)

    assert run(loop, main(), process) == ["worked"] * 3


def test_a_frozen_process_stands_still_and_then_goes_on_as_if_nothing_had_been() -> None:
    loop, process, at = new_loop(), Process("sleeper"), list[float]()

    async def work() -> None:
        while True:
            await asyncio.sleep(1)
            at.append(loop.time())

    async def main() -> None:
        loop.spawn(process, work())
        await asyncio.sleep(2.5)
        loop.freeze(process)
        await asyncio.sleep(10)
        loop.thaw(process)
        await asyncio.sleep(1.2)

    run(loop, main(), process)
    assert at == [1.0, 2.0, 12.5, 13.5]


def test_a_doomed_process_dies_after_so_many_steps_and_no_other_does() -> None:
    loop, process, did = new_loop(), Process("victim"), list[int]()

    async def work() -> None:
        for number in range(10):
            did.append(number)
            await asyncio.sleep(1)

    async def main() -> list[int]:
        loop.doom(process, 4, lambda: loop.kill(process))
        loop.spawn(process, work())
        await asyncio.sleep(60)
        return list(did)

    # of each second two callbacks are: the timer's, and the task's next step
    assert run(loop, main(), process) == [0, 1]


def test_callbacks_of_one_process_keep_their_order_and_those_of_several_do_not() -> None:
    orders = set[str]()
    for seed in range(30):
        loop, processes, said = new_loop(seed), [Process("a"), Process("b")], list[str]()

        async def main(
            loop: SimLoop = loop, processes: list[Process] = processes, said: list[str] = said
        ) -> None:
            for number in range(3):
                for process in processes:
                    loop.post(process, said.append, f"{process.name}{number}")
            await asyncio.sleep(1)

        run(loop, main(), *processes)
        for name in "ab":
            assert [each for each in said if each[0] == name] == [f"{name}{n}" for n in range(3)]
        orders.add("".join(said))
    assert len(orders) > 5


def test_what_is_asked_for_in_a_process_belongs_to_it() -> None:
    loop, process, seen = new_loop(), Process("other"), list[str]()

    async def child() -> None:
        seen.append(loop.current.name)

    async def work() -> None:
        await asyncio.create_task(child())
        await asyncio.to_thread(lambda: seen.append(loop.current.name))

    async def main() -> None:
        loop.spawn(process, work())
        await asyncio.sleep(1)
        seen.append(loop.current.name)

    run(loop, main(), process)
    assert seen == ["other", "other", "world"]


def test_who_waits_for_a_task_of_another_process_stays_in_its_own() -> None:
    loop, process = new_loop(), Process("other")

    async def main() -> str:
        await loop.spawn(process, asyncio.sleep(1))
        loop.kill(process)
        await asyncio.sleep(1)
        return loop.current.name

    assert run(loop, main(), process) == "world"


def test_a_real_thread_is_refused() -> None:
    loop, said = new_loop(), list[str]()

    def call() -> None:
        try:
            loop.call_soon_threadsafe(print)
        except RuntimeError as error:
            said.append(str(error))

    thread = Thread(target=call)
    thread.start()
    thread.join()
    assert said == ["there are no threads in a simulation but its own"]


def test_nothing_left_to_wait_for_is_said() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Stuck):
        run(new_loop(), main())


def test_an_error_that_nobody_takes_is_handed_over() -> None:
    loop, told = new_loop(), list[str]()
    loop.on_error = lambda context: told.append(str(context["message"]))

    async def main() -> None:
        loop.call_soon(lambda: 1 / 0)
        await asyncio.sleep(1)

    run(loop, main())
    assert len(told) == 1
    assert "Exception in callback" in told[0]


def test_a_simulation_runs_in_a_thread_of_its_own() -> None:
    async def main() -> None:
        nothing = asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="of its own"):
            new_loop().run(nothing)
        nothing.close()

    asyncio.run(main())


def test_what_a_task_died_of_is_told_at_the_end_where_nobody_asked() -> None:
    loop, process = new_loop(), Process("victim")
    told = list[tuple[str, str]]()
    loop.on_error = lambda context: told.append((loop.current.name, repr(context["exception"])))

    async def die(word: str) -> None:
        raise KeyError(word)

    async def main() -> None:
        kept = [loop.spawn(process, die("nobody asks")), loop.spawn(process, die("one asks"))]
        kept.append(loop.spawn(process, asyncio.sleep(60)))
        await asyncio.sleep(1)
        _ = kept[1].exception()
        loop.kill(process)
        assert told == []

    run(loop, main(), process)
    assert told == [("victim", "KeyError('nobody asks')")]


def test_a_dead_task_is_not_lost_among_many() -> None:
    loop, told = new_loop(), list[str]()
    loop.on_error = lambda context: told.append(repr(context["exception"]))

    async def die(number: int) -> None:
        if number == 1:
            raise KeyError(number)

    async def main() -> None:
        for number in range(300):
            _ = loop.spawn(loop.world, die(number))
            await asyncio.sleep(1)
        assert told == []

    run(loop, main())
    assert told == ["KeyError(1)"]
