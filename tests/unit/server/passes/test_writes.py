"""What a plan writes: news once, and the intent beside the command, before the deed."""

from collections.abc import Sequence

import msgspec
import pytest

from tests.servers import RUNNING, STOPPED, Bench, bench, seen, vm
from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.changes import Changes
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.journal import EntryKind
from vmuster.model.operations import AUTOMATIC
from vmuster.model.states import HostHealth, OperationKind, PowerState
from vmuster.model.vm import VmObservation, VmRecord
from vmuster.reconcile.holds import BELIED, EMPTIED
from vmuster.server.passes.unheard import TOO_NEW
from vmuster.server.talks.repeats import TROUBLE
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
UP_AGAIN = "host alpha: unreachable → up"


class Remembering(MemoryStore):
    """Remembers every set of changes."""

    def __init__(self) -> None:
        super().__init__()
        self.sets: list[Changes] = []

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        self.sets.extend(changes)
        return await super().commit(changes)


async def over_budget(parts: Bench) -> tuple[Host, list[VmObservation], HeldPlan]:
    """A host, what it shows, and its plan to start two VMs, which is held since one is allowed."""
    host = await parts.host()
    await parts.policy(drift="enforce", starts_per_pass_max=1)
    await parts.adopted(host, vm(1), vm(2))
    stopped = [seen(vm(n), power=STOPPED, mark=parts.mark(vm(n))) for n in (1, 2)]
    await parts.report(host, *stopped)
    hold = await parts.store.get(HeldPlan, host.id)
    assert hold is not None
    return host, stopped, hold


async def test_an_unchanged_host_says_nothing_new(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    shown = [*(await parts.shown(host)), seen(vm(2))]
    await parts.report(host, *shown)
    before = await parts.journal()
    for _ in range(3):
        await parts.report(host, *shown)
    assert await parts.journal() == before


async def test_a_host_that_is_up_again_by_a_report_is_written_down_once(parts: Bench) -> None:
    host = await parts.host()
    await parts.policy(steady_seconds=60)
    await parts.change(host, health=HostHealth.UNREACHABLE, well_since=parts.clock.now(), flaps=1)
    await parts.report(await parts.now(host))
    assert [e.what for e in await parts.journal() if e.what == UP_AGAIN] == []
    parts.clock.pass_by(60)
    for _ in range(2):
        await parts.report(await parts.now(host))
    assert (await parts.now(host)).health is HostHealth.UP
    up = [entry for entry in await parts.journal() if entry.what == UP_AGAIN]
    assert [(entry.kind, entry.host) for entry in up] == [(EntryKind.DECISION, host.id)]


async def test_a_new_conclusion_is_written_down_once_with_its_evidence(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    before = len(await parts.journal(vm(1)))
    stopped = seen(vm(1), power=STOPPED, mark=parts.mark(vm(1)))
    for _ in range(3):
        await parts.report(host, stopped)
    new = (await parts.journal(vm(1)))[before:]
    assert [entry.kind for entry in new] == [EntryKind.ALERT]
    assert new[0].actor == AUTOMATIC
    assert new[0].rule
    assert new[0].evidence["phase"] == "stopped"


async def test_an_empty_list_that_is_belied_again_and_again_is_told_once(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    before = len(await parts.journal())
    for _ in range(3):
        await parts.report(host)
        assert (await parts.now(host)).trouble == EMPTIED
        await parts.report(host, *(await parts.shown(host)), partial=True)
        assert (await parts.now(host)).trouble == BELIED
    told = [entry for entry in (await parts.journal())[before:] if entry.rule == TROUBLE]
    assert [entry.what for entry in told] == [f"the account is in doubt: {EMPTIED}"]


@pytest.mark.parametrize(
    ("kind", "power", "rests_on"),
    [
        (OperationKind.STOP, RUNNING, "proof"),
        (OperationKind.RELEASE, RUNNING, "proof"),
        (OperationKind.START, STOPPED, "clearance"),
    ],
)
async def test_the_intent_stands_in_the_same_set_as_the_command(
    kind: OperationKind, power: PowerState, rests_on: str, anyio_backend: str
) -> None:
    store = Remembering()
    parts = await bench(store)
    host = await parts.host()
    await parts.adopted(host, vm(1), power=power)
    if kind is OperationKind.RELEASE:
        await parts.requests.release(vm(1), actor="ann")
    else:
        await parts.requests.power(kind, vm(1), actor="ann")
    store.sets.clear()
    await parts.report(host, *(await parts.shown(host)))
    row = (await parts.sent(vm(1)))[-1]
    sets = [
        changes
        for changes in store.sets
        if any(isinstance(write.after, OutboxCommand) for write in changes.writes)
    ]
    assert len(sets) == 1
    (intent,) = [entry for entry in sets[0].entries if entry.kind is EntryKind.COMMAND]
    assert (intent.command, intent.operation) == (row.id, row.command.operation)
    assert (intent.actor, intent.host) == ("ann", host.id)
    assert intent.evidence[rests_on]


async def test_a_held_plan_is_told_once_while_it_is_held(parts: Bench) -> None:
    host, stopped, first = await over_budget(parts)
    for _ in range(2):
        await parts.report(host, *stopped)
    (told,) = [entry for entry in await parts.journal() if entry.kind is EntryKind.HELD]
    hold = await parts.store.get(HeldPlan, host.id)
    assert hold is not None
    assert (told.evidence["plan"], told.cluster) == (str(hold.id), hold.cluster)
    assert [act.vm for act in hold.acts] == [vm(1), vm(2)]
    assert hold.why in told.what
    assert hold.version == first.version, "written once"
    assert [len(await parts.sent(vm(n))) for n in (1, 2)] == [1, 1], "only the marks"


async def test_a_plan_whose_approval_has_expired_is_told_of_again(parts: Bench) -> None:
    host, stopped, hold = await over_budget(parts)
    await parts.change(hold, state=HoldState.APPROVED, by="ann", expires_at=parts.clock.now())
    await parts.report(host, *stopped)
    told = [entry for entry in await parts.journal() if entry.kind is EntryKind.HELD]
    assert [entry.evidence["plan"] for entry in told] == [str(hold.id)] * 2


async def test_an_approved_plan_is_carried_out_and_gone(parts: Bench) -> None:
    host, stopped, hold = await over_budget(parts)
    await parts.change(hold, state=HoldState.APPROVED, by="ann", expires_at=parts.clock.now() + 1)
    await parts.report(host, *stopped)
    assert [len(await parts.sent(vm(n))) for n in (1, 2)] == [2, 2], "the marks and the starts"
    intents = [
        e
        for e in await parts.journal()
        if e.kind is EntryKind.COMMAND and "clearance" in e.evidence
    ]
    assert [e.evidence["approved"] for e in intents] == [{"by": "ann", "plan": str(hold.id)}] * 2
    assert await parts.store.get(HeldPlan, host.id) is None


async def test_an_automatic_command_is_counted_against_its_fleet_and_its_cluster(
    anyio_backend: str,
) -> None:
    store = Remembering()
    parts = await bench(store)
    await parts.policy(drift="enforce")
    host = await parts.host()
    await parts.adopted(host, vm(1))
    store.sets.clear()
    await parts.report(host, seen(vm(1), power=STOPPED, mark=parts.mark(vm(1))))
    (changes,) = [each for each in store.sets if _sends(each)]
    written = {type(w.before): w for w in changes.writes if isinstance(w.before, Fleet | Cluster)}
    assert written.keys() == {Fleet, Cluster}
    assert all(write.after == write.before for write in written.values())


async def test_a_request_is_counted_against_nothing(anyio_backend: str) -> None:
    store = Remembering()
    parts = await bench(store)
    host = await parts.host()
    await parts.adopted(host, vm(1))
    await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    store.sets.clear()
    await parts.report(host, *(await parts.shown(host)))
    (changes,) = [each for each in store.sets if _sends(each)]
    assert not any(isinstance(write.before, Fleet | Cluster) for write in changes.writes)


async def test_a_mark_that_is_too_new_puts_the_fleet_into_quarantine_in_the_same_set(
    anyio_backend: str,
) -> None:
    store = Remembering()
    parts = await bench(store)
    host = await parts.host()
    store.sets.clear()
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1), 5)), seen(vm(2)))
    (changes,) = [each for each in store.sets if any(e.rule == TOO_NEW for e in each.entries)]
    (fleet,) = [write.after for write in changes.writes if isinstance(write.after, Fleet)]
    assert fleet.quarantine is not None
    assert (fleet.quarantine.highest, len(fleet.quarantine.evidence)) == (5, 1)
    assert str(vm(1)) in fleet.quarantine.evidence[0]
    (alert,) = [entry for entry in changes.entries if entry.rule == TOO_NEW]
    assert (alert.kind, alert.vm, alert.host) == (EntryKind.ALERT, vm(1), host.id)
    assert alert.evidence == {"generation": 5}
    assert {row.uuid for row in changes.sightings} == {vm(1), vm(2)}


async def test_a_stranger_that_is_gone_is_forgotten(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)), seen(vm(2)))
    await parts.report(host, seen(vm(1)))
    assert [row.uuid for row in await parts.shown(host)] == [vm(1)]


async def test_the_record_behind_a_command_is_guarded_where_it_is_not_written(
    anyio_backend: str,
) -> None:
    store = Remembering()
    parts = await bench(store)
    host = await parts.host()
    await parts.adopted(host, vm(1))
    await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    store.sets.clear()
    shown = [*(await parts.shown(host)), seen(vm(2))]
    record = await parts.record(vm(1))
    await parts.report(host, *shown)
    (changes,) = [each for each in store.sets if _sends(each)]
    written = {w.before for w in changes.writes if isinstance(w.before, VmRecord)}
    assert {record} == written.union(changes.guards)
    assert not written.intersection(changes.guards)
    assert changes.unrecorded == (), "of a VM that is only listed nothing is guarded"


def _sends(changes: Changes) -> bool:
    return any(isinstance(write.after, OutboxCommand) for write in changes.writes)


@pytest.mark.parametrize(("power", "writes"), [(RUNNING, 1), (STOPPED, 0)])
async def test_a_vm_that_newly_runs_away_from_home_takes_back_what_its_home_decides(
    parts: Bench, power: PowerState, writes: int
) -> None:
    home, other = await parts.host(), await parts.host("beta")
    await parts.adopted(home, vm(1))
    before = await parts.record(vm(1))
    for _ in range(2):
        await parts.report(other, seen(vm(1), power=power, mark=parts.mark(vm(1))))
        after = await parts.record(vm(1))
        assert after == msgspec.structs.replace(before, version=before.version + writes)
