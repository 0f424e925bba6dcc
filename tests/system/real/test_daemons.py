"""What becomes of records when a real libvirt, or a real QEMU, breaks: F16 to F19, F27, F28."""

import asyncio
import os
import signal

import libvirt  # pyright: ignore[reportMissingTypeStubs]
import pytest

from tests.system.real.fleet import RealFleet, pid, put_mark
from vmuster.agent.wishes import Wishes
from vmuster.drivers.libvirt import looking
from vmuster.drivers.libvirt.looking import state_of
from vmuster.model.ids import VmUuid
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.operations import Operation
from vmuster.model.plan import LookWish
from vmuster.model.states import (
    DesiredState,
    Finding,
    HostHealth,
    OperationKind,
    OperationState,
    PowerState,
    VmPhase,
)

pytestmark = [pytest.mark.real, pytest.mark.anyio]


async def test_a_dead_daemon_is_no_information_and_its_return_changes_nothing(
    fleet: RealFleet,
) -> None:
    rig = fleet.on_alpha
    vm, off = await fleet.owned(), await fleet.owned(running=False)
    process, before = pid(rig, vm), await fleet.record(vm)

    async def in_trouble() -> bool:
        now = await fleet.now(fleet.alpha)
        return now.health is HostHealth.SUSPECT and bool(now.trouble)

    async def well_again() -> bool:
        now = await fleet.now(fleet.alpha)
        return now.health is HostHealth.UP and not now.trouble

    await asyncio.to_thread(rig.kill_daemon)
    await fleet.until(in_trouble)
    assert (await fleet.record(vm)).phase is VmPhase.RUNNING
    sighting = await fleet.sighting(fleet.alpha, vm)
    assert sighting is not None
    assert not sighting.absent

    await asyncio.to_thread(rig.start_daemon)
    await fleet.until(well_again)
    await fleet.passes(fleet.alpha, 3)
    after = await fleet.record(vm)
    assert (after.phase, after.desired, after.host) == (before.phase, before.desired, before.host)
    assert (await fleet.record(off)).phase is VmPhase.STOPPED
    assert pid(rig, vm) == process
    assert await fleet.commands(vm) == ["mark_vm"]


async def test_a_daemon_that_lost_its_state_lists_nothing_and_nothing_is_concluded(
    fleet: RealFleet,
) -> None:
    rig = fleet.on_alpha
    vm = await fleet.owned()
    process = pid(rig, vm)

    async def doubted() -> bool:
        return "empty" in (await fleet.now(fleet.alpha)).trouble

    await asyncio.to_thread(rig.forget_state)
    await fleet.until(doubted)
    await fleet.passes(fleet.alpha, 3)
    assert (await fleet.record(vm)).phase is VmPhase.RUNNING

    await fleet.restart()  # this server's agent has never seen a VM on that host
    await fleet.passes(fleet.alpha, 4)
    after = await fleet.record(vm)
    assert (after.phase, after.desired) == (VmPhase.RUNNING, DesiredState.RUNNING)
    assert pid(rig, vm) == process
    assert await fleet.commands(vm) == ["mark_vm"]


async def test_a_vm_that_the_daemon_lost_is_not_started_a_second_time_by_request(
    fleet: RealFleet,
) -> None:
    """F36, the whole way: libvirt calls it shut off, a person asks for its start."""
    rig = fleet.on_alpha
    vm = await fleet.owned()
    process = pid(rig, vm)
    await asyncio.to_thread(rig.forget_state)
    rig.define(vm=vm)
    put_mark(rig, vm, fleet.mark(vm))
    await fleet.sighted(fleet.alpha, vm, finding=Finding.UNCLEAR)
    asked = await fleet.service.requests.power(OperationKind.START, vm, actor="anna")
    await fleet.passes(fleet.alpha, 4)
    now = await fleet.store.get(Operation, asked.id)
    assert now is not None
    assert now.state is not OperationState.DONE, now.message
    assert pid(rig, vm) == process
    assert rig.host.hand.lookupByUUID(vm.bytes).isActive() == 0, "libvirt runs no second one"
    os.kill(process, signal.SIGKILL)


async def _looked_at_alone(fleet: RealFleet, vm: VmUuid, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on that host's reports are PARTIAL ones: the whole looks wished for are over."""

    def heard_and_left(_: Wishes) -> None:
        """A wish for a whole look comes to nothing."""

    await fleet.policy(report_seconds=60)
    monkeypatch.setattr(Wishes, "everything", heard_and_left)
    partial, whole = 0, (await fleet.now(fleet.alpha)).last_complete_at
    while partial < len(("under way", "wished for", "begun after that")):
        fleet.service.switchboard.ask(LookWish(host=fleet.alpha.id, vms=(vm,)))
        await fleet.passes(fleet.alpha, 1)
        before, whole = whole, (await fleet.now(fleet.alpha)).last_complete_at
        partial = partial + 1 if whole == before else 0


async def test_an_account_of_one_vm_says_nothing_about_the_others(
    fleet: RealFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = await fleet.owned(), await fleet.owned()
    await _looked_at_alone(fleet, one, monkeypatch)
    before = await fleet.now(fleet.alpha)
    fleet.on_alpha.destroy(one)
    await fleet.recorded(one, phase=VmPhase.STOPPED)
    after = await fleet.now(fleet.alpha)
    assert (after.epoch, after.last_complete_at) == (before.epoch, before.last_complete_at)
    assert (await fleet.record(other)).phase is VmPhase.RUNNING
    sighting = await fleet.sighting(fleet.alpha, other)
    assert sighting is not None
    assert (sighting.absent, sighting.power) == (False, PowerState.RUNNING)


async def test_a_list_in_which_one_lookup_fails_is_used_for_what_it_says_and_no_more(
    fleet: RealFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick, other = await fleet.owned(), await fleet.owned()

    def failing(domain: libvirt.virDomain) -> tuple[int, int]:
        if domain.UUID() == sick.bytes:
            raise libvirt.libvirtError("one lookup failed")
        return state_of(domain)

    async def doubted() -> bool:
        return "one lookup failed" in (await fleet.now(fleet.alpha)).trouble

    monkeypatch.setattr(looking, "state_of", failing)
    await fleet.until(doubted)
    before = await fleet.now(fleet.alpha)
    fleet.on_alpha.destroy(other)
    await fleet.recorded(other, phase=VmPhase.STOPPED)
    await fleet.passes(fleet.alpha, 4)
    assert (await fleet.now(fleet.alpha)).last_complete_at == before.last_complete_at
    record = await fleet.record(sick)
    assert (record.phase, record.absent_reports) == (VmPhase.RUNNING, 0)
    assert await fleet.commands(sick) == ["mark_vm"]


async def test_a_frozen_guest_delays_nobody_elses_news(fleet: RealFleet) -> None:
    rig = fleet.on_alpha
    frozen, other = await fleet.owned(), await fleet.owned()
    rig.freeze_vm(frozen)
    rig.destroy(other)
    await fleet.recorded(other, phase=VmPhase.STOPPED)
    await fleet.passes(fleet.alpha, 2)
    assert (await fleet.record(frozen)).phase is VmPhase.RUNNING
    ended = await fleet.power(OperationKind.START, other)
    assert ended.state is OperationState.DONE, ended.message
    os.kill(pid(rig, frozen), signal.SIGCONT)


async def test_a_killed_guest_is_crashed_and_started_again_only_where_asked(
    fleet: RealFleet,
) -> None:
    rig = fleet.on_alpha
    vm = await fleet.owned()
    first = pid(rig, vm)
    rig.crash(vm)
    crashed = await fleet.recorded(vm, power=PowerState.CRASHED)
    assert crashed.desired is DesiredState.RUNNING
    await fleet.sighted(fleet.alpha, vm, finding=Finding.CRASHED)
    await fleet.passes(fleet.alpha, 2)
    assert rig.process(vm) is None

    await fleet.policy(restart="on-crash", restart_backoff_seconds=0.1)
    again = await fleet.recorded(vm, phase=VmPhase.RUNNING)
    assert again.power is PowerState.RUNNING
    assert pid(rig, vm) != first
    assert await fleet.commands(vm) == ["mark_vm", "start_vm"]


async def test_a_host_that_stands_still_for_a_while_and_goes_on_is_the_same_host(
    fleet: RealFleet,
) -> None:
    """F32: its daemon and its guest stop, as with a machine that was suspended, and go on."""
    rig = fleet.on_alpha
    vm = await fleet.owned()
    process, before = pid(rig, vm), await fleet.record(vm)
    await fleet.policy(drift="enforce", restart="always", restart_backoff_seconds=0.1)

    async def in_trouble() -> bool:
        return "no answer" in (await fleet.now(fleet.alpha)).trouble

    async def well_again() -> bool:
        return not (await fleet.now(fleet.alpha)).trouble

    rig.freeze_vm(vm)
    rig.freeze_daemon()
    await fleet.until(in_trouble)
    still = await fleet.record(vm)
    assert (still.phase, still.power) == (VmPhase.RUNNING, PowerState.RUNNING)
    await fleet.passes(fleet.beta, 2)
    rig.thaw_daemon()
    rig.thaw_vm(vm)
    await fleet.until(well_again)
    await fleet.passes(fleet.alpha, 3)
    after = await fleet.record(vm)
    assert (after.phase, after.desired, after.host) == (before.phase, before.desired, before.host)
    assert pid(rig, vm) == process
    assert await fleet.commands(vm) == ["mark_vm"]


async def test_a_stop_over_which_a_guest_hangs_is_looked_at_and_begun_no_second_time(
    fleet: RealFleet,
) -> None:
    rig = fleet.on_alpha
    vm, other = await fleet.owned(), await fleet.owned()
    await fleet.policy(operation_seconds=6)
    rig.freeze_vm(vm)
    ended, beside = await asyncio.gather(
        fleet.power(OperationKind.STOP, vm), fleet.power(OperationKind.STOP, other, force=True)
    )
    assert beside.state is OperationState.DONE, beside.message
    assert ended.state is OperationState.FAILED
    await fleet.recorded(vm, phase=VmPhase.RUNNING)
    answers = [e for e in await fleet.store.find(JournalEntry, vm=vm) if "stop_vm" in e.what]
    results = [str(entry) for entry in answers if entry.kind is EntryKind.RESULT]
    assert "no answer within" in results[0]
    assert all("may be done yet" in again for again in results[1:])
    rig.thaw_vm(vm)
    await fleet.passes(fleet.alpha, 2)


async def test_every_command_was_written_down_before_its_answer(fleet: RealFleet) -> None:
    vm = await fleet.owned()
    ended = await fleet.power(OperationKind.STOP, vm)
    assert ended.state is OperationState.DONE, ended.message
    answer = await fleet.until(lambda: _answer(fleet, vm))
    entries = await fleet.store.find(JournalEntry, vm=vm)
    (intent,) = [e for e in entries if e.kind is EntryKind.COMMAND and e.command == answer.command]
    assert intent.id < answer.id
    assert intent.actor == "anna"
    assert intent.evidence["proof"]


async def _answer(fleet: RealFleet, vm: VmUuid) -> JournalEntry | None:
    """What the agent said of the stop."""
    entries = await fleet.store.find(JournalEntry, vm=vm, newest_first=True)
    return next((e for e in entries if e.kind is EntryKind.RESULT and "stop_vm" in e.what), None)
