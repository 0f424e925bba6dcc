"""Reports that come in: the known at once, others together, and none suffers for another."""

import asyncio

import pytest

from tests.desks import Desk, desk_of_three, report, sent
from tests.servers import RUNNING, STOPPED, seen, vm
from vmuster.model.errors import Unavailable
from vmuster.model.ids import HostId
from vmuster.model.plan import LookWish
from vmuster.model.vm import Sighting
from vmuster.model.wire import BadMessage
from vmuster.server.figures.catalogue import PASSES
from vmuster.server.passes.recording import Recorder, Recording, Unkept

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk() -> Desk:
    return await desk_of_three()


async def test_what_waits_goes_its_way_together_in_the_order_in_which_it_came(desk: Desk) -> None:
    one, two, three = desk.hosts
    assert await desk.together(*(report(host) for host in (two, three, one))) == ["", "", ""]
    assert desk.store.loads == [[two.id, three.id, one.id]]
    assert desk.store.commits == [3]
    assert await desk.sequences() == [1, 1, 1]


async def test_what_comes_in_meanwhile_goes_into_the_next(desk: Desk) -> None:
    desk.store.open.clear()
    first = asyncio.create_task(desk.hear(desk.hosts[0]))
    await desk.begun(1)
    more = asyncio.create_task(desk.together(*(report(host) for host in desk.hosts[1:])))
    await asyncio.sleep(0)
    desk.store.open.set()
    assert (await first, await more) == ("", ["", ""])
    assert [len(hosts) for hosts in desk.store.loads] == [1, 2]


async def test_whoever_says_more_after_a_while_is_heard_again(desk: Desk) -> None:
    host = desk.hosts[0]
    assert await desk.hear(host, 1) == ""
    assert await desk.hear(host, 2, seen(vm(1))) == ""
    assert (await desk.parts.sighting(host, vm(1))).name == "vm-1"


@pytest.mark.parametrize("account", [b"[", b"{}", b"\xff", b'{"boot_id": "b", "vms": [7]}'])
@pytest.mark.parametrize("known", [False, True])
async def test_an_account_that_is_none_is_refused_alone(
    desk: Desk, account: bytes, known: bool
) -> None:
    one, two, three = desk.hosts
    if known:
        assert await desk.hear(two) == ""
        assert await desk.hear(two, 2) == ""
    said = report(one), sent(two, 3, account), report(three)
    first, bad, third = await desk.together(*said)
    assert (first, third) == ("", "")
    assert isinstance(bad, BadMessage)
    assert await desk.sequences() == [1, 2 if known else 0, 1]
    assert desk.store.commits[-1] == 2


async def test_where_every_account_is_none_nothing_is_asked_of_the_database(desk: Desk) -> None:
    said = [sent(host, 1, b"[") for host in desk.hosts[:2]]
    assert [type(why) for why in await desk.together(*said)] == [BadMessage, BadMessage]
    assert (desk.store.loads, desk.store.commits) == ([], [])
    assert await desk.hear(desk.hosts[0]) == "", "and the next ones are heard"


async def test_one_whose_pass_fails_takes_no_other_with_it(desk: Desk) -> None:
    one, two, three = desk.hosts
    desk.store.poisoned.add(two.id)
    first, bad, third = await desk.together(*(report(host) for host in desk.hosts))
    assert (first, third) == ("", "")
    assert isinstance(bad, ValueError)
    assert desk.store.loads == [[one.id, two.id, three.id], [one.id], [two.id], [three.id]]
    assert await desk.sequences() == [1, 0, 1]


async def test_one_that_can_not_even_be_begun_takes_no_other_with_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = desk.hosts
    begin = desk.parts.context.accounts.begin

    def fails(host: HostId) -> int:
        if host == two.id:
            raise RuntimeError("a fault of ours")
        return begin(host)

    monkeypatch.setattr(desk.parts.context.accounts, "begin", fails)
    first, bad, third = await desk.together(*(report(host) for host in (one, two, three)))
    assert (first, third) == ("", "")
    assert isinstance(bad, RuntimeError)


async def test_a_database_that_does_not_answer_is_not_asked_for_each(desk: Desk) -> None:
    desk.store.broken = True
    answers = await desk.together(*(report(host) for host in desk.hosts))
    assert [type(why) for why in answers] == [Unavailable] * 3
    assert len(desk.store.loads) == 1
    desk.store.broken = False
    assert await desk.together(*(report(host) for host in desk.hosts)) == ["", "", ""]


async def test_who_is_gone_before_the_answer_is_heard_all_the_same(desk: Desk) -> None:
    """A conversation ends while its report waits, and another one while its report is under way."""
    desk.store.open.clear()
    under_way = asyncio.create_task(desk.hear(desk.hosts[0]))
    await desk.begun(1)
    waits, stays = (asyncio.create_task(desk.hear(host)) for host in desk.hosts[1:])
    await asyncio.sleep(0)
    for gone in (under_way, waits):
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
    desk.store.open.set()
    assert await stays == ""
    assert await desk.sequences() == [1, 1, 1]


@pytest.mark.parametrize("broken", [False, True])
async def test_who_is_gone_before_an_error_harms_nobody(desk: Desk, broken: bool) -> None:
    one, two, three = desk.hosts
    desk.store.open.clear()
    gone = asyncio.create_task(desk.hear(one))
    await desk.begun(1)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    desk.store.broken, desk.store.poisoned = broken, {one.id}
    desk.store.open.set()
    await desk.together(report(two))
    desk.store.broken = False
    assert await desk.hear(three) == ""


async def test_of_a_host_that_is_there_twice_one_look_is_taken_and_it_is_asked_again(
    desk: Desk,
) -> None:
    """As where an old conversation is not over yet, and a new one has begun."""
    host, other, _ = desk.hosts
    said = report(host, 1, seen(vm(1))), report(host, 2, seen(vm(2))), report(other)
    first, second, third = await desk.together(*said)
    assert (first, third) == ("", "")
    assert isinstance(second, str)
    assert second.startswith("stale: host")
    assert desk.parts.heard.asked == [LookWish(host=host.id)]
    shown = await desk.parts.store.find(Sighting, host=host.id)
    assert [sighting.uuid for sighting in shown] == [vm(1)]
    assert await desk.sequences() == [1, 1, 0]
    assert await desk.hear(host, 3, seen(vm(2))) == ""
    shown = await desk.parts.store.find(Sighting, host=host.id, absent=False)
    assert [sighting.uuid for sighting in shown] == [vm(2)]


async def test_what_is_known_waits_for_nobody(desk: Desk) -> None:
    host, other, _ = desk.hosts
    for sequence in range(1, 5):
        assert await desk.hear(host, sequence, seen(vm(1))) == ""
    desk.store.open.clear()
    stuck = asyncio.create_task(desk.hear(other))
    loads = len(desk.store.loads) + 1
    await desk.begun(loads)
    assert await desk.hear(host, 5, seen(vm(1))) == ""
    assert not stuck.done()
    assert len(desk.store.loads) == loads
    assert ("unchanged",) in desk.parts.context.figures.sums(PASSES, ())
    desk.store.open.set()
    assert await stuck == ""


async def test_a_change_is_judged_beside_those_that_stay_as_they_were(desk: Desk) -> None:
    host = desk.hosts[0]
    for sequence in range(1, 5):
        await desk.hear(host, sequence, seen(vm(1)), seen(vm(2)))
    before = await desk.parts.sighting(host, vm(1))
    assert await desk.hear(host, 5, seen(vm(1)), seen(vm(2), power=STOPPED)) == ""
    assert await desk.parts.sighting(host, vm(1)) == before
    assert (before.power, (await desk.parts.sighting(host, vm(2))).power) == (RUNNING, STOPPED)
    assert (await desk.parts.now(host)).vms_seen == 2


async def test_while_passes_are_kept_each_is_one_over_the_whole_account(desk: Desk) -> None:
    host, context = desk.hosts[0], desk.parts.context
    kept = Unkept(Recording(started_at=1.0, ends_at=desk.parts.clock.now() + 60.0))
    for sequence in range(1, 5):
        await desk.hear(host, sequence, seen(vm(1)), seen(vm(2)))
    loads = len(desk.store.loads)
    context.recorder = Recorder(context.store, context.clock, kept)
    for sequence in range(5, 7):
        assert await desk.hear(host, sequence, seen(vm(1)), seen(vm(2))) == ""
    assert len(desk.store.loads) == loads + 2
    desk.parts.clock.pass_by(61.0)
    assert await desk.hear(host, 7, seen(vm(1)), seen(vm(2))) == ""
    assert len(desk.store.loads) == loads + 2, "known again, once nobody keeps them"
