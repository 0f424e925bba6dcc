"""The store whose commits are counted is the store behind it, and nothing in vain is counted."""

from collections.abc import Sequence

import pytest

from tests.clocks import HandClock
from tests.loaded import load_host
from tests.servers import Bench, bench, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Unavailable
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.states import HostHealth
from vmuster.model.vm import Sighting
from vmuster.ports.store import VmQuery
from vmuster.server.figures import catalogue as of
from vmuster.server.figures.figures import Figures
from vmuster.server.figures.store import CountedStore
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
ENTRY = Changes(entries=(JournalEntry(at=1.0, kind=EntryKind.AUDIT, actor="a", what="b"),))


class Slow(MemoryStore):
    """A commit takes three seconds, and fails where it is told to."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self.clock = clock
        self.failing = False

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        self.clock.pass_by(3)
        if self.failing:
            raise Unavailable("the disk is full")
        return await super().commit(changes)


def counted(figures: Figures) -> dict[str, float]:
    return {outcome: n for (outcome,), n in figures.sums(of.COMMITS, ()).items() if n}


async def test_each_set_is_counted_by_what_became_of_it() -> None:
    clock, figures = HandClock(), Figures()
    behind = Slow(clock)
    store = CountedStore(behind, clock, figures)
    assert await store.commit([ENTRY, ENTRY]) == ["", ""]
    behind.failing = True
    with pytest.raises(Unavailable):
        await store.commit([ENTRY])
    assert counted(figures) == {"written": 2, "failed": 1}
    assert figures.sums(of.ENTRIES, ())["audit",] == 2
    (seconds,) = figures.histograms(of.COMMIT_SECONDS).values()
    assert (seconds.total, seconds.buckets[-1]) == (6, ("+Inf", 2))


async def test_what_a_guard_refused_did_not_happen(parts: Bench) -> None:
    host = await parts.host()
    before = counted(parts.context.figures)
    entries = parts.context.figures.sums(of.ENTRIES, ())
    stale = Changes(writes=(Write(before=host, after=host),), entries=ENTRY.entries)
    await parts.change(host, name="beta")
    (refused,) = await parts.store.commit([stale])
    assert refused
    assert counted(parts.context.figures)["refused"] == 1
    assert counted(parts.context.figures)["written"] == before["written"] + 1
    assert parts.context.figures.sums(of.ENTRIES, ()) == entries


async def test_a_rehearsal_is_not_counted(parts: Bench) -> None:
    before = counted(parts.context.figures)
    async with parts.store.rehearsal() as store:
        assert await store.commit([ENTRY]) == [""]
    assert counted(parts.context.figures) == before


async def test_it_answers_as_the_store_behind_it() -> None:
    behind = MemoryStore()
    parts = await bench(behind)
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    store = parts.context.store
    assert isinstance(store, CountedStore)
    assert await store.get(Host, host.id) == await behind.get(Host, host.id) is not None
    found = await store.find(Sighting, host=host.id, limit=1)
    assert found == await behind.find(Sighting, host=host.id)
    assert len(found) == 1
    assert await store.count(Host, by="health") == {HostHealth.UP: 1}
    assert len(await store.vms(VmQuery(), limit=5)) == 1
    assert await store.unseen() == {}
    assert await store.unread() == await behind.unread()
    rows = await load_host(store, host.id, (), (), 0.0)
    assert rows is not None
    assert rows.host.id == host.id
