"""Intake numbers rise, and none is given twice: not after a restart, and not by two servers."""

from collections.abc import Sequence

import pytest

from tests.servers import Bench, bench
from vmuster.model.changes import Changes
from vmuster.model.errors import Unavailable
from vmuster.model.host import Fleet
from vmuster.server import intake_numbers
from vmuster.server.intake_numbers import IntakeNumbers
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


async def test_numbers_rise_across_blocks(parts: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_numbers, "_BLOCK", 3)
    numbers = IntakeNumbers(parts.store)
    given = [await numbers.next() for _ in range(10)]
    assert given == list(range(1, 11))
    assert numbers.last == 10


async def test_none_is_given_again_after_a_restart(parts: Bench) -> None:
    given: list[int] = []
    for _ in range(4):
        numbers = IntakeNumbers(parts.store)
        given += [await numbers.next(), await numbers.next()]
    assert given == sorted(set(given))


async def test_what_is_known_last_after_a_start_is_above_all_that_was_given(
    parts: Bench,
) -> None:
    numbers = IntakeNumbers(parts.store)
    await numbers.reserve()
    given = [await numbers.next() for _ in range(3)]
    again = IntakeNumbers(parts.store)
    await again.reserve()
    assert again.last >= max(given)
    assert await again.next() > again.last - 1


class Refusing(MemoryStore):
    refusing = False

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        return ["it changed"] if self.refusing else await super().commit(changes)


async def test_without_a_durable_block_there_is_no_number(anyio_backend: str) -> None:
    store = Refusing()
    await bench(store)
    numbers = IntakeNumbers(store)
    store.refusing = True
    with pytest.raises(Unavailable):
        await numbers.next()
    store.refusing = False
    assert await numbers.next() == 1


async def test_without_a_fleet_there_is_no_number() -> None:
    store = MemoryStore()
    assert await store.get(Fleet) is None
    with pytest.raises(Unavailable):
        await IntakeNumbers(store).next()
