"""What a server that ends in good order leaves to the next one, and every doubt in which it does
not count."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from tests.desks import Desk, Watched, desk_of_three, report
from tests.servers import seen, vm
from vmuster.model.automation import Quarantine
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Unavailable
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.settled import Settled
from vmuster.model.states import HostMode
from vmuster.model.vm import Sighting, VmObservation
from vmuster.ports.store import Store
from vmuster.server.context import Context
from vmuster.server.passes import settling
from vmuster.server.passes.settling import keep, recall
from vmuster.server.references import fleet_now

pytestmark = pytest.mark.anyio
REPORTS = 8
"""So many of one account bring it to rest."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def shown(host: Host) -> VmObservation:
    """The one VM of a host."""
    return seen(vm(ord(host.name[0])), name=host.name)


@pytest.fixture
async def desk() -> Desk:
    """A server that hears three hosts, of whose accounts it has said all."""
    desk = await desk_of_three()
    for sequence in range(1, REPORTS):
        for host in desk.hosts:
            assert await desk.hear(host, sequence, shown(host)) == ""
    return desk


async def next_life(desk: Desk) -> Context:
    """Another server over the same database, which has begun."""
    store = desk.store
    fleet, clock, signer = await fleet_now(store), desk.parts.clock, desk.parts.context.signer
    context = Context(store=store, clock=clock, fleet=fleet, signer=signer)
    await recall(context, await store.find(Host))
    return context


def knows(context: Context, host: Host) -> bool:
    """Whether the next report of a host, which says the same, is known."""
    same = report(host, REPORTS, shown(host))
    return context.accounts.same(same.stamp, same.digest, intake=10**9)


async def test_the_next_server_knows_what_was_settled(desk: Desk) -> None:
    await keep(desk.parts.context)
    assert len(await desk.store.find(Settled)) == 3
    after = await next_life(desk)
    assert [knows(after, host) for host in desk.hosts] == [True] * 3
    other = report(desk.hosts[0], REPORTS + 1)
    assert not after.accounts.same(other.stamp, other.digest, intake=10**9)
    assert after.accounts.known(desk.hosts[0].id) is None, "it is judged whole"


async def test_nothing_is_left_after_a_server_that_was_killed(desk: Desk) -> None:
    await keep(desk.parts.context)
    assert knows(await next_life(desk), desk.hosts[0])
    assert await desk.store.find(Settled) == []
    assert not knows(await next_life(desk), desk.hosts[0])


async def test_what_was_taken_over_is_left_to_the_one_after_as_it_was_judged(desk: Desk) -> None:
    await keep(desk.parts.context)
    before = await desk.store.find(Settled)
    desk.parts.clock.set_by(600)
    await keep(await next_life(desk))
    after = await desk.store.find(Settled)
    assert [each.digest for each in after] == [each.digest for each in before]
    assert [each.judged_at for each in after] == pytest.approx([e.judged_at for e in before])


@pytest.mark.parametrize(("seconds", "known"), [(3599, True), (3601, False), (-1, False)])
async def test_it_counts_for_an_hour_and_not_before_it_was_judged(
    desk: Desk, seconds: float, known: bool
) -> None:
    await keep(desk.parts.context)
    desk.parts.clock.set_by(seconds)
    assert knows(await next_life(desk), desk.hosts[0]) is known


async def _policy(store: Store) -> Write:
    (before,) = await store.find(Cluster)
    policy = msgspec.structs.replace(before.policy, seen_before_stop=7)
    return Write(before=before, after=msgspec.structs.replace(before, policy=policy))


async def _mode(store: Store) -> Write:
    before = (await store.find(Host))[0]
    return Write(before=before, after=msgspec.structs.replace(before, mode=HostMode.OBSERVE))


async def _key(store: Store) -> Write:
    before = await fleet_now(store)
    keys = {**before.public_keys, "another": b"key"}
    return Write(before=before, after=msgspec.structs.replace(before, public_keys=keys))


@pytest.mark.parametrize("written", [_policy, _mode, _key])
async def test_it_does_not_count_where_anything_was_written_since(
    desk: Desk, written: Callable[[Store], Awaitable[Write]]
) -> None:
    await keep(desk.parts.context)
    assert await desk.store.commit([Changes(writes=(await written(desk.store),))]) == [""]
    after = await next_life(desk)
    assert [knows(after, host) for host in desk.hosts] == [False] * 3


async def test_it_does_not_count_where_a_sighting_was_corrected_by_hand(desk: Desk) -> None:
    await keep(desk.parts.context)
    seen_last = (await desk.store.find(Sighting))[0]
    by_hand = msgspec.structs.replace(seen_last, name="another")
    assert await desk.store.commit([Changes(sightings=(by_hand,))]) == [""]
    assert not knows(await next_life(desk), desk.hosts[0])


async def test_it_does_not_count_under_another_release(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(desk.parts.context)

    def another(_distribution: str) -> str:
        return "another"

    monkeypatch.setattr(settling, "version", another)
    assert not knows(await next_life(desk), desk.hosts[0])


async def test_in_a_quarantine_nothing_counts(desk: Desk) -> None:
    before = await fleet_now(desk.store)
    doubt = Quarantine(since=1.0, evidence=("a mark",), highest=9)
    after = msgspec.structs.replace(before, quarantine=doubt)
    assert await desk.store.commit([Changes(writes=(Write(before=before, after=after),))]) == [""]
    await keep(desk.parts.context)
    assert await desk.store.find(Settled)
    assert not knows(await next_life(desk), desk.hosts[0])
    assert await desk.store.find(Settled) == []


async def test_what_another_server_has_taken_does_not_count(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(desk.parts.context)
    weigh = desk.store.weigh

    async def overtaken(kinds: frozenset[type[msgspec.Struct]]) -> str:
        monkeypatch.setattr(desk.store, "weigh", weigh)
        assert knows(await next_life(desk), desk.hosts[0])
        return await weigh(kinds)

    monkeypatch.setattr(desk.store, "weigh", overtaken)
    assert not knows(await next_life(desk), desk.hosts[0])


async def test_of_a_host_that_is_there_no_more_nothing_is_known(desk: Desk) -> None:
    await keep(desk.parts.context)
    fleet, parts = await fleet_now(desk.store), desk.parts
    after = Context(store=desk.store, clock=parts.clock, fleet=fleet, signer=parts.context.signer)
    await recall(after, desk.hosts[1:])
    assert [knows(after, host) for host in desk.hosts] == [False, True, True]


async def test_what_was_stirred_or_is_restless_is_not_left(desk: Desk) -> None:
    one, two, three = desk.hosts
    assert await desk.hear(two, REPORTS, shown(two), seen(vm(9))) == ""
    await desk.parts.change(await desk.parts.now(three), mode=HostMode.OBSERVE)
    await keep(desk.parts.context)
    assert [each.host for each in await desk.store.find(Settled)] == [one.id]


async def test_what_is_on_its_way_is_waited_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, commit, turn = desk.parts, desk.store.commit, asyncio.Event()

    async def slow(changes: list[Changes]) -> list[str]:
        await turn.wait()
        return await commit(changes)

    monkeypatch.setattr(desk.store, "commit", slow)
    before = await parts.now(desk.hosts[0])
    asked = asyncio.create_task(parts.change(before, mode=HostMode.OBSERVE))
    await asyncio.sleep(0)
    asked.cancel()
    ending = asyncio.create_task(keep(parts.context))
    await asyncio.sleep(0)
    turn.set()
    await ending
    after = await next_life(desk)
    assert [knows(after, host) for host in desk.hosts] == [False, True, True]


async def test_a_database_that_does_not_answer_holds_up_no_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_store: Watched, _kinds: frozenset[type[Fleet]]) -> str:
        raise Unavailable("the database does not answer")

    monkeypatch.setattr(Watched, "weigh", away)
    await keep(desk.parts.context)
    assert await desk.store.find(Settled) == []


async def test_where_rows_can_t_be_weighed_nothing_is_left(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(_store: Watched, _kinds: frozenset[type[Fleet]]) -> str:
        return ""

    monkeypatch.setattr(Watched, "weigh", unknown)
    await keep(desk.parts.context)
    assert await desk.store.find(Settled) == []
