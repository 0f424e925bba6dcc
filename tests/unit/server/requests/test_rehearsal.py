"""A rehearsal notes which rows would change, from what to what, and nothing that would not."""

from collections.abc import AsyncGenerator

import pytest
from msgspec.structs import replace

from tests.servers import Bench, seen, vm
from vmuster.model.changes import Changes, Guarded, Write
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.states import HostMode
from vmuster.model.vm import Sighting
from vmuster.server.requests.rehearsal import Rehearsal

pytestmark = pytest.mark.anyio


@pytest.fixture
async def rehearsal(parts: Bench) -> AsyncGenerator[Rehearsal]:
    async with parts.store.rehearsal() as store:
        yield Rehearsal(store)


def written(before: Guarded | None, after: Guarded | None, *entries: JournalEntry) -> list[Changes]:
    return [Changes(writes=(Write(before=before, after=after),), entries=entries)]


async def test_two_changes_of_one_row_are_one(parts: Bench) -> None:
    host = await parts.host()
    async with parts.store.rehearsal() as store:
        rehearsal = Rehearsal(store)
        for mode in (HostMode.CORDONED, HostMode.MAINTENANCE):
            now = await rehearsal.get(Host, host.id)
            assert now is not None
            assert await rehearsal.commit(written(now, replace(now, mode=mode))) == [""]
        (change,) = rehearsal.changes
    assert change.before == host
    assert isinstance(change.after, Host)
    assert change.after.mode is HostMode.MAINTENANCE
    assert await parts.now(host) == host


async def test_what_is_written_as_it_was_does_not_change(parts: Bench) -> None:
    host = await parts.host()
    async with parts.store.rehearsal() as store:
        rehearsal = Rehearsal(store)
        assert await rehearsal.commit(written(host, host)) == [""]
        assert rehearsal.changes == []


async def test_what_is_made_and_dropped_again_was_never_there(rehearsal: Rehearsal) -> None:
    from vmuster.model.host import Cluster
    from vmuster.model.ids import ClusterName
    from vmuster.model.policy import Policy

    fresh = Cluster(name=ClusterName("north"), policy=Policy(), created_at=1.0)
    assert await rehearsal.commit(written(None, fresh)) == [""]
    assert await rehearsal.commit(written(replace(fresh, version=1), None)) == [""]
    assert rehearsal.changes == []


async def test_what_is_refused_is_not_noted(parts: Bench) -> None:
    host = await parts.host()
    entry = JournalEntry(at=1.0, kind=EntryKind.AUDIT, actor="ann", what="never")
    async with parts.store.rehearsal() as store:
        rehearsal = Rehearsal(store)
        stale = replace(host, version=77)
        (refused,) = await rehearsal.commit(written(stale, replace(stale, name="b"), entry))
        assert refused
        assert (rehearsal.changes, rehearsal.entries) == ([], [])


async def test_with_a_host_goes_what_was_seen_there(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)), seen(vm(2)))
    now = await parts.now(host)
    async with parts.store.rehearsal() as store:
        rehearsal = Rehearsal(store)
        assert await rehearsal.commit(written(now, None)) == [""]
        gone = [change.before for change in rehearsal.changes]
        assert all(change.after is None for change in rehearsal.changes)
    assert gone[0] == now
    assert {row.uuid for row in gone[1:] if isinstance(row, Sighting)} == {vm(1), vm(2)}


async def test_sightings_are_noted_as_they_were_and_as_they_would_be(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)), seen(vm(2)))
    first = await parts.sighting(host, vm(1))
    after = replace(first, absent=True)
    async with parts.store.rehearsal() as store:
        rehearsal = Rehearsal(store)
        changes = Changes(sightings=(after,), gone=((host.id, vm(2)), (host.id, vm(3))))
        assert await rehearsal.commit([changes]) == [""]
        noted = {
            change.row.uuid: change
            for change in rehearsal.changes
            if isinstance(change.row, Sighting)
        }
    assert (noted[vm(1)].before, noted[vm(1)].after) == (first, after)
    assert noted[vm(2)].after is None
    assert set(noted) == {vm(1), vm(2)}
