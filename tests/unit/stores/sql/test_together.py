"""Whoever asks while a question is under way shares the next one, and pays for no other's row."""

import asyncio
from collections.abc import Collection, Mapping

import pytest

from vmuster.model.errors import Corrupt, Unavailable
from vmuster.stores.sql.together import KEYS_MAX, Together

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Asked:
    """Answers a number with ten times itself, once it is let go on; knows none below 0, and fails
    for those that are `wrong`."""

    def __init__(self) -> None:
        self.together = Together[int, int](self.ask)
        self.questions: list[list[int]] = []
        self.go_on = asyncio.Event()
        self.wrong: dict[int, Exception] = {}

    async def ask(self, keys: Collection[int]) -> Mapping[int, int]:
        self.questions.append(sorted(keys))
        await self.go_on.wait()
        for key in keys:
            if key in self.wrong:
                raise self.wrong[key]
        return {key: 10 * key for key in keys if key >= 0}

    async def first(self, key: int) -> asyncio.Task[int | None]:
        """Somebody who asks, and is under way."""
        task = asyncio.create_task(self.together.answer(key))
        while not self.questions:  # noqa: ASYNC110  # no bell rings
            await asyncio.sleep(0)
        return task


async def test_who_asks_meanwhile_shares_the_next_question() -> None:
    asked = Asked()
    alone = await asked.first(1)
    others = [asyncio.create_task(asked.together.answer(key)) for key in (2, 3, 2, -1)]
    await asyncio.sleep(0)
    asked.go_on.set()
    assert await alone == 10
    assert await asyncio.gather(*others) == [20, 30, 20, None]
    assert asked.questions == [[1], [-1, 2, 3]]


async def test_an_answer_is_of_a_moment_after_it_was_asked_for() -> None:
    asked = Asked()
    before = await asked.first(1)
    after = asyncio.create_task(asked.together.answer(1))
    await asyncio.sleep(0)
    asked.go_on.set()
    assert (await before, await after) == (10, 10)
    assert asked.questions == [[1], [1]]


async def test_a_question_is_bounded() -> None:
    asked = Asked()
    asked.go_on.set()
    answers = await asyncio.gather(*(asked.together.answer(key) for key in range(KEYS_MAX + 1)))
    assert answers == [10 * key for key in range(KEYS_MAX + 1)]
    assert [len(question) for question in asked.questions] == [KEYS_MAX, 1]


async def test_a_row_that_can_t_be_read_is_the_affair_of_who_asks_for_it() -> None:
    asked = Asked()
    asked.wrong[2] = Corrupt("it can't be read")
    asked.go_on.set()
    answers = await asyncio.gather(
        *(asked.together.answer(key) for key in (1, 2, 3)), return_exceptions=True
    )
    assert answers == [10, asked.wrong[2], 30]


async def test_a_database_that_does_not_answer_answers_nobody_and_is_asked_once() -> None:
    asked = Asked()
    asked.wrong[2] = Unavailable("it does not answer")
    asked.go_on.set()
    answers = await asyncio.gather(
        *(asked.together.answer(key) for key in (1, 2)), return_exceptions=True
    )
    assert answers == [asked.wrong[2]] * 2
    assert asked.questions == [[1, 2]]
    assert await asked.together.answer(1) == 10


async def test_who_gives_up_keeps_nobody_from_the_answer() -> None:
    asked = Asked()
    first = await asked.first(1)
    gone, stays = (asyncio.create_task(asked.together.answer(2)) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    asked.go_on.set()
    assert (await first, await stays) == (10, 20)


async def test_the_end_waits_for_all_that_was_asked() -> None:
    asked = Asked()
    first = await asked.first(1)
    ending = asyncio.create_task(asked.together.finished())
    await asyncio.sleep(0)
    assert not ending.done()
    asked.go_on.set()
    await ending
    assert await first == 10
    await asked.together.finished()
