"""A row is changed by a person although passes write it too; what can't be changed is refused."""

from collections.abc import Sequence

import msgspec
import pytest

from tests.servers import Bench, bench
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Refused
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.states import HostMode
from vmuster.server.references import host_now
from vmuster.server.requests.amending import amend, audited
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


class Busy(MemoryStore):
    """A store where, before each of the first few commits, a report of every host is written."""

    reports = 0
    full = False

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        if self.reports:
            self.reports -= 1
            for host in await self.find(Host):
                after = msgspec.structs.replace(host, sequence=host.sequence + 1)
                await super().commit([Changes(writes=(Write(before=host, after=after),))])
        return ["the disk is full"] if self.full else await super().commit(changes)


def cordoned(host: Host) -> Host:
    return msgspec.structs.replace(host, mode=HostMode.CORDONED)


def entry(before: Host) -> JournalEntry:
    return JournalEntry(at=1.0, kind=EntryKind.AUDIT, actor="ann", what=f"was {before.mode}")


@pytest.fixture
async def busy(anyio_backend: str) -> tuple[Bench, Busy]:
    store = Busy()
    return await bench(store), store


async def test_a_row_is_changed_as_it_is_then(busy: tuple[Bench, Busy]) -> None:
    parts, store = busy
    host = await parts.host()
    store.reports = 3
    after = await amend(store, lambda: host_now(store, host.id), cordoned, entry)
    assert (after.mode, after.sequence) == (HostMode.CORDONED, host.sequence + 3)
    assert after == await parts.now(host)
    assert [each.what for each in await parts.journal()].count("was manage") == 1


async def test_what_changes_nothing_is_not_written(busy: tuple[Bench, Busy]) -> None:
    parts, store = busy
    host = await parts.host(mode=HostMode.CORDONED)
    journal = await parts.journal()
    assert await amend(store, lambda: host_now(store, host.id), cordoned, entry) == host
    assert (await parts.now(host), await parts.journal()) == (host, journal)


async def test_a_change_that_is_no_longer_possible_is_refused(busy: tuple[Bench, Busy]) -> None:
    parts, store = busy
    host = await parts.host()

    def once(now: Host) -> Host:
        if now.sequence != host.sequence:
            raise Refused("it reported")
        return cordoned(now)

    store.reports = 1
    with pytest.raises(Refused, match="it reported"):
        await amend(store, lambda: host_now(store, host.id), once, entry)
    assert (await parts.now(host)).mode is HostMode.MANAGE


async def test_a_store_that_refuses_is_not_asked_for_ever(busy: tuple[Bench, Busy]) -> None:
    parts, store = busy
    host = await parts.host()
    store.full = True
    with pytest.raises(Refused, match="disk is full"):
        await amend(store, lambda: host_now(store, host.id), cordoned, entry)


async def test_what_is_written_is_said_by_whom_and_when(busy: tuple[Bench, Busy]) -> None:
    parts, _ = busy
    host = await parts.host()
    change = Write(before=host, after=cordoned(host))
    await audited(parts.context, change, "alpha was cordoned", actor="ann")
    assert (await parts.now(host)).mode is HostMode.CORDONED
    said = (await parts.journal())[-1]
    assert (said.kind, said.actor, said.what) == (EntryKind.AUDIT, "ann", "alpha was cordoned")
    assert said.at == parts.clock.now()


async def test_what_the_store_refuses_is_refused_in_its_words(busy: tuple[Bench, Busy]) -> None:
    parts, store = busy
    host, store.full = await parts.host(), True
    with pytest.raises(Refused, match="the disk is full"):
        await audited(parts.context, Write(before=host, after=cordoned(host)), "no", actor="ann")
