"""Hands: an act that hangs costs its own VM, and nobody else."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

import pytest

from vmuster.drivers.libvirt.hands import AT_ONCE_MAX, HUNG_MAX, Hands
from vmuster.drivers.libvirt.worker import Patience, Worker
from vmuster.model.ids import VmUuid
from vmuster.ports.driver import DriverError, StillHangs

A, B = VmUuid(UUID(int=1)), VmUuid(UUID(int=2))
SOON = 0.05
GIVEN_UP = 4.0
"""Long enough for a thread to begin, even where the machine stands still for a while."""
LONG = 10.0


class House:
    """Hands that hire here, and a gate at which acts hang."""

    def __init__(self) -> None:
        self.hired: list[Worker[int]] = []
        self.inside, self.gate = threading.Event(), threading.Event()
        self.hands = Hands(self._hire)
        self.done: list[int] = []

    def _hire(self) -> Worker[int]:
        number = len(self.hired) + 1
        worker = Worker(
            "hand",
            lambda: number,
            lambda _: None,
            lambda error, _: DriverError(str(error), broken=True),
        )
        self.hired.append(worker)
        return worker

    def hang(self, connection: int, patience: Patience) -> int:
        patience.begin_deed()
        self.inside.set()
        assert self.gate.wait(LONG)
        self.done.append(connection)
        return connection

    async def begin(self, vm: VmUuid) -> "asyncio.Task[int]":
        """An act on `vm` that hangs in its thread."""
        self.inside.clear()
        act = asyncio.create_task(self.hands.call(vm, self.hang, LONG))
        assert await asyncio.to_thread(self.inside.wait, LONG)
        return act

    async def leave_hanging(self, vm: VmUuid) -> None:
        """An act on `vm` that hangs, and for which nobody waits any more."""
        act = await self.begin(vm)
        _ = act.cancel()
        with pytest.raises(asyncio.CancelledError):
            _ = await act


def quick(connection: int, _patience: Patience) -> int:
    return connection


def in_a_house(story: Callable[[House], Coroutine[Any, Any, None]]) -> House:
    """Play `story`; afterwards no thread is left."""
    house = House()

    async def play() -> None:
        try:
            await story(house)
        finally:
            house.gate.set()
            house.hands.dismiss()
            assert all([await worker.gone(LONG) for worker in house.hired])

    asyncio.run(play())
    return house


def test_each_act_has_a_connection_of_its_own_and_leaves_none() -> None:
    async def story(house: House) -> None:
        assert await house.hands.call(A, quick, LONG) == 1
        assert await house.hands.call(A, quick, LONG) == 2
        assert await house.hands.call(B, quick, LONG) == 3
        assert all([await worker.gone(LONG) for worker in house.hired])

    _ = in_a_house(story)


def test_acts_on_one_vm_take_turns() -> None:
    async def story(house: House) -> None:
        first = await house.begin(A)
        second = asyncio.create_task(house.hands.call(A, quick, LONG))
        assert await house.hands.call(B, quick, LONG) == 2
        assert not first.done()
        assert not second.done()
        house.gate.set()
        assert (await first, await second) == (1, 1)

    _ = in_a_house(story)


def test_a_hung_act_is_unknown_and_costs_no_more_than_its_own_vm() -> None:
    async def story(house: House) -> None:
        with pytest.raises(DriverError, match="no answer") as error:
            _ = await house.hands.call(A, house.hang, GIVEN_UP)
        assert (error.value.unknown, error.value.broken) == (True, False)
        with pytest.raises(StillHangs, match="still hangs, and may be done yet") as again:
            _ = await house.hands.call(A, quick, LONG)
        assert (again.value.unknown, again.value.broken) == (False, False)
        assert await house.hands.call(B, quick, LONG) == 2
        assert len(house.hired) == 2
        house.gate.set()
        assert await house.hired[0].gone(LONG)
        assert await house.hands.call(A, quick, LONG) == 3

    _ = in_a_house(story)


def test_who_waited_for_a_hung_act_is_refused_and_breaks_nothing() -> None:
    async def story(house: House) -> None:
        acts = (
            house.hands.call(A, house.hang, SOON),
            house.hands.call(A, quick, LONG),
        )
        first, second = await asyncio.gather(*acts, return_exceptions=True)
        assert isinstance(first, DriverError)
        assert isinstance(second, DriverError)
        assert (second.unknown, second.broken) == (False, False)

    _ = in_a_house(story)


def test_hung_acts_are_bounded() -> None:
    async def story(house: House) -> None:
        frozen = [VmUuid(UUID(int=number)) for number in range(10, 10 + HUNG_MAX)]
        for vm in frozen:
            await house.leave_hanging(vm)
        with pytest.raises(DriverError, match="on other VMs still hang") as error:
            _ = await house.hands.call(A, quick, LONG)
        assert not error.value.broken
        assert len(house.hired) == HUNG_MAX

    assert len(in_a_house(story).done) == HUNG_MAX


def test_acts_at_the_same_time_are_bounded_and_the_next_waits() -> None:
    async def story(house: House) -> None:
        vms = [VmUuid(UUID(int=number)) for number in range(10, 10 + AT_ONCE_MAX)]
        acts = [await house.begin(vm) for vm in vms]
        with pytest.raises(DriverError, match="busy with other acts") as error:
            _ = await house.hands.call(A, quick, SOON)
        assert not error.value.broken
        assert len(house.hired) == AT_ONCE_MAX
        waiting = asyncio.create_task(house.hands.call(A, quick, LONG))
        house.gate.set()
        _ = await asyncio.gather(*acts)
        assert await waiting == AT_ONCE_MAX + 1

    _ = in_a_house(story)


def test_a_lost_connection_is_broken() -> None:
    def fail(_connection: int, _patience: Patience) -> int:
        raise ValueError("gone")

    async def story(house: House) -> None:
        with pytest.raises(DriverError, match="gone") as error:
            _ = await house.hands.call(A, fail, LONG)
        assert error.value.broken

    _ = in_a_house(story)


def test_dismissed_hands_begin_nothing_that_waited() -> None:
    async def story(house: House) -> None:
        first = await house.begin(A)
        second = asyncio.create_task(house.hands.call(A, quick, LONG))
        await asyncio.sleep(0)  # the second waits for its turn
        house.hands.dismiss()
        house.gate.set()
        assert await first == 1
        with pytest.raises(DriverError, match="given up") as error:
            _ = await second
        assert not error.value.broken

    _ = in_a_house(story)


def test_a_caller_that_was_cancelled_leaves_no_second_act_beside_its_own() -> None:
    async def story(house: House) -> None:
        await house.leave_hanging(A)
        with pytest.raises(StillHangs, match="still hangs"):
            _ = await house.hands.call(A, quick, LONG)

    _ = in_a_house(story)


@pytest.mark.parametrize("fails", [False, True])
def test_what_a_hung_act_comes_to_is_heard_once_it_is_back(fails: bool) -> None:
    async def story(house: House) -> None:
        def act(connection: int, patience: Patience) -> None:
            _ = house.hang(connection, patience)
            if fails:
                raise ValueError("not done")

        with pytest.raises(DriverError, match="no answer") as error:
            await house.hands.call(A, act, GIVEN_UP)
        late = error.value.late
        assert late is not None
        house.gate.set()
        if fails:
            with pytest.raises(DriverError, match="not done"):
                _ = await late
        else:
            assert await late is None

    _ = in_a_house(story)


def test_of_an_act_that_has_not_begun_nothing_is_to_come() -> None:
    async def story(house: House) -> None:
        def act(_connection: int, _patience: Patience) -> None:
            assert house.gate.wait(LONG)

        with pytest.raises(DriverError, match="no answer") as error:
            await house.hands.call(A, act, SOON)
        assert (error.value.unknown, error.value.late) == (False, None)

    _ = in_a_house(story)
