"""The bell box: bells merge, never pile up, and come from any thread."""

import asyncio
import threading
from uuid import UUID

import pytest

from vmuster.drivers.bells import BELLS_MAX, BellBox
from vmuster.model.ids import VmUuid
from vmuster.ports.driver import Bell

VMS = [VmUuid(UUID(int=number)) for number in range(BELLS_MAX + 1)]


def heard(box: BellBox, count: int, seconds: float = 20) -> list[Bell]:
    """So many bells; fails where there are fewer."""

    async def listen() -> list[Bell]:
        return [await asyncio.wait_for(box.next(), seconds) for _ in range(count)]

    return asyncio.run(listen())


def test_bells_come_in_order_and_the_same_vm_rings_once() -> None:
    box = BellBox()
    for vm in (VMS[1], VMS[2], VMS[1]):
        box.ring(vm)
    assert heard(box, 2) == [Bell(vm=VMS[1]), Bell(vm=VMS[2])]
    with pytest.raises(TimeoutError):
        _ = heard(box, 1, seconds=0.05)


def test_a_bell_for_everything_stands_for_all_others() -> None:
    box = BellBox()
    for vm in (VMS[1], None, VMS[2]):
        box.ring(vm)
    assert heard(box, 1) == [Bell()]
    box.ring(VMS[3])
    assert heard(box, 1) == [Bell(vm=VMS[3])]


@pytest.mark.parametrize(
    ("count", "first"), [(BELLS_MAX, Bell(vm=VMS[0])), (BELLS_MAX + 1, Bell())]
)
def test_too_many_bells_become_one(count: int, first: Bell) -> None:
    box = BellBox()
    for vm in VMS[:count]:
        box.ring(vm)
    assert heard(box, 1) == [first]


def test_a_bell_from_another_thread_wakes_the_listener() -> None:
    box = BellBox()

    async def listen() -> Bell:
        listening = asyncio.create_task(box.next())
        await asyncio.sleep(0)
        thread = threading.Thread(target=box.ring, args=(VMS[1],))
        thread.start()
        return await asyncio.wait_for(listening, 20)

    assert asyncio.run(listen()) == Bell(vm=VMS[1])


def test_ringing_after_the_listener_has_gone_does_no_harm() -> None:
    box = BellBox()

    async def listen_in_vain() -> None:
        with pytest.raises(TimeoutError):
            _ = await asyncio.wait_for(box.next(), 0.01)

    asyncio.run(listen_in_vain())
    box.ring(VMS[1])
    assert heard(box, 1) == [Bell(vm=VMS[1])]
