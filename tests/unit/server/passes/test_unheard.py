"""Which marks of ours this database has never heard of, and how seldom that is asked."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from tests.loaded import load_host
from tests.servers import Bench, bench, seen, vm
from vmuster.model.changes import Changes
from vmuster.model.host import Host
from vmuster.model.ids import VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness
from vmuster.model.vm import VmObservation
from vmuster.ports.store import Row
from vmuster.server.passes.unheard import GENERATION, TOO_NEW, unheard_of
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


class Asked(MemoryStore):
    """Counts the questions about the journal."""

    questions = 0

    async def find(self, kind: type[Row], /, **chosen: Any) -> Sequence[Row]:
        self.questions += kind is JournalEntry
        return await super().find(kind, **chosen)


async def unheard(parts: Bench, host: Host, *vms: VmObservation) -> frozenset[VmUuid]:
    rows = await load_host(parts.store, host.id, [v.uuid for v in vms], [], since=0.0)
    assert rows is not None
    report = HostReport(
        host=host.id,
        epoch=1,
        sequence=1,
        boot_id="",
        completeness=Completeness.COMPLETE,
        vms=vms,
    )
    marks = parts.context.judge.judge(report, rows.here)
    return await unheard_of(parts.store, rows, report, marks)


async def test_a_mark_of_ours_on_a_vm_that_nobody_ever_asked_for(parts: Bench) -> None:
    host = await parts.host()
    marked = seen(vm(1), mark=parts.mark(vm(1)))
    assert await unheard(parts, host, marked, seen(vm(2))) == {vm(1)}


async def test_no_mark_or_another_mark_is_not_ours_to_have_heard_of(parts: Bench) -> None:
    host = await parts.host()
    copied = seen(vm(2), mark=parts.mark(vm(1)))
    forged = seen(vm(3), mark=msgspec.structs.replace(parts.mark(vm(3)), signature="00"))
    assert await unheard(parts, host, seen(vm(1)), copied, forged) == frozenset()


async def test_a_vm_with_a_record_is_known(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    assert await unheard(parts, host, seen(vm(1), mark=parts.mark(vm(1), 9))) == frozenset()


async def test_a_vm_that_somebody_once_asked_for_is_known_by_the_journal(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    marked = seen(vm(1), mark=parts.mark(vm(1)))
    await parts.requests.release(vm(1), actor="ann")
    await parts.report(host, seen(vm(1)))
    assert await unheard(parts, host, marked) == frozenset(), "a snapshot brought its mark back"


async def test_a_mark_that_is_newer_than_what_was_asked_for_is_unheard_of(parts: Bench) -> None:
    """It was adopted again, after this database was copied."""
    host = await parts.host()
    await parts.adopted(host, vm(1))
    newer = seen(vm(1), mark=parts.mark(vm(1), (await parts.record(vm(1))).mark_generation + 1))
    await parts.requests.release(vm(1), actor="ann")
    await parts.report(host, seen(vm(1)))
    assert await unheard(parts, host, newer) == {vm(1)}


async def test_that_a_vm_was_once_seen_as_a_stranger_is_no_request_for_it(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    assert await parts.journal(vm(1))
    assert await unheard(parts, host, seen(vm(1), mark=parts.mark(vm(1)))) == {vm(1)}


async def test_a_mark_that_was_noted_once_is_known_and_a_newer_one_is_not(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1), 5)))
    await parts.report(host, seen(vm(2)))
    noted = [entry for entry in await parts.journal(vm(1)) if entry.rule == TOO_NEW]
    assert [entry.kind for entry in noted] == [EntryKind.ALERT]
    assert await unheard(parts, host, seen(vm(1), mark=parts.mark(vm(1), 5))) == frozenset()
    assert await unheard(parts, host, seen(vm(1), mark=parts.mark(vm(1), 6))) == {vm(1)}


async def test_a_mark_that_is_still_seen_and_a_recorded_vm_cost_no_question(
    anyio_backend: str,
) -> None:
    store = Asked()
    parts = await bench(store)
    alpha, beta = await parts.host("alpha"), await parts.host("beta")
    await parts.adopted(alpha, vm(2))
    marked = seen(vm(1), mark=parts.mark(vm(1)))
    await parts.report(alpha, marked)
    store.questions = 0
    assert await unheard(parts, alpha, seen(vm(2), mark=parts.mark(vm(2), 99))) == frozenset()
    for host in (alpha, beta):
        assert await unheard(parts, host, marked) == frozenset()
    assert store.questions == 0


async def test_the_latest_requests_are_asked_for_however_many_there_were(parts: Bench) -> None:
    """A question to the journal is answered with a thousand entries and no more."""
    host = await parts.host()
    before = tuple(
        JournalEntry(
            at=1.0,
            kind=EntryKind.REQUEST,
            actor="ann",
            what="adopt",
            vm=vm(1),
            evidence={GENERATION: number},
        )
        for number in (*[1] * 1000, 9)
    )
    assert await parts.store.commit([Changes(entries=before)]) == [""]
    newer = seen(vm(1), mark=parts.mark(vm(1), 9))
    assert await unheard(parts, host, newer) == frozenset()
