"""L5's checker: no epoch and no generation goes back."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from tests.lawbench import Bench, mark, stop
from tests.moments import settings
from tests.parts import HOST, MARK, OTHER, VM, record
from vmuster.agent.journal import Journal
from vmuster.model.host import Host
from vmuster.model.messages import Welcome
from vmuster.sim.laws.high_water import READS_SECONDS, HighWater
from vmuster.sim.world.pages import MemoryPages
from vmuster.sim.world.server import SimServer


def test_an_act_of_the_newest_epoch_is_right() -> None:
    bench = Bench(HighWater)
    bench.act("shutdown", None, told_epoch=3, highest_epoch=3)
    assert bench.broken == []


def behind(bench: Bench, told: int, highest: int = 9) -> bool:
    """Whether an act under this epoch is found to be under an older one."""
    known = len(bench.broken)
    bench.act("shutdown", stop(), told_epoch=told, highest_epoch=highest)
    return len(bench.broken) > known


def journal(bench: Bench, *epochs: int) -> MemoryPages:
    """The journal of the host's agent, which has heard these epochs."""
    pages = bench.world.hosts[HOST].pages[HOST, HOST] = MemoryPages()
    for epoch in epochs:
        Journal(pages, HOST).hear(epoch, 1)
    return pages


def tell(bench: Bench, epoch: int) -> None:
    welcome = Welcome(epoch=epoch, settings=settings(), intake=1)
    bench.world.chronicle.told(HOST, welcome)


def told(bench: Bench, process: str, epoch: int) -> None:
    """An agent in this server's process is given this epoch."""
    bench.law.told(HOST, process, Welcome(epoch=epoch, settings=settings(), intake=1))


def test_an_act_of_an_older_epoch_is_wrong() -> None:
    bench = Bench(HighWater)
    journal(bench).lose()
    assert behind(bench, 8)
    assert bench.broken == [
        f"shutdown of {VM} on home under epoch 8, and an agent of it was told 9"
    ]


def test_what_an_older_database_and_a_lost_journal_forgot_nobody_can_know() -> None:
    bench = Bench(HighWater)
    pages = journal(bench, 9)
    bench.world.chronicle.restored()
    assert behind(bench, 2)
    pages.lose()
    tell(bench, 2)
    assert not behind(bench, 2)


def test_a_journal_on_another_machine_is_nothing_that_the_acting_agent_knows() -> None:
    bench = Bench(HighWater)
    bench.world.chronicle.restored()
    journal(bench, 3)
    bench.world.hosts[HOST].pages["second", HOST] = told_more = MemoryPages()
    Journal(told_more, HOST).hear(9, 1)
    assert not behind(bench, 3)
    assert behind(bench, 2)

    async def main() -> None:
        there = bench.world.start_server("second").process.name
        told(bench, there, 9)
        bench.world.chronicle.restored()
        for epoch in (8, 9):
            bench.act("shutdown", stop(), told_epoch=epoch, highest_epoch=9, process=there)

    bench.world.run(main())
    assert [what for what in bench.broken if "epoch 8" in what or "epoch 9" in what] == [
        f"shutdown of {VM} on home under epoch 8, and an agent of it was told 9"
    ]


async def _nothing(bench: Bench, first: SimServer) -> None:
    """The server runs on, and its database answers."""


async def _frozen(bench: Bench, first: SimServer) -> None:
    bench.world.loop.freeze(first.process)
    await asyncio.sleep(READS_SECONDS)
    bench.world.loop.thaw(first.process)


async def _without_database(bench: Bench, first: SimServer) -> None:
    bench.world.database.away = True
    await asyncio.sleep(READS_SECONDS)
    bench.world.database.away, bench.world.database.back_at = False, bench.world.loop.time()


@pytest.mark.parametrize("keeps_it", [_nothing, _frozen, _without_database])
def test_what_another_machine_was_told_counts_once_a_server_had_time_to_read_it(
    keeps_it: Callable[[Bench, SimServer], Awaitable[None]],
) -> None:
    """Two servers, each with an agent of its own for a host on which there is none."""
    bench = Bench(HighWater)

    async def main() -> None:
        first, second = bench.world.start_server("first"), bench.world.start_server("second")
        told(bench, first.process.name, 1)
        told(bench, second.process.name, 2)

        def act(server: SimServer, epoch: int) -> int:
            name = server.process.name
            bench.act("force", stop(), told_epoch=epoch, highest_epoch=2, process=name)
            return len(bench.broken)

        assert act(second, 1) == 1, "its own machine was told"
        assert act(first, 0) == 2, "and so was this one"
        await keeps_it(bench, first)
        await asyncio.sleep(READS_SECONDS - 1)
        assert act(first, 1) == 2
        await asyncio.sleep(2)
        bench.world.database.away = True
        assert act(first, 1) == 2
        bench.world.database.away = False
        assert act(first, 1) == 3
        assert act(second, 2) == 3

    bench.world.run(main())


def test_what_was_told_since_is_known_again() -> None:
    bench = Bench(HighWater)
    bench.world.chronicle.restored()
    tell(bench, 5)
    assert not behind(bench, 5)
    assert behind(bench, 4)


def test_what_the_older_database_says_is_known() -> None:
    bench = Bench(HighWater)
    row = bench.world.database.row(Host, HOST)
    assert row is not None
    bench.write(msgspec.structs.replace(row, epoch=4))
    bench.world.chronicle.restored()
    assert behind(bench, 3)
    assert not behind(bench, 4)


def test_a_full_disk_forgets_nothing_and_a_damaged_line_only_itself() -> None:
    bench = Bench(HighWater)
    bench.world.chronicle.restored()
    pages = journal(bench, 3, 6, 9)
    pages.full = True
    assert behind(bench, 8)
    pages.damage()
    assert pages.epoch == 9
    pages.tear(3)
    assert behind(bench, 2)
    assert not behind(bench, 3)


def test_the_journal_of_another_host_says_nothing_of_this_one() -> None:
    bench = Bench(HighWater)
    bench.world.chronicle.restored()
    bench.world.hosts[HOST].pages[HOST, OTHER] = journal(bench, 9)
    journal(bench, 3)
    assert not behind(bench, 3)


def test_a_generation_that_was_written_is_never_followed_by_a_lower_one() -> None:
    bench = Bench(HighWater)
    bench.act("mark", mark(5))
    bench.act("mark", mark(5))
    bench.act("mark", mark(7))
    assert bench.broken == []
    bench.act("mark", mark(6))
    assert bench.broken == [f"{VM} on home is marked with generation 6, and 7 was written before"]


def test_the_same_generation_with_another_signature_is_another_mark() -> None:
    bench = Bench(HighWater)
    bench.act("mark", mark(5))
    again = mark(5)
    other = msgspec.structs.replace(again.mark, signature=b"x" * 64)
    bench.act("mark", msgspec.structs.replace(again, mark=other))
    assert len(bench.broken) == 1


def test_of_a_restored_database_only_the_marks_that_are_borne_are_asked() -> None:
    bench = Bench(HighWater)
    bench.act("mark", mark(5))
    bench.world.chronicle.restored()
    bench.act("mark", mark(4))
    assert bench.broken == []


def test_a_mark_that_is_borne_counts_after_a_restoration_too() -> None:
    bench = Bench(HighWater)
    borne = msgspec.structs.replace(MARK, generation="9", signature="ab" * 64)
    bench.truth.written[VM].add(borne)
    _ = bench.world.hosts[HOST].hypervisor.define(VM, "web", mark=borne)
    bench.world.chronicle.restored()
    bench.act("mark", mark(10))
    assert bench.broken == []
    bench.act("mark", mark(9))
    assert len(bench.broken) == 1


@pytest.mark.parametrize("number", ["generation", "mark_generation"])
def test_no_number_of_a_record_goes_back(number: str) -> None:
    bench = Bench(HighWater)
    bench.write(record(**{number: 5}))
    bench.write(record(**{number: 6}))
    assert bench.broken == []
    bench.write(record(**{number: 5}))
    assert len(bench.broken) == 1
    assert number in bench.broken[0]
