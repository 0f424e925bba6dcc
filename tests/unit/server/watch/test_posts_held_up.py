"""What would hold a webhook up for ever: a damaged entry, and an end that nobody notices."""

import asyncio

import pytest

from tests.unit.server.watch.conftest import Kept
from tests.unit.server.watch.test_posts import Office, office
from vmuster.server.watch import posts as posting

pytestmark = pytest.mark.anyio
__all__ = ["office"]


async def test_an_entry_that_can_not_be_read_holds_back_none_after_it(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "ROUNDS_SECONDS", 0.01)
    office = Office(kept.parts)
    await office.hook("one")
    await office.close()
    ids = await office.write("a", "b", "c")
    kept.damage(ids[1])
    office.open()
    await office.until(lambda: office.ids("one") == [ids[0], ids[2]])
    await office.close()


async def test_the_rounds_can_be_ended_while_they_wait_for_a_courier(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, leaving, left = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def post(*_: object) -> None:
        busy.set()
        try:
            await asyncio.Event().wait()
        finally:
            leaving.set()
            await left.wait()

    monkeypatch.setattr(office.poster, "post", post)
    await office.hook("one")
    await office.write("a")
    async with asyncio.timeout(5):
        await busy.wait()
        monkeypatch.setattr(posting, "ROUNDS_SECONDS", 60.0)
        await office.write_row(await office.row("one"), None)
        office.posts.begin_anew("one")
        await leaving.wait()
    *_, rounds = office.tasks
    rounds.cancel()
    done, _ = await asyncio.wait([rounds], timeout=5)
    left.set()
    assert done == {rounds}
