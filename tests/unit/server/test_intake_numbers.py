"""Intake numbers rise, and none is given twice: not after a restart, and not by two servers."""

import asyncio
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from tests.servers import Bench, bench
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Unavailable
from vmuster.model.host import Fleet
from vmuster.ports.store import Row, Store
from vmuster.server import intake_numbers
from vmuster.server.intake_numbers import IntakeNumbers
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
FIRST = 10_001
"""The first block is the bench's own."""


async def _first(store: Store) -> int:
    """The first number that nobody was given yet."""
    return (await _fleet(store)).intake + 1


async def _fleet(store: Store) -> Fleet:
    fleet = await store.get(Fleet)
    assert fleet is not None
    return fleet


async def test_as_many_as_are_needed_are_at_hand_before_they_are_given(
    parts: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_numbers, "_BLOCK", 10)
    numbers = IntakeNumbers(parts.store)
    await numbers.prepare(8)
    there = await _fleet(parts.store)
    given = [await numbers.next(there) for _ in range(8)]
    await numbers.prepare(2)
    assert (await _fleet(parts.store)).version == there.version
    await numbers.prepare(3)
    assert (await _fleet(parts.store)).version == there.version + 1
    assert await numbers.next() > given[-1]


async def test_numbers_rise_across_blocks(parts: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_numbers, "_BLOCK", 3)
    numbers, first = IntakeNumbers(parts.store), await _first(parts.store)
    given = [await numbers.next() for _ in range(10)]
    assert given == list(range(first, first + 10))
    assert numbers.last == first + 9


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
    numbers, first = IntakeNumbers(store), await _first(store)
    store.refusing = True
    with pytest.raises(Unavailable):
        await numbers.next()
    store.refusing = False
    assert await numbers.next() == first


async def test_without_a_fleet_there_is_no_number() -> None:
    store = MemoryStore()
    assert await store.get(Fleet) is None
    with pytest.raises(Unavailable):
        await IntakeNumbers(store).next()


class Meddled(MemoryStore):
    """A store where, before each of the first few commits, another server takes a block."""

    meddling = 0

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        if self.meddling:
            self.meddling -= 1
            await IntakeNumbers(self).reserve()
        return await super().commit(changes)


async def test_two_servers_share_the_numbers(anyio_backend: str) -> None:
    store = Meddled()
    await bench(store)
    numbers = IntakeNumbers(store)
    first = await numbers.next()
    store.meddling = 1
    await numbers.reserve()
    assert await numbers.next() > first + 1


async def test_what_another_server_may_have_given_lies_behind_our_own_block(parts: Bench) -> None:
    ours, theirs = IntakeNumbers(parts.store), IntakeNumbers(parts.store)
    await ours.reserve()
    end, alone = ours.last + 10_000, await _fleet(parts.store)
    assert [n for n in (ours.last, end - 1, end, end + 1) if ours.others(n, alone)] == []
    await theirs.reserve()
    both = await _fleet(parts.store)
    said = await theirs.next()
    numbers = (ours.last + 1, end - 1, end, said, both.intake, both.intake + 1)
    assert [n for n in numbers if ours.others(n, both)] == [end, said, both.intake]
    left = replace(both, trusted=said + 1)
    assert not ours.others(said, left), "of a time that a person has left behind"
    assert ours.others(said + 1, left)


async def test_another_server_has_begun_since_until_a_person_has_left_that_behind(
    parts: Bench,
) -> None:
    ours, theirs = IntakeNumbers(parts.store), IntakeNumbers(parts.store)
    assert not ours.overtaken(await _fleet(parts.store)), "it has no numbers yet"
    await ours.reserve()
    await ours.reserve()
    assert not ours.overtaken(await _fleet(parts.store)), "nobody else took any"
    await theirs.reserve()
    both = await _fleet(parts.store)
    assert ours.overtaken(both)
    assert not theirs.overtaken(both), "the other one began before"
    assert not ours.overtaken(replace(both, trusted=both.intake))
    assert ours.overtaken(replace(both, trusted=both.intake - 1))
    _ = await ours.next(both)
    now = await _fleet(parts.store)
    assert ours.overtaken(now), "between two blocks of our own"
    assert theirs.overtaken(now)
    assert not ours.overtaken(replace(now, trusted=both.intake))


async def test_what_arrives_after_another_server_has_begun_is_above_what_that_one_told(
    parts: Bench,
) -> None:
    ours, theirs = IntakeNumbers(parts.store), IntakeNumbers(parts.store)
    first = await ours.next(await _fleet(parts.store))
    alone = await _fleet(parts.store)
    await theirs.reserve()
    assert await ours.next(alone) == first + 1, "it had arrived before"
    for one, other in ((ours, theirs), (theirs, ours), (ours, theirs)):
        given = await one.next(await _fleet(parts.store))
        assert given > other.last
        assert await one.next(await _fleet(parts.store)) == given + 1, "in the same block"


async def test_what_another_server_may_have_given_lies_between_two_blocks_of_our_own(
    parts: Bench,
) -> None:
    ours, theirs = IntakeNumbers(parts.store), IntakeNumbers(parts.store)
    mine = [await ours.next() for _ in range(2)]
    given = [await theirs.next() for _ in range(2)]
    mine.append(await ours.next(await _fleet(parts.store)))
    now = await _fleet(parts.store)
    assert [ours.others(number, now) for number in given] == [True, True]
    assert not any(ours.others(number, now) for number in (*mine, mine[-1] - 1))
    assert theirs.others(mine[-1], now)
    left = replace(now, trusted=given[1])
    assert [ours.others(number, left) for number in given] == [False, True]
    given.append(await theirs.next(now))
    mine.append(await ours.next(await _fleet(parts.store)))
    again = await _fleet(parts.store)
    assert all(ours.others(number, again) for number in given)
    assert not ours.others(mine[-1], again)


async def test_many_who_ask_as_a_block_ends_get_a_number_each(
    parts: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_numbers, "_BLOCK", 3)
    numbers = IntakeNumbers(Slow(parts.store))
    given = await asyncio.gather(*(numbers.next() for _ in range(10)))
    assert sorted(given) == list(range(FIRST, FIRST + 10))


async def test_reserving_never_lowers_what_was_given(parts: Bench) -> None:
    numbers = IntakeNumbers(parts.store)
    given = [await numbers.next() for _ in range(3)]
    await asyncio.gather(numbers.reserve(), numbers.reserve())
    assert numbers.last >= max(given)
    assert await numbers.next() > max(given)


async def test_an_older_high_water_lowers_nothing(parts: Bench) -> None:
    numbers = IntakeNumbers(parts.store)
    given = [await numbers.next() for _ in range(3)]
    fleet = await parts.store.get(Fleet)
    assert fleet is not None
    restored = Write(before=fleet, after=replace(fleet, intake=0))
    assert await parts.store.commit([Changes(writes=(restored,))]) == [""]
    await numbers.reserve()
    assert await numbers.next() == max(given) + 1


class Slow(MemoryStore):
    """A store that lets others go first."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    async def get(self, kind: type[Row], *key: object) -> Row | None:
        await asyncio.sleep(0)
        return await self._store.get(kind, *key)

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        await asyncio.sleep(0)
        return await self._store.commit(changes)
