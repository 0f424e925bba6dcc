"""The sweep's own pace: a server that stood still, a round that is slow, one that never ends."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from tests.servers import Bench, bench
from tests.watches import Watch
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Cluster, Host
from vmuster.model.plan import Plan
from vmuster.model.policy import FleetPolicy
from vmuster.model.report import HostReport, Stamp
from vmuster.model.states import Completeness, HostHealth
from vmuster.server.passes.scope import Judged, Lines
from vmuster.server.watch.sweep import Sweep
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
UP, SUSPECT, UNREACHABLE, FENCED = HostHealth


async def test_a_server_that_stood_still_takes_nobody_for_silent(parts: Bench) -> None:
    """Nobody ran for six minutes; what the agents said meanwhile waits to be heard."""
    await parts.policy(quiet_seconds=300)
    watch = Watch(parts)
    host, gone = await watch.host("alpha"), await watch.host("beta")
    sweep = Sweep(parts.context, parts.heard)
    await sweep.once()
    parts.clock.pass_by(60)
    await watch.reports(host)
    sweep = Sweep(parts.context, parts.heard)
    await sweep.once()
    parts.clock.pass_by(360)
    await sweep.once()
    assert (await parts.now(host)).health is UP
    assert (await parts.now(gone)).health is UP
    assert parts.context.quiet.left(300) == 300, "first look, then judge"
    parts.clock.pass_by(30)
    await watch.reports(host)
    sweep = Sweep(parts.context, parts.heard)
    await sweep.once()
    assert (await parts.now(host)).health is UP
    assert (await parts.now(gone)).health is SUSPECT, "60 s before, and 30 s since"


async def test_when_a_host_was_heard_last_is_written_down_now_and_then() -> None:
    kept = MemoryStore()
    parts = await bench(kept)
    host, sweep = await parts.host(), Sweep(parts.context, parts.heard)
    await parts.report(host)
    row = await kept.get(Host, host.id)
    assert row is not None
    stamp = Stamp(host=host.id, epoch=row.epoch, sequence=9)
    told = HostReport(
        host=host.id,
        epoch=row.epoch,
        sequence=row.sequence,
        boot_id="boot-1",
        completeness=Completeness.COMPLETE,
        vms=(),
        digest="same",
    )
    accounts = parts.context.accounts
    lines, begun = Lines(boot_id="boot-1", packed=b""), accounts.begin(host.id)
    judged = Judged(report=told, lines=lines, begun=begun)
    accounts.settle(judged, Plan(host=row, restless=frozenset()))
    for seconds, written in ((59.0, False), (1.0, True)):
        parts.clock.pass_by(seconds)
        stamp = msgspec.structs.replace(stamp, sequence=stamp.sequence + 1)
        assert accounts.same(stamp, "same", intake=parts.context.intakes.last)
        await sweep.once()
        now = await kept.get(Host, host.id)
        assert now is not None
        assert (now.last_complete_at == parts.clock.now()) is written
        assert (now.sequence == stamp.sequence) is written


@pytest.mark.parametrize(("seconds", "rest"), [(0.0, 2.0), (0.25, 5.0), (30.0, 10.0)])
async def test_a_round_is_followed_by_a_rest_that_is_bounded(
    seconds: float, rest: float, anyio_backend: str
) -> None:
    class Slow(MemoryStore):
        async def find(self, kind: type[Any], /, **among: Any) -> Sequence[Any]:
            if kind is Cluster:
                clock.pass_by(seconds)
            return await super().find(kind, **among)

    parts = await bench(Slow())
    clock, rests = parts.clock, list[float]()

    class Enough(Exception):
        pass

    async def sleep(seconds: float) -> None:
        rests.append(seconds)
        raise Enough

    parts.clock.sleep = sleep
    with pytest.raises(Enough):
        await Sweep(parts.context, parts.heard).run()
    assert rests == [pytest.approx(rest)]


async def test_while_a_round_does_not_end_the_last_count_goes_out_of_date(
    monkeypatch: pytest.MonkeyPatch, anyio_backend: str
) -> None:
    """A database that hangs in the middle of a round: nothing automatic is done on an old count."""
    hangs = asyncio.Event()

    class Hanging(MemoryStore):
        async def find(self, kind: type[Any], /, **among: Any) -> Sequence[Any]:
            if hangs.is_set():
                await asyncio.Event().wait()
            return await super().find(kind, **among)

    monkeypatch.setattr("vmuster.server.watch.sweep.ROUND_SECONDS_MAX", 0.01)
    parts = await bench(Hanging())
    cluster = await parts.cluster()

    def dark() -> str:
        return parts.context.weather.dark(cluster.name, cluster.policy, FleetPolicy())

    assert dark() == ""
    hangs.set()
    sweeping = asyncio.create_task(Sweep(parts.context, parts.heard).run())
    async with asyncio.timeout(10):
        while not dark():  # noqa: ASYNC110  # no bell rings for this
            await asyncio.sleep(0.005)
    sweeping.cancel()


async def test_every_round_says_at_which_epoch_the_hosts_are(parts: Bench) -> None:
    """A conversation whose host gives no account would never hear that it is over."""
    watch = Watch(parts)
    hosts = [await watch.host("alpha"), await watch.host("beta")]
    at = {host.id: (await parts.now(host)).epoch for host in hosts}
    await watch.sweep.once()
    assert parts.heard.epochs == at
    later = msgspec.structs.replace(await parts.now(hosts[0]), epoch=7)
    write = Write(before=await parts.now(hosts[0]), after=later)
    assert await parts.store.commit([Changes(writes=(write,))]) == [""]
    await watch.sweep.once()
    assert parts.heard.epochs == {**at, hosts[0].id: 7}
