"""Wishes to look are merged, bounded, and wait for nobody longer than their patience."""

import asyncio
from uuid import UUID

import pytest

from tests.clocks import HandClock
from vmuster.agent.wishes import Wishes
from vmuster.model.ids import VmUuid
from vmuster.wiring.outside.clock import SystemClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def vm(number: int) -> VmUuid:
    return VmUuid(UUID(int=number))


async def take(wishes: Wishes) -> tuple[VmUuid, ...] | None:
    async with asyncio.timeout(5):
        return await wishes.take(60.0)


async def test_wishes_for_some_are_merged_each_vm_once() -> None:
    wishes = Wishes(SystemClock())
    wishes.some((vm(3), vm(1)))
    wishes.some((vm(1), vm(2)))
    assert await take(wishes) == (vm(1), vm(2), vm(3))


async def test_one_look_at_everything_answers_all_wishes() -> None:
    wishes = Wishes(SystemClock())
    wishes.some((vm(1),))
    wishes.everything()
    wishes.everything()
    assert await take(wishes) is None
    assert not wishes._wished.is_set()  # pyright: ignore[reportPrivateUsage]


async def test_very_many_vms_are_everything() -> None:
    wishes = Wishes(SystemClock())
    for number in range(64):
        wishes.some((vm(number),))
    assert len(await take(wishes) or ()) == 64
    for number in range(65):
        wishes.some((vm(number),))
    assert await take(wishes) is None


async def test_everything_is_due_when_patience_ends() -> None:
    clock = HandClock()
    before = clock.monotonic()
    assert await Wishes(clock).take(30.0) is None
    assert clock.monotonic() - before == 30.0


async def test_everything_is_due_in_its_time_however_often_some_vms_ring() -> None:
    clock = HandClock()
    wishes = Wishes(clock)
    taken: list[object] = []
    for _ in range(12):
        clock.pass_by(10.0)
        wishes.some((vm(1),))
        taken.append(await wishes.take(30.0))
    two_bells_and_all = [(vm(1),), (vm(1),), None]
    assert taken == two_bells_and_all * 4


async def test_everything_by_wish_moves_the_time_at_which_it_is_due() -> None:
    clock = HandClock()
    wishes = Wishes(clock)
    clock.pass_by(29.0)
    wishes.everything()
    assert await wishes.take(30.0) is None
    clock.pass_by(29.0)
    wishes.some((vm(1),))
    assert await wishes.take(30.0) == (vm(1),)
    clock.pass_by(1.0)
    wishes.some((vm(1),))
    assert await wishes.take(30.0) is None


@pytest.mark.parametrize("everything", [True, False])
async def test_a_chain_of_wishes_is_no_busy_loop(everything: bool) -> None:
    clock = HandClock()
    wishes = Wishes(clock)
    before = clock.monotonic()
    for _ in range(101):
        if everything:
            wishes.everything()
        else:
            wishes.some((vm(1),))
        await wishes.take(1_000.0)
    assert clock.monotonic() - before == pytest.approx(5.0)


async def test_a_wish_in_quiet_times_does_not_wait() -> None:
    clock = HandClock()
    wishes = Wishes(clock)
    for _ in range(3):
        clock.pass_by(1.0)
        before = clock.monotonic()
        wishes.some((vm(1),))
        assert await wishes.take(60.0) == (vm(1),)
        assert clock.monotonic() == before


@pytest.mark.parametrize("wished", [(vm(1),), None])
async def test_a_wish_ends_the_wait(wished: tuple[VmUuid, ...] | None) -> None:
    wishes = Wishes(SystemClock())
    waiting = asyncio.create_task(take(wishes))
    await asyncio.sleep(0)
    if wished is None:
        wishes.everything()
    else:
        wishes.some(wished)
    assert await waiting == wished


async def test_a_wish_outlives_the_one_who_waited_for_it() -> None:
    wishes = Wishes(SystemClock())
    waiting = asyncio.create_task(wishes.take(60.0))
    await asyncio.sleep(0)
    waiting.cancel()
    wishes.some((vm(1),))
    assert await take(wishes) == (vm(1),)


async def put_off(wishes: Wishes, clock: HandClock, seconds: float) -> None:
    """Looks are put off, once everything was taken."""
    await wishes.take(0.0)
    clock.pass_by(1.0)
    wishes.put_off(seconds)


@pytest.mark.parametrize(("asked", "waited"), [(False, 5.0), (True, 0.5)])
@pytest.mark.parametrize("everything", [False, True])
async def test_looks_are_put_off_and_those_that_are_asked_for_less(
    everything: bool, asked: bool, waited: float
) -> None:
    clock = HandClock()
    wishes = Wishes(clock)
    await put_off(wishes, clock, 5.0)
    before = clock.monotonic()
    if everything:
        wishes.everything(asked=asked)
    else:
        wishes.some((vm(1),), asked=asked)
    assert await wishes.take(60.0) == (None if everything else (vm(1),))
    assert clock.monotonic() - before == pytest.approx(waited)
    before = clock.monotonic()
    wishes.some((vm(2),))
    await wishes.take(60.0)
    later = clock.monotonic() - before
    assert later == pytest.approx(5.0 - waited if asked else 0.05), "a bell waits on"


async def test_what_is_asked_for_waits_no_longer_than_all_others() -> None:
    clock = HandClock()
    wishes = Wishes(clock)
    await put_off(wishes, clock, 0.1)
    before = clock.monotonic()
    wishes.some((vm(1),), asked=True)
    await wishes.take(60.0)
    assert clock.monotonic() - before == pytest.approx(0.1)


async def test_what_is_asked_for_while_others_wait_takes_them_along() -> None:
    wishes = Wishes(SystemClock())
    assert await wishes.take(0.0) is None
    wishes.put_off(30.0)
    wishes.some((vm(1),))
    waiting = asyncio.create_task(take(wishes))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    wishes.some((vm(2),), asked=True)
    assert await waiting == (vm(1), vm(2))


async def test_everything_that_is_due_is_put_off_too_and_not_for_ever() -> None:
    clock = HandClock()
    wishes = Wishes(clock)
    await put_off(wishes, clock, 1e9)
    before = clock.monotonic()
    assert await wishes.take(2.0) is None
    assert clock.monotonic() - before == pytest.approx(30.0)
