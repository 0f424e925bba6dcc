"""One is judged while another is written, and they are written in their order."""

import asyncio

import pytest

from vmuster.server.passes.standing import Standing
from vmuster.server.passes.turns import Turns

pytestmark = pytest.mark.anyio


class Leaving(Standing):
    """What a transaction leaves that another one goes by."""

    def __init__(self, *, well: bool) -> None:
        super().__init__()
        self.well = well

    @property
    def holds(self) -> bool:
        return self.well


async def _breathe() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_next_is_judged_while_one_is_written_and_is_written_after_it() -> None:
    turns, said = Turns(), list[str]()
    go = {name: (asyncio.Event(), asyncio.Event()) for name in "abc"}

    async def one(name: str) -> None:
        async with turns.turn() as turn:
            said.append(f"{name} is judged")
            await go[name][0].wait()
            await turn.come()
            said.append(f"{name} is written")
            turn.write(Standing())
            await go[name][1].wait()

    tasks = [asyncio.create_task(one(name)) for name in "abc"]
    await _breathe()
    assert said == ["a is judged"]
    go["a"][0].set()
    await _breathe()
    assert said[1:] == ["a is written", "b is judged"]
    go["b"][0].set()
    await _breathe()
    assert said[3:] == [], "b waits for a, and c for b"
    go["a"][1].set()
    await _breathe()
    assert said[3:] == ["b is written", "c is judged"]
    for each in (*go["b"], *go["c"]):
        each.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("well", [True, False])
async def test_who_is_judged_beside_one_goes_by_what_it_leaves(well: bool) -> None:
    turns, left = Turns(), Leaving(well=well)
    async with turns.turn() as first:
        assert (first.before, await first.come()) == (None, True)
        first.write(left)
        async with turns.turn() as second:
            assert second.before is left
            first.end()
            assert await second.come() is well
            second.write(Standing())
    async with turns.turn() as third:
        assert third.before is None, "nothing is under way"


async def test_a_turn_that_fails_gives_way() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="here"):
        async with turns.turn():
            raise ValueError("here")
    async with asyncio.timeout(1), turns.turn() as turn:
        assert await turn.come()
        turn.write(Standing())
        turn.end()
        turn.end()
        async with turns.turn() as other:
            assert await other.come()
