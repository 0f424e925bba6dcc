"""The grace of a guest that was asked to shut down: what happens in it, and at its end."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from tests import moments
from tests.executors import Bench
from tests.parts import VM
from vmuster.model.commands import GUEST_WAS_ASKED, StopVm
from vmuster.model.ids import CommandId
from vmuster.model.states import CommandOutcome, HostMode, PowerState

DONE, REFUSED, FAILED = CommandOutcome.DONE, CommandOutcome.REFUSED, CommandOutcome.FAILED


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


pytestmark = pytest.mark.anyio


async def test_a_deaf_guest_is_ended_after_its_grace(bench: Bench) -> None:
    bench.hypervisor.domains[VM].deaf = True
    before = bench.clock.monotonic()
    result = await bench.execute(moments.stop(automatic=False, grace_seconds=20.0))
    assert (result.outcome, result.message) == (
        DONE,
        "by force: its guest did not obey within 20 s",
    )
    assert bench.acts() == {"shutdown": 1, "force": 1}
    assert bench.power is PowerState.STOPPED
    assert 20 <= bench.clock.monotonic() - before < 21


async def test_a_guest_that_obeys_in_its_grace_is_not_ended(bench: Bench) -> None:
    bench.hypervisor.domains[VM].deaf = True
    bench.clock.on_sleep = lambda: (
        bench.power is PowerState.RUNNING and (bench.hypervisor.guest_shutdown(VM))
    )
    result = await bench.execute(moments.stop(automatic=False))
    assert (result.outcome, result.message) == (DONE, "done")
    assert bench.acts() == {"shutdown": 1}


def lose_the_mark(bench: Bench) -> None:
    bench.hypervisor.domains[VM].live_mark = None


def lose_half_the_mark(bench: Bench) -> None:
    bench.hypervisor.redefine(VM)


def be_observed(bench: Bench) -> None:
    bench.settings = moments.settings(mode=HostMode.OBSERVE)


def be_quarantined(bench: Bench) -> None:
    bench.settings = moments.settings(quarantined=True)


def be_late(bench: Bench) -> None:
    bench.clock.pass_by(1_000)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lose_the_mark, "the mark that it bore"),
        (lose_half_the_mark, "different marks"),
        (be_observed, "mode"),
        (be_quarantined, "quarantine"),
        (be_late, "too old"),
    ],
)
async def test_what_happens_in_the_grace_counts_before_force(
    bench: Bench, happens: Callable[[Bench], None], reason: str
) -> None:
    bench.hypervisor.domains[VM].deaf = True
    bench.clock.on_sleep = lambda: happens(bench)
    result = await bench.execute(moments.stop(automatic=False, grace_seconds=2.0))
    assert result.outcome is REFUSED
    assert reason in result.message
    assert bench.acts() == {"shutdown": 1}
    assert bench.power is PowerState.RUNNING


@pytest.mark.parametrize("automatic", [True, False])
async def test_automation_that_is_disarmed_in_the_grace_uses_no_force(
    bench: Bench, automatic: bool
) -> None:
    """A person's stop goes on."""
    bench.hypervisor.domains[VM].deaf = True

    def disarm() -> None:
        bench.settings = moments.settings(automatic=False)

    bench.clock.on_sleep = disarm
    result = await bench.execute(moments.stop(automatic=automatic, grace_seconds=2.0))
    if automatic:
        assert (result.outcome, result.message) == (
            REFUSED,
            f"{GUEST_WAS_ASKED}automation is disarmed",
        )
    assert bench.acts() == {"shutdown": 1} | ({} if automatic else {"force": 1})
    assert bench.power is (PowerState.RUNNING if automatic else PowerState.STOPPED)


async def test_a_run_that_nobody_asked_to_end_is_not_ended_with_the_grace(bench: Bench) -> None:
    """The guest obeyed, and somebody started it again between two looks."""
    bench.hypervisor.domains[VM].deaf = True

    def restart() -> None:
        bench.clock.on_sleep = lambda: None
        bench.hypervisor.guest_shutdown(VM)
        bench.hypervisor.start(VM)

    bench.clock.on_sleep = restart
    result = await bench.execute(moments.stop(automatic=False, grace_seconds=2.0))
    assert (result.outcome, result.unknown) == (REFUSED, False)
    assert "started again" in result.message
    assert bench.acts() == {"shutdown": 1}
    assert bench.power is PowerState.RUNNING


async def test_a_guest_that_obeys_at_the_very_end_of_its_grace_is_off(bench: Bench) -> None:
    bench.hypervisor.domains[VM].deaf = True
    bench.clock.on_sleep = lambda: bench.hypervisor.guest_shutdown(VM)
    result = await bench.execute(moments.stop(automatic=False, grace_seconds=0.1))
    assert result.outcome is DONE
    assert bench.acts() == {"shutdown": 1}


async def test_a_failing_look_in_the_grace_says_nothing(bench: Bench) -> None:
    bench.hypervisor.domains[VM].deaf = True
    bench.clock.on_sleep = lambda: bench.hypervisor.faults.sick.add(VM)
    result = await bench.execute(moments.stop(automatic=False, grace_seconds=2.0))
    assert (result.outcome, result.unknown) == (FAILED, False)
    assert bench.power is PowerState.RUNNING


async def cut_short(bench: Bench, stop: StopVm) -> None:
    """The agent ends in the grace of a guest that does not obey; another one follows."""
    bench.hypervisor.domains[VM].deaf = True
    task = asyncio.create_task(bench.execute(stop))
    bench.clock.on_sleep = task.cancel
    with pytest.raises(asyncio.CancelledError):
        await task
    bench.clock.on_sleep = lambda: None
    bench.executor = bench.reborn()


async def test_an_agent_that_ends_in_the_grace_knows_that_it_asked_and_asks_no_more(
    bench: Bench,
) -> None:
    stop = moments.stop(automatic=False)
    await cut_short(bench, stop)
    result = await bench.execute(stop)
    assert (result.outcome, result.unknown) == (FAILED, True)
    assert result.message.startswith(GUEST_WAS_ASKED)
    assert bench.acts() == {"shutdown": 1}


async def test_a_guest_that_was_refused_was_not_asked(bench: Bench) -> None:
    stop = moments.stop(automatic=False)
    bench.settings = moments.settings(quarantined=True)
    result = await bench.execute(stop)
    assert (result.outcome, result.unknown) == (REFUSED, False)
    assert b"asked" not in bench.path.read_bytes()


async def test_a_guest_is_not_asked_where_that_can_not_be_written_down(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, calls = os.fsync, list[int]()

    def full_disk(file: int) -> None:
        calls.append(file)
        if len(calls) == 2:  # the first one writes that it is begun
            raise OSError("no space left on device")
        fsync(file)

    monkeypatch.setattr(os, "fsync", full_disk)
    result = await bench.execute(moments.stop(automatic=False))
    assert (result.outcome, result.message) == (
        REFUSED,
        "not begun: the journal: no space left on device",
    )
    assert bench.acts() == {}


def anew(stop: StopVm) -> StopVm:
    """The next command of the same request."""
    return msgspec.structs.replace(stop, id=CommandId(UUID(int=2)))


async def test_the_next_agent_ends_the_run_that_was_asked_after_another_grace(bench: Bench) -> None:
    stop = moments.stop(automatic=False, grace_seconds=20.0)
    await cut_short(bench, stop)
    before = bench.clock.monotonic()
    result = await bench.execute(anew(stop))
    assert (result.outcome, result.message) == (
        DONE,
        "by force: its guest did not obey within 20 s",
    )
    assert 20 <= bench.clock.monotonic() - before < 21
    assert bench.acts() == {"shutdown": 1, "force": 1}


async def test_the_next_agent_waits_for_the_guest_that_was_asked(bench: Bench) -> None:
    stop = moments.stop(automatic=False)
    await cut_short(bench, stop)
    bench.clock.on_sleep = lambda: (
        bench.power is PowerState.RUNNING and bench.hypervisor.guest_shutdown(VM)
    )
    result = await bench.execute(anew(stop))
    assert (result.outcome, result.message) == (DONE, "done")
    assert bench.acts() == {"shutdown": 1}


def start_again(bench: Bench) -> None:
    bench.hypervisor.guest_shutdown(VM)
    bench.hypervisor.start(VM)


def see_nothing(bench: Bench) -> None:
    bench.witness.blind = True


def forget_the_process(bench: Bench) -> None:
    """As where the agent ended before it knew whether the guest was asked."""
    lines = bench.path.read_bytes().splitlines(keepends=True)
    bench.path.write_bytes(b"".join(lines[:-1]))
    bench.executor = bench.reborn()


@pytest.mark.parametrize("change", [start_again, see_nothing, forget_the_process])
async def test_the_next_agent_ends_no_other_run_and_none_that_nobody_can_tell(
    bench: Bench, change: Callable[[Bench], None]
) -> None:
    stop = moments.stop(automatic=False)
    await cut_short(bench, stop)
    change(bench)
    result = await bench.execute(anew(stop))
    assert (result.outcome, result.unknown) == (REFUSED, False)
    assert result.message.startswith(GUEST_WAS_ASKED)
    assert bench.acts() == {"shutdown": 1}
    assert bench.power is PowerState.RUNNING


async def test_another_request_asks_the_guest_again(bench: Bench) -> None:
    stop = moments.stop(automatic=False)
    await cut_short(bench, stop)
    result = await bench.execute(moments.stop(number=2, automatic=False))
    assert result.outcome is DONE
    assert bench.acts() == {"shutdown": 2, "force": 1}


async def test_that_a_guest_was_asked_may_be_known_to_this_agent_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, calls = os.fsync, list[int]()

    def full_disk(file: int) -> None:
        calls.append(file)
        if len(calls) == 3:  # begun, about to be asked, asked
            raise OSError("no space left on device")
        fsync(file)

    monkeypatch.setattr(os, "fsync", full_disk)
    bench.hypervisor.domains[VM].deaf = True
    result = await bench.execute(moments.stop(automatic=False))
    assert result.outcome is DONE
    assert bench.acts() == {"shutdown": 1, "force": 1}
