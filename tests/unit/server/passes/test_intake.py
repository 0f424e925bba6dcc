"""A report's whole way, and what a write in between does to it."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
import pytest

from tests.parts import OTHER
from tests.pasts import of_another_fleet
from tests.servers import STOPPED, Bench, bench, seen, vm
from vmuster.model.automation import Disarmed
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import MarkVm, StartVm, StopVm
from vmuster.model.host import Host
from vmuster.model.journal import EntryKind
from vmuster.model.operations import Operation
from vmuster.model.plan import LookWish
from vmuster.model.report import HostReport
from vmuster.model.states import (
    Completeness,
    DesiredState,
    Finding,
    HostMode,
    OperationKind,
    PowerReason,
    Standing,
    VmPhase,
)
from vmuster.model.vm import Sighting
from vmuster.ports.store import HostAsked, HostRows
from vmuster.server.passes.intake import take_in
from vmuster.server.talks.repeats import TIMES_MAX
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


class Meddled(MemoryStore):
    """A store where, while `meddling`, somebody writes the host between load and commit."""

    meddling = False

    async def load_hosts(
        self, asked: Sequence[HostAsked], since: float
    ) -> Sequence[HostRows | None]:
        loaded = await super().load_hosts(asked, since)
        for rows in loaded:
            if self.meddling and rows is not None:
                other = msgspec.structs.replace(rows.host, trouble="somebody was here")
                await self.commit([Changes(writes=(Write(before=rows.host, after=other),))])
        return loaded


async def test_a_report_is_applied_once(parts: Bench) -> None:
    host = await parts.host()
    assert await parts.report(host, seen(vm(1))) == ""
    after = await parts.now(host)
    assert (after.sequence, after.vms_seen) == (1, 1)
    assert (await parts.sighting(host, vm(1))).standing is Standing.ALIEN


@pytest.mark.parametrize(("epoch", "sequence"), [(1, 1), (0, 9), (2, 1)])
async def test_a_report_out_of_turn_is_refused_and_changes_nothing(
    parts: Bench, epoch: int, sequence: int
) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1)))
    before = await parts.now(host)
    late = HostReport(
        host=host.id,
        epoch=epoch,
        sequence=sequence,
        boot_id="boot-1",
        completeness=Completeness.COMPLETE,
        vms=(),
    )
    assert await take_in(parts.context, parts.heard, late)
    assert await parts.now(host) == before
    assert await parts.store.find(Sighting, host=host.id, absent=True) == []


async def test_a_host_without_a_record_has_no_say(parts: Bench) -> None:
    report = HostReport(
        host=OTHER,
        epoch=1,
        sequence=1,
        boot_id="",
        completeness=Completeness.COMPLETE,
        vms=(seen(vm(1)),),
    )
    assert await take_in(parts.context, parts.heard, report) == "there is no such host"


async def test_where_somebody_wrote_in_between_nothing_is_written_and_the_host_is_asked(
    anyio_backend: str,
) -> None:
    store = Meddled()
    parts = await bench(store)
    host = await parts.host()
    store.meddling = True
    assert (await parts.report(host, seen(vm(1)))).startswith("stale")
    assert await store.find(Sighting) == []
    assert (await parts.now(host)).sequence == 0
    assert parts.heard.asked == [LookWish(host=host.id)]
    store.meddling = False
    assert await parts.report(host, seen(vm(1))) == ""


async def test_commands_and_questions_of_a_pass_are_passed_on(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    parts.heard.commands.clear()
    begun = parts.context.accounts.stirs(host.id)
    parts.heard.asked.clear()
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))), seen(vm(9)), partial=True)
    written = (await parts.sent(vm(1)))[-1].id
    assert parts.heard.commands == [(host.id, written, begun)]
    assert LookWish(host=host.id) in parts.heard.asked, "an unknown VM in a partial report"


async def test_one_report_lets_two_hosts_agree_where_a_vm_lives(parts: Bench) -> None:
    home, other = await parts.host("alpha"), await parts.host("beta")
    await parts.adopted(home, vm(1))
    marked = seen(vm(1), mark=parts.mark(vm(1)))
    await parts.report(other, marked)
    assert (await parts.record(vm(1))).host == home.id, "the old home is asked first"
    assert LookWish(host=home.id, vms=(vm(1),)) in parts.heard.asked
    await parts.report(home, seen(vm(2)))
    await parts.report(other, marked)
    record = await parts.record(vm(1))
    assert (record.host, record.phase) == (other.id, VmPhase.RUNNING)
    assert (await parts.sighting(other, vm(1))).finding == Finding.MOVED


@pytest.mark.parametrize("gone", [True, False])
async def test_a_request_just_after_a_move_waits_for_a_new_look_at_the_old_home(
    parts: Bench, gone: bool
) -> None:
    home, other = await parts.host("alpha"), await parts.host("beta")
    await parts.adopted(home, vm(1))
    marked = seen(vm(1), mark=parts.mark(vm(1)))
    left = msgspec.structs.replace(marked, power=STOPPED)
    for host, shown in ((other, marked), (home, left), (other, marked)):
        await parts.report(host, shown)
    assert (await parts.record(vm(1))).host == other.id
    asked = await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    parts.heard.asked.clear()
    await parts.report(other, marked)
    waiting = await parts.operation(asked)
    assert waiting.open
    assert f"{home.id} is asked to look again" in waiting.message
    assert LookWish(host=home.id, vms=(vm(1),)) in parts.heard.asked
    parts.heard.asked.clear()
    if gone:
        await parts.report(home, partial=True, absent=(vm(1),))
    else:
        await parts.report(home, left, partial=True)
    assert LookWish(host=other.id, vms=(vm(1),)) in parts.heard.asked, "its home goes on"
    await parts.report(other, marked)
    ended = await parts.operation(asked)
    stops = [row for row in await parts.sent(vm(1)) if isinstance(row.command, StopVm)]
    assert len(stops) == gone
    assert ended.open is gone, ended.message


async def test_what_another_server_was_told_before_is_no_look_since(parts: Bench) -> None:
    """Whose numbers are the higher ones says nothing of who looked later (L7)."""
    home, other = await parts.host("alpha"), await parts.host("beta")
    await parts.adopted(home, vm(1))
    marked = seen(vm(1), mark=parts.mark(vm(1)))
    left = msgspec.structs.replace(marked, power=STOPPED)
    newer = await parts.second()
    await newer.report(home, left)
    await parts.report(other, marked)
    await newer.report(other, marked)
    assert (await parts.record(vm(1))).host == home.id
    assert LookWish(host=home.id, vms=(vm(1),)) in newer.heard.asked
    await newer.report(home, left)
    await newer.report(other, marked)
    assert (await parts.record(vm(1))).host == other.id


async def test_the_numbers_of_two_reports_differ(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host)
    first = parts.context.intakes.last
    await parts.report(host)
    assert parts.context.intakes.last == first + 1
    assert isinstance(await parts.now(host), Host)


class Interrupted(MemoryStore):
    """A store where something happens, once, between a pass's reading and its writing."""

    happens: Callable[[], Awaitable[object]] | None = None

    async def load_hosts(
        self, asked: Sequence[HostAsked], since: float
    ) -> Sequence[HostRows | None]:
        rows = await super().load_hosts(asked, since)
        happens, self.happens = self.happens, None
        if happens is not None:
            await happens()
        return rows


async def test_a_request_in_between_takes_an_automatic_act_back(anyio_backend: str) -> None:
    store = Interrupted()
    parts = await bench(store)
    await parts.policy(drift="enforce")
    host = await parts.host(mode=HostMode.CORDONED)
    await parts.adopted(host, vm(1))
    await parts.change(await parts.record(vm(1)), desired=DesiredState.STOPPED)
    (shown,) = await parts.shown(host)
    await parts.report(host, shown)
    await parts.change(await parts.now(host), mode=HostMode.MANAGE)
    commands = len(await parts.sent(vm(1)))
    store.happens = lambda: parts.requests.power(OperationKind.START, vm(1), actor="ann")
    assert (await parts.report(host, shown)).startswith("stale: vm")
    assert len(await parts.sent(vm(1))) == commands, "no automatic stop against a person's start"
    (wish,) = await store.find(Operation, vm=vm(1), kind=OperationKind.START)
    assert wish.open


async def test_an_adoption_in_between_takes_the_stop_of_a_stranger_back(
    anyio_backend: str,
) -> None:
    store = Interrupted()
    parts = await bench(store)
    await parts.policy(unknown_vms="stop-by-name", seen_before_stop=2)
    host = await parts.host()
    stray = seen(vm(1), "i-2-78-VM")
    await parts.report(host, stray)
    store.happens = lambda: parts.requests.adopt(vm(1), actor="ann")
    assert (await parts.report(host, stray)) == f"stale: vm {vm(1)} is recorded by now"
    assert [type(row.command) for row in await parts.sent(vm(1))] == [MarkVm]


async def test_a_disarming_in_between_takes_an_automatic_act_back(anyio_backend: str) -> None:
    store = Interrupted()
    parts = await bench(store)
    await parts.policy(drift="enforce")
    host = await parts.host()
    await parts.adopted(host, vm(1))
    stopped = seen(vm(1), power=STOPPED, mark=parts.mark(vm(1)))
    commands = len(await parts.sent(vm(1)))
    before = await parts.cluster()

    async def disarm() -> None:
        after = msgspec.structs.replace(before, disarmed=Disarmed(by="ann", at=1.0))
        assert await store.commit([Changes(writes=(Write(before=before, after=after),))]) == [""]

    store.happens = disarm
    assert (await parts.report(host, stopped)).startswith("stale: cluster")
    assert len(await parts.sent(vm(1))) == commands


async def test_another_fleets_mark_is_told_of_once(parts: Bench) -> None:
    host = await parts.host(mode=HostMode.OBSERVE)
    for _ in range(3):
        await parts.report(host, seen(vm(1), mark=of_another_fleet(parts)))
    (alert,) = [e for e in await parts.journal() if e.kind is EntryKind.ALERT]
    assert (alert.vm, "another fleet" in alert.what) == (vm(1), True)


@pytest.mark.parametrize("follows", [False, True])
async def test_a_copy_that_its_libvirt_forgot_is_no_leave_to_start_it_at_home(
    parts: Bench, *, follows: bool
) -> None:
    home, away = await parts.host(), await parts.host("beta")
    await parts.policy(drift="enforce", track_host_change=follows)
    await parts.adopted(home, vm(1))
    copy = seen(vm(1), mark=parts.mark(vm(1)))
    off = msgspec.structs.replace(copy, power=STOPPED, reason=PowerReason.HAND)
    await parts.report(away, copy, seen(vm(5)))
    await parts.report(away, seen(vm(5)))
    assert LookWish(host=away.id, vms=(vm(1),)) in parts.heard.asked
    await parts.report(home, off)
    await parts.report(home, off)
    assert not [row for row in await parts.sent(vm(1)) if row.command.automatic]
    await parts.report(away, seen(vm(5)), absent=(vm(1),))
    await parts.report(home, off)
    assert [type(row.command) for row in await parts.sent(vm(1)) if row.command.automatic] == [
        StartVm
    ]


async def test_a_doubt_that_comes_again_and_again_is_told_a_few_times(parts: Bench) -> None:
    host = await parts.host()
    for _ in range(TIMES_MAX + 2):
        await parts.report(host, seen(vm(1)))
        await parts.report(host)
        assert (await parts.now(host)).trouble
    doubts = [e for e in await parts.journal() if e.what.startswith("the account is in doubt")]
    assert len(doubts) == TIMES_MAX
