"""What is judged while something else is written spends what that leaves, and no more than once."""

import asyncio

import msgspec
import pytest

from tests.desks import Desk, desk_of_three, report
from tests.servers import RUNNING, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.states import DesiredState, VmPhase
from vmuster.ports.store import HostAsked

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk() -> Desk:
    """Each host has a VM of ours that runs and should not."""
    desk = await desk_of_three()
    parts = desk.parts
    await parts.policy(drift="enforce")
    for number, host in enumerate(desk.hosts, 1):
        await parts.adopted(host, vm(number), power=RUNNING)
        record = await parts.record(vm(number))
        await parts.change(record, desired=DesiredState.STOPPED, phase=VmPhase.RUNNING)
    desk.store.loads.clear()
    desk.store.commits.clear()
    return desk


async def _say(desk: Desk, number: int) -> asyncio.Task[str]:
    """The host of this number says how its VM is; its plan is judged."""
    host = await desk.parts.now(desk.hosts[number - 1])
    said = report(host, host.sequence + 1, seen(vm(number), mark=desk.parts.mark(vm(number))))
    task, loads = asyncio.create_task(desk.hearing.hear(said)), len(desk.store.loads)
    await desk.begun(loads + 1)
    for _ in range(20):
        await asyncio.sleep(0)
    return task


async def _stopped(desk: Desk) -> list[int]:
    sent = [each for number in (1, 2, 3) for each in await desk.parts.sent(vm(number))]
    return [each.vm.int for each in sent if each.command.automatic]


async def _moved(desk: Desk, host: Host) -> None:
    """Somebody writes a row of `host`, whatever is under way."""
    after = msgspec.structs.replace(host, trouble="somebody was here")
    change = Changes(writes=(Write(before=host, after=after),))
    assert await super(type(desk.store), desk.store).commit([change]) == [""]


async def test_the_next_is_judged_meanwhile_and_finds_spent_what_is_not_written_yet(
    desk: Desk,
) -> None:
    await desk.parts.policy(cluster_stops_per_window_max=2)
    desk.store.commits.clear()
    desk.store.writable.clear()
    first, second = await _say(desk, 1), await _say(desk, 2)
    assert [len(hosts) for hosts in desk.store.loads] == [1, 1], "both are judged"
    assert desk.store.commits == [1], "and one is being written"
    waiting = asyncio.create_task(desk.hear(desk.hosts[2]))
    await asyncio.sleep(0)
    assert len(desk.store.loads) == 2, "no third one"
    desk.store.writable.set()
    assert [await first, await second, await waiting][:2] == ["", ""]
    third = await _say(desk, 3)
    assert await third == ""
    assert await _stopped(desk) == [1, 2]
    held = await desk.parts.now(desk.hosts[2])
    (rows,) = await desk.parts.store.load_hosts([_asked(held)], 0.0)
    assert rows is not None
    assert rows.hold is not None
    assert "3 automatic" in rows.hold.why


async def test_a_budget_that_is_being_spent_is_spent(desk: Desk) -> None:
    await desk.parts.policy(cluster_stops_per_window_max=1)
    desk.store.writable.clear()
    first, second = await _say(desk, 1), await _say(desk, 2)
    desk.store.writable.set()
    assert (await first, await second) == ("", "")
    assert await _stopped(desk) == [1]


async def test_where_the_one_before_does_not_come_about_the_next_is_judged_again(
    desk: Desk,
) -> None:
    await desk.parts.policy(cluster_stops_per_window_max=1)
    desk.store.writable.clear()
    first = await _say(desk, 1)
    second = await _say(desk, 2)
    await _moved(desk, await desk.parts.now(desk.hosts[0]))
    desk.store.writable.set()
    assert (await first).startswith("stale: host")
    assert await second == ""
    assert await _stopped(desk) == [2], "nothing was spent"
    assert [hosts[0] for hosts in desk.store.loads] == [
        desk.hosts[0].id,
        desk.hosts[1].id,
        desk.hosts[1].id,
    ]


async def test_each_of_a_row_finds_the_budget_as_the_ones_before_leave_it(desk: Desk) -> None:
    await desk.parts.policy(cluster_stops_per_window_max=3)
    desk.store.writable.clear()
    first, second = await _say(desk, 1), await _say(desk, 2)
    desk.store.writable.set()
    third = await _say(desk, 3)
    assert [await first, await second, await third] == ["", "", ""]
    assert await _stopped(desk) == [1, 2, 3]


def _asked(host: Host) -> HostAsked:
    return HostAsked(host=host.id)
