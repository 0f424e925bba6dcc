"""How much goes into one transaction of reports, and what that means for those that wait."""

import asyncio

import pytest

from tests.desks import Desk, desk_of_three, report
from tests.servers import seen, vm
from vmuster.server.passes import hearing

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk() -> Desk:
    return await desk_of_three()


async def test_a_transaction_has_a_largest_size(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "_TOGETHER_MAX", 2)
    assert await desk.together(*(report(host) for host in desk.hosts)) == ["", "", ""]
    assert [len(hosts) for hosts in desk.store.loads] == [2, 1]


@pytest.mark.parametrize(("most", "loads"), [(1, [1, 1, 1]), (2, [1, 2]), (3, [2, 1]), (9, [3])])
async def test_of_many_vms_fewer_reports_go_into_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, most: int, loads: list[int]
) -> None:
    """The first host shows two VMs, the others one each."""
    monkeypatch.setattr(hearing, "VMS_MAX", most)
    one, two, three = desk.hosts
    said = report(one, 1, seen(vm(1)), seen(vm(2))), report(two, 1, seen(vm(3)))
    assert await desk.together(*said, report(three, 1, seen(vm(4)))) == ["", "", ""]
    assert [len(hosts) for hosts in desk.store.loads] == loads


async def test_how_far_it_is_behind_is_what_waits_beyond_the_next_transaction(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "_TOGETHER_MAX", 2)
    one, *others = desk.hosts
    desk.store.on_load = lambda: desk.parts.clock.pass_by(4.0)
    assert await desk.hear(one) == ""
    desk.store.open.clear()
    under_way = asyncio.create_task(desk.hear(one, 2))
    await desk.begun(2)
    assert desk.hearing.behind_seconds() == 0
    more = asyncio.create_task(desk.together(*(report(host) for host in others)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert desk.hearing.behind_seconds() == 4.0
    desk.store.open.set()
    assert (await under_way, await more) == ("", ["", ""])
    assert desk.hearing.behind_seconds() == 0
