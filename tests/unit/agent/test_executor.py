"""Commands are carried out once, on what the live VM proves, and the journal is written first."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests import moments
from tests.executors import Bench
from tests.parts import HOST, OTHER, VM
from vmuster.agent.journal import Journal
from vmuster.agent.journal_file import JournalFile
from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.drivers.simulated.hypervisor import Hang
from vmuster.model.ids import VmUuid
from vmuster.model.permits import LiveVm, Refusal, StopPermit
from vmuster.model.states import CommandOutcome, PowerState, ProofKind, StopMethod

DONE, REFUSED, FAILED = CommandOutcome.DONE, CommandOutcome.REFUSED, CommandOutcome.FAILED


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


pytestmark = pytest.mark.anyio
force = moments.stop(automatic=False, method=StopMethod.FORCE)


async def test_a_stop_that_is_proved_is_done(bench: Bench) -> None:
    result = await bench.execute(moments.stop())
    assert (result.outcome, result.command, result.host) == (DONE, moments.stop().id, HOST)
    assert bench.power is PowerState.STOPPED


async def test_marks_are_written_and_erased(bench: Bench) -> None:
    written = await bench.execute(moments.write(number=1))
    assert written.outcome is DONE
    assert bench.hypervisor.domains[VM].config_mark == moments.raw(moments.GENERATION + 1)
    proof = moments.proof(
        ProofKind.RECORD,
        mark=moments.raw(moments.GENERATION + 1),
        mark_generation=moments.GENERATION + 1,
    )
    erased = await bench.execute(moments.erase(number=2, proof=proof))
    assert erased.outcome is DONE
    assert bench.hypervisor.domains[VM].config_mark is None


async def test_a_start_is_done_once_the_vm_is_plainly_stopped(bench: Bench) -> None:
    bench.hypervisor.destroy(VM)
    assert (await bench.execute(moments.start())).outcome is DONE
    assert bench.power is PowerState.RUNNING


async def test_the_same_command_again_is_answered_and_not_done(bench: Bench) -> None:
    first = await bench.execute(force)
    bench.hypervisor.start(VM)
    assert await bench.execute(force) == first
    assert bench.acts() == {"force": 1}
    assert bench.power is PowerState.RUNNING


async def test_the_same_command_twice_at_once_is_done_once(bench: Bench) -> None:
    results = await asyncio.gather(*(bench.execute(force) for _ in range(5)))
    assert {result.outcome for result in results} == {DONE}
    assert bench.acts() == {"force": 1}


async def test_the_same_command_after_a_restart_is_answered_and_not_done(bench: Bench) -> None:
    first = await bench.execute(force)
    bench.hypervisor.start(VM)
    bench.executor = bench.reborn()
    assert await bench.execute(force) == first
    assert bench.acts() == {"force": 1}


async def test_a_command_that_was_begun_before_a_crash_is_never_carried_out(bench: Bench) -> None:
    Journal(JournalFile(bench.path), HOST).begin(force.id)
    bench.executor = bench.reborn()
    result = await bench.execute(force)
    assert (result.outcome, result.unknown) == (FAILED, True)
    assert bench.acts() == {}


async def test_the_journal_is_on_disk_before_the_driver_is_called(bench: Bench) -> None:
    seen: list[bytes] = []

    class Reader(SimulatedDriver):
        async def stop_vm(
            self, vm: VmUuid, judge: Callable[[LiveVm], StopPermit | Refusal]
        ) -> Refusal | None:
            seen.append(bench.path.read_bytes())
            return await super().stop_vm(vm, judge)

    bench.driver = Reader(bench.hypervisor)
    bench.executor = bench.reborn()
    await bench.execute(force)
    assert len(seen) == 1
    assert b"begun" in seen[0]
    assert str(force.id).encode() in seen[0]
    assert b"ended" not in seen[0]


@pytest.mark.parametrize("earlier", [False, True])
async def test_a_refusal_says_nothing_of_what_came_of_it_in_an_earlier_connection(
    bench: Bench, *, earlier: bool
) -> None:
    """The journal in which it was begun, and perhaps done, may be lost."""
    Journal(JournalFile(bench.path), HOST).hear(moments.EPOCH, 1)
    bench.executor = bench.reborn()
    epoch = moments.EPOCH - 1 if earlier else moments.EPOCH + 1
    result = await bench.execute(moments.stop(epoch=epoch))
    assert (result.outcome, result.unknown) == (REFUSED, earlier)
    assert result.message == "the order was decided in another connection than this one"
    assert bench.acts() == {}


def full_disk(*_: object) -> None:
    raise OSError("no space left on device")


async def test_what_cannot_be_journalled_is_not_begun_and_may_come_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full_disk)
        result = await bench.execute(force)
    assert (result.outcome, result.unknown) == (FAILED, False)
    assert "no space left" in result.message
    assert bench.acts() == {}
    assert (await bench.execute(force)).outcome is DONE


async def test_what_was_done_is_said_even_where_its_end_cannot_be_journalled(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Journal, "end", full_disk)
    with capture_logs() as logs:
        assert (await bench.execute(force)).outcome is DONE
    assert [line["why"] for line in logs] == ["OSError('no space left on device')"]
    bench.executor = bench.reborn()
    assert (await bench.execute(force)).unknown, "after a restart it is honest, and not done again"
    assert bench.acts() == {"force": 1}


async def test_an_outcome_that_is_unknown_is_said_to_be_so_and_stays_so(bench: Bench) -> None:
    await bench.driver.open(read_only=False)
    bench.hypervisor.faults.hang = Hang.AFTER
    result = await bench.executor.execute(force, bench.now, bench.clock.monotonic())
    assert (result.outcome, result.unknown) == (FAILED, True)
    assert bench.power is PowerState.STOPPED
    bench.hypervisor.faults.hang = Hang.NO
    bench.hypervisor.start(VM)
    assert await bench.execute(force) == result
    assert bench.acts() == {"force": 1}


async def test_what_is_refused_is_not_done_and_says_why(bench: Bench) -> None:
    result = await bench.execute(moments.stop(host=OTHER))
    assert (result.outcome, result.message) == (REFUSED, "the order is for another host")
    late = await bench.execute(moments.stop(number=2), age=61.0)
    assert (late.outcome, late.message) == (REFUSED, "the order is too old")
    assert bench.acts() == {}


async def test_an_order_before_the_welcome_is_refused(bench: Bench) -> None:
    bench.settings = None
    result = await bench.execute(force)
    assert (result.outcome, result.unknown) == (REFUSED, False)
    assert "not welcome yet" in result.message
    assert bench.acts() == {}


async def test_a_start_is_refused_where_a_process_runs_that_the_hypervisor_lost(
    bench: Bench,
) -> None:
    bench.hypervisor.destroy(VM)
    bench.hypervisor.processes.add(VM)
    result = await bench.execute(moments.start())
    assert result.outcome is REFUSED
    assert bench.acts() == {}


async def test_a_connection_without_leave_to_write_fails_every_act(bench: Bench) -> None:
    await bench.driver.open(read_only=True)
    result = await bench.executor.execute(force, bench.now, bench.clock.monotonic())
    assert result.outcome is FAILED
    assert "read only" in result.message
    assert bench.acts() == {}


async def test_commands_about_one_vm_take_turns_and_other_vms_do_not_wait(bench: Bench) -> None:
    gate, order = asyncio.Event(), list[str]()

    class Slow(SimulatedDriver):
        async def stop_vm(
            self, vm: VmUuid, judge: Callable[[LiveVm], StopPermit | Refusal]
        ) -> Refusal | None:
            order.append(f"begin {vm.int}")
            if vm == VM:
                await gate.wait()
            order.append(f"end {vm.int}")
            return await super().stop_vm(vm, judge)

    bench.driver = Slow(bench.hypervisor)
    bench.executor = bench.reborn()
    await bench.driver.open(read_only=False)
    async with asyncio.timeout(10):
        first = asyncio.create_task(bench.execute(force))
        second = asyncio.create_task(
            bench.execute(moments.stop(number=2, automatic=False, method=StopMethod.FORCE))
        )
        other = await bench.execute(moments.stop(number=3, vm=moments.ANOTHER_VM))
        gate.set()
        await asyncio.gather(first, second)
    assert other.outcome is FAILED, "there is no such VM"
    assert [step for step in order if step.endswith(" 1")] == ["begin 1", "end 1"] * 2
    assert order.index("end 99") < order.index("end 1")
