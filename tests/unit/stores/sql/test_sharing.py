"""Whoever waits while a transaction runs shares the next one, in the order in which they came."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest

from tests.conformance.stores.rows import entry
from vmuster.model.changes import Changes
from vmuster.model.errors import Unavailable
from vmuster.stores.sql.sharing import SETS_MAX, SharedTransactions


def sets(*words: str) -> Sequence[Changes]:
    return [Changes(entries=(entry(what=word),)) for word in words]


class Writing:
    """Answers each set with its own word, once it is let go on; fails for words in `wrong`."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.shared = SharedTransactions(self.write, self.turn)
        self.go_on = asyncio.Event()
        self.transactions: list[list[str]] = []
        self.wrong: dict[str, Exception] = {}

    async def write(self, changes: Sequence[Changes]) -> list[str]:
        words = [each.entries[0].what for each in changes]
        self.transactions.append(words)
        await self.go_on.wait()
        for word in words:
            if word in self.wrong:
                raise self.wrong[word]
        return words

    async def commits(self, *callers: Sequence[Changes]) -> list[asyncio.Task[list[str]]]:
        """Callers that wait: the first in a transaction of its own."""
        tasks: list[asyncio.Task[list[str]]] = []
        for changes in callers:
            tasks.append(asyncio.create_task(self.shared.commit(changes)))
            for _ in range(3):
                await asyncio.sleep(0)
        return tasks


def played(story: Callable[[Writing], Coroutine[Any, Any, None]]) -> None:
    async def play() -> None:
        async with asyncio.timeout(20):
            await story(Writing())

    asyncio.run(play())


def test_who_waits_shares_the_next_transaction_and_is_given_its_own_answers() -> None:
    async def story(writing: Writing) -> None:
        tasks = await writing.commits(sets("a"), sets("b", "c"), sets(), sets("d"))
        writing.go_on.set()
        assert await asyncio.gather(*tasks) == [["a"], ["b", "c"], [], ["d"]]
        assert writing.transactions == [["a"], ["b", "c", "d"]]

    played(story)


def test_a_transaction_is_bounded_but_for_a_single_caller() -> None:
    async def story(writing: Writing) -> None:
        half = ["x"] * (SETS_MAX // 2)
        whole = ["y"] * (SETS_MAX + 1)
        callers = [sets("a"), sets(*half), sets(*half), sets("b"), sets(*whole), sets("c")]
        tasks = await writing.commits(*callers)
        writing.go_on.set()
        await asyncio.gather(*tasks)
        assert writing.transactions == [["a"], half + half, ["b"], whole, ["c"]]

    played(story)


def test_who_holds_the_turn_is_waited_for_and_who_waits_for_it_has_it_in_between() -> None:
    async def story(writing: Writing) -> None:
        writing.go_on.set()
        seen: list[int] = []

        async def another() -> None:
            async with writing.turn:
                seen.append(len(writing.transactions))

        async with writing.turn:
            first = await writing.commits(sets("a"))
            other = asyncio.create_task(another())
            await asyncio.sleep(0)
            more = await writing.commits(*(sets(*["x"] * SETS_MAX) for _ in range(3)))
            assert writing.transactions == []
        await other
        await asyncio.gather(*first, *more)
        assert seen == [1]

    played(story)


def test_an_error_of_the_database_is_everybodys() -> None:
    async def story(writing: Writing) -> None:
        writing.wrong["b"] = Unavailable("full")
        tasks = await writing.commits(sets("a"), sets("b"), sets("c"))
        writing.go_on.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert answers == [["a"], writing.wrong["b"], writing.wrong["b"]]
        assert await writing.shared.commit(sets("d")) == ["d"]

    played(story)


def test_nobody_pays_for_the_mistake_of_another() -> None:
    async def story(writing: Writing) -> None:
        writing.wrong["b"] = KeyError("b")
        tasks = await writing.commits(sets("a"), sets("b"), sets("c"))
        writing.go_on.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert answers == [["a"], writing.wrong["b"], ["c"]]

    played(story)


@pytest.mark.parametrize("cancelled", [0, 1])
def test_a_caller_that_is_cancelled_changes_nothing(cancelled: int) -> None:
    async def story(writing: Writing) -> None:
        tasks = await writing.commits(sets("a"), sets("b"), sets("c"))
        tasks[cancelled].cancel()
        await asyncio.wait([tasks[cancelled]])
        writing.go_on.set()
        await writing.shared.finished()
        assert writing.transactions == [["a"], ["b", "c"]]
        assert await tasks[2] == ["c"]

    played(story)
