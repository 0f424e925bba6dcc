"""What is counted of a roll call holds at any size; so does that a fleet at rest stays at rest."""

from contextlib import AsyncExitStack

import msgspec
import pytest

from bench import rollcall
from bench.fleets import Shape
from bench.sizes import Sizes
from vmuster.model.journal import JournalEntry
from vmuster.model.states import PowerState
from vmuster.model.vm import VmObservation, VmRecord
from vmuster.server.passes import scope

pytestmark = pytest.mark.anyio
SHAPE = Shape(hosts=4, vms=30)
COUNTED = 4
"""Rows of counts, at the end of the others."""


async def test_the_counts_of_the_shipped_path_reach_their_goals() -> None:
    result = await rollcall.run(Sizes(hosts=6, small_hosts=2, vms=5, repeats=1))
    counted = result.rows[-COUNTED:]
    assert [row.value for row in counted[:1]] == [0]
    assert {row.what: row.value for row in counted if not row.ok} == {}
    assert all(row.value > 0 for row in result.rows[:-COUNTED])


async def test_a_fleet_at_rest_says_nothing_new() -> None:
    async with AsyncExitStack() as stack:
        call, _ = await rollcall.begun(stack, SHAPE)
        store = call.server.service.store
        before = len(await store.find(JournalEntry))
        await call.unchanged(2)
        assert len(await store.find(JournalEntry)) == before
        records = await store.find(VmRecord)
        assert {record.version for record in records} == {1}


async def test_one_in_a_hundred_changes_and_is_recorded() -> None:
    async with AsyncExitStack() as stack:
        call, _ = await rollcall.begun(stack, SHAPE)
        store = call.server.service.store
        await call.changed()
        stopped = await store.find(VmRecord, power=PowerState.STOPPED)
        assert len(stopped) == rollcall.turned_of(SHAPE.all_vms) == 1
        await call.one_each(3)
        stopped = await store.find(VmRecord, power=PowerState.STOPPED)
        assert 2 <= len(stopped) <= 4


class Decoding:
    """A decoder of VMs that counts them."""

    def __init__(self, decoder: msgspec.json.Decoder[VmObservation]) -> None:
        self._decoder = decoder
        self.vms = 0

    def decode(self, raw: bytes) -> VmObservation:
        self.vms += 1
        return self._decoder.decode(raw)


async def test_of_an_account_with_one_changed_line_one_vm_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And that one again for as long as something about it is new; nothing is decoded whole."""
    async with AsyncExitStack() as stack:
        call, _ = await rollcall.begun(stack, SHAPE)
        await call.unchanged(2)
        decoding = Decoding(scope._vm)  # pyright: ignore[reportPrivateUsage]
        monkeypatch.setattr(scope, "_vm", decoding)
        monkeypatch.setattr(scope, "read", None)  # by which a whole account would be read
        found: list[int] = []
        for said in (call.again, call.one_each, call.again, call.again, call.again):
            before = decoding.vms
            await said(1)
            found.append(decoding.vms - before)
        assert found == [0, 1, 1, 0, 0]


async def test_a_count_beyond_its_goal_is_missed() -> None:
    still, batch = rollcall.Counts(), rollcall.Counts()
    batch.statement("UPDATE vm SET a = 1")
    batch.commit()
    assert all(row.ok for row in rollcall.counted_rows(still, batch, 3))
    still.statement("SELECT a FROM host")
    for _ in range(4):
        batch.statement("UPDATE vm SET a = 1")
    batch.commit()
    missed = [row.value for row in rollcall.counted_rows(still, batch, 3) if not row.ok]
    assert missed == [1, 5, 2]
