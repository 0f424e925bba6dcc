"""The store that knows when each host was heard last, and tells of every commit."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import pytest

from tests.loaded import load_host
from tests.servers import Bench, bench, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Unavailable
from vmuster.model.host import Cluster, Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.messages import Delivered
from vmuster.model.report import HostReport, digest_of
from vmuster.model.states import Completeness, HostMode
from vmuster.model.vm import VmObservation
from vmuster.server.passes.hearing import Hearing
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Failing(MemoryStore):
    """A store whose commits give no answer while `away`, though they are made."""

    away = False

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        refused = await super().commit(changes)
        if self.away:
            raise Unavailable("no answer")
        return refused


class Watched(MemoryStore):
    """A store whose commits are read by a `reader` before whoever commits has the answer."""

    reader: Callable[[], Awaitable[Sequence[Host]]] | None = None
    read: Sequence[Host] = ()

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        refused = await super().commit(changes)
        if self.reader is not None:
            self.read = await self.reader()
        return refused


class Slow(MemoryStore):
    """A store that writes clusters at its `turn`, whether or not anybody waits for it any more."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = asyncio.Event()
        self.turn.set()

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        return await asyncio.shield(asyncio.ensure_future(self._commit(changes)))

    async def _commit(self, changes: Sequence[Changes]) -> list[str]:
        if any(isinstance(write.after, Cluster) for each in changes for write in each.writes):
            await self.turn.wait()
        return await super().commit(changes)


@pytest.fixture
async def parts() -> Bench:
    return await bench()


async def said(parts: Bench, host: Host, *vms: VmObservation) -> str:
    """Have a host say that these are its VMs, as its agent would; "known" where that was known
    by its digest."""
    now = await parts.now(host)
    report = HostReport(
        host=host.id,
        epoch=now.epoch,
        sequence=now.sequence + 1,
        boot_id="boot-1",
        completeness=Completeness.COMPLETE,
        vms=vms,
        asked_after=parts.context.intakes.last,
    )
    account = msgspec.json.encode(report.account)
    delivered = Delivered(
        stamp=report.stamp, account=memoryview(account), digest=digest_of(account)
    )
    before = parts.context.intakes.last
    assert await Hearing(parts.context, parts.heard).hear(delivered) == ""
    return "known" if parts.context.intakes.last == before else "judged"


async def settled(parts: Bench, host: Host, *vms: VmObservation) -> None:
    for _ in range(6):
        if await said(parts, host, *vms) == "known":
            return
    raise AssertionError("it never comes to rest")


async def test_a_host_that_says_the_same_is_heard_and_nothing_is_written(parts: Bench) -> None:
    host = await parts.host()
    await settled(parts, host, seen(vm(1)), seen(vm(2)))
    before = await parts.now(host)
    parts.clock.pass_by(60.0)
    assert await said(parts, host, seen(vm(1)), seen(vm(2))) == "known"
    after = await parts.now(host)
    assert after.last_complete_at == after.last_report_at == parts.clock.now()
    assert (after.version, after.sequence) == (before.version, before.sequence + 1)
    assert [row.sequence for row in await parts.store.find(Host)] == [after.sequence]
    rows = await load_host(parts.store, host.id, [], [], 0.0)
    assert rows is not None
    assert rows.host == after


async def test_a_host_that_says_something_new_is_judged(parts: Bench) -> None:
    host = await parts.host()
    await settled(parts, host, seen(vm(1)))
    assert await said(parts, host, seen(vm(1)), seen(vm(2))) == "judged"
    assert (await parts.sighting(host, vm(2))).uuid == vm(2)


async def test_what_was_said_long_ago_is_not_taken_in_after_what_is_known(parts: Bench) -> None:
    host = await parts.host()
    await settled(parts, host, seen(vm(1)))
    late = HostReport(
        host=host.id,
        epoch=1,
        sequence=(await parts.now(host)).sequence,
        boot_id="boot-1",
        completeness=Completeness.COMPLETE,
        vms=(),
    )
    account = msgspec.json.encode(late.account)
    delivered = Delivered(stamp=late.stamp, account=memoryview(account), digest="x")
    assert "stale" in await Hearing(parts.context, parts.heard).hear(delivered)


async def test_a_written_policy_unsettles_every_host_under_it(parts: Bench) -> None:
    host = await parts.host()
    await settled(parts, host, seen(vm(1)))
    await parts.policy(report_seconds=77.0)
    assert await said(parts, host, seen(vm(1))) == "judged"


async def test_a_host_that_was_set_to_another_mode_is_judged(parts: Bench) -> None:
    host = await parts.host()
    await settled(parts, host, seen(vm(1)))
    await parts.change(await parts.now(host), mode=HostMode.OBSERVE)
    assert await said(parts, host, seen(vm(1))) == "judged"


async def test_what_is_refused_stirs_nobody(parts: Bench) -> None:
    host = await parts.host()
    await settled(parts, host, seen(vm(1)))
    old = msgspec.structs.replace(await parts.now(host), version=0)
    after = msgspec.structs.replace(old, mode=HostMode.OBSERVE)
    refused = await parts.store.commit([Changes(writes=(Write(before=old, after=after),))])
    assert refused != [""]
    assert await said(parts, host, seen(vm(1))) == "known"


async def test_what_nobody_knows_to_be_written_stirs() -> None:
    behind = Failing()
    parts = await bench(behind)
    host = await parts.host()
    await settled(parts, host, seen(vm(1)))
    now = await parts.now(host)
    after = msgspec.structs.replace(now, mode=HostMode.OBSERVE)
    behind.away = True
    with pytest.raises(Unavailable):
        await parts.store.commit([Changes(writes=(Write(before=now, after=after),))])
    behind.away = False
    assert await said(parts, host, seen(vm(1))) == "judged"


async def test_what_is_written_after_its_caller_has_gone_stirs_when_it_is_written() -> None:
    behind = Slow()
    parts = await bench(behind)
    host = await parts.host()
    await settled(parts, host, seen(vm(1)))
    behind.turn.clear()
    caller = asyncio.create_task(parts.policy(report_seconds=77.0))
    for _ in range(10):
        await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await settled(parts, host, seen(vm(1)))
    behind.turn.set()
    async with asyncio.timeout(10):
        while (await parts.cluster()).policy.report_seconds != 77.0:  # noqa: ASYNC110
            await asyncio.sleep(0)
    for _ in range(10):
        await asyncio.sleep(0)
    assert await said(parts, host, seen(vm(1))) == "judged"


async def test_who_reads_a_greeting_before_it_is_known_to_be_written_stirs_nobody() -> None:
    store = Watched()
    parts = await bench(store)
    host = await parts.host()
    await settled(parts, host, seen(vm(1)))
    store.reader = lambda: parts.store.find(Host)
    await parts.change(await parts.now(host), epoch=2, sequence=0)
    assert [row.epoch for row in store.read] == [2]
    assert await said(parts, host, seen(vm(1))) == "known"


async def test_an_entry_of_the_journal_stirs_nobody(parts: Bench) -> None:
    host = await parts.host()
    await settled(parts, host, seen(vm(1)))
    entry = JournalEntry(at=1.0, kind=EntryKind.AUDIT, actor="ann", what="x", host=host.id)
    assert await parts.store.commit([Changes(entries=(entry,))]) == [""]
    assert await said(parts, host, seen(vm(1))) == "known"


async def test_a_request_unsettles_the_hosts_that_show_its_vm(parts: Bench) -> None:
    home, other = await parts.host("alpha"), await parts.host("beta")
    await settled(parts, home, seen(vm(1)))
    await settled(parts, other, seen(vm(2)))
    await parts.requests.adopt(vm(1), actor="ann")
    assert await said(parts, other, seen(vm(2))) == "known"
    assert await said(parts, home, seen(vm(1))) == "judged"


async def test_a_name_that_is_given_unsettles_the_hosts_that_show_it(parts: Bench) -> None:
    home, other, third = [await parts.host(name) for name in ("alpha", "beta", "gamma")]
    await settled(parts, home, seen(vm(1), name="i-2-7-VM"))
    await settled(parts, other, seen(vm(2), name="i-2-7-VM"))
    await settled(parts, third, seen(vm(3), name="i-2-8-VM"))
    await parts.requests.adopt(vm(1), actor="ann")
    assert (await parts.record(vm(1))).name == "i-2-7-VM"
    assert await said(parts, other, seen(vm(2), name="i-2-7-VM")) == "judged"
    assert await said(parts, third, seen(vm(3), name="i-2-8-VM")) == "known"


async def test_a_rehearsal_stirs_nobody(parts: Bench) -> None:
    host = await parts.host()
    await settled(parts, host, seen(vm(1)))
    async with parts.store.rehearsal() as rehearsed:
        now = await rehearsed.get(Host, host.id)
        assert now is not None
        after = msgspec.structs.replace(now, mode=HostMode.OBSERVE)
        assert await rehearsed.commit([Changes(writes=(Write(before=now, after=after),))]) == [""]
    assert await said(parts, host, seen(vm(1))) == "known"


async def test_a_rehearsal_goes_by_the_same_moments(parts: Bench) -> None:
    host = await parts.host()
    await settled(parts, host, seen(vm(1)))
    parts.clock.pass_by(30.0)
    assert await said(parts, host, seen(vm(1))) == "known"
    async with parts.store.rehearsal() as rehearsed:
        assert await rehearsed.get(Host, host.id) == await parts.now(host)
        assert (await parts.now(host)).last_complete_at == parts.clock.now()


async def test_a_host_that_was_removed_is_forgotten(parts: Bench) -> None:
    host = await parts.host()
    await settled(parts, host)
    now = await parts.now(host)
    assert await parts.store.commit([Changes(writes=(Write(before=now, after=None),))]) == [""]
    assert parts.context.accounts.known(host.id) is None
    assert list(parts.context.accounts.unwritten()) == []
