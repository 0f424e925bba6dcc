"""An agent beside failures: its heart, acts that end in the unknown, and what its journal knows."""

import asyncio
import os
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from tests import moments
from tests.parts import HOST, VM
from tests.talks import Talk, living
from vmuster.agent.journal import Journal
from vmuster.agent.journal_file import JournalFile
from vmuster.drivers.simulated.hypervisor import Hang
from vmuster.model.ids import CommandId
from vmuster.model.messages import Answered, Heartbeat, Hello, Reported, Welcome
from vmuster.model.states import CommandOutcome, Completeness, PowerState, StopMethod
from vmuster.ports.driver import Listing

pytestmark = pytest.mark.anyio
FORCE = moments.stop(automatic=False, method=StopMethod.FORCE)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return Talk(tmp_path)


async def test_the_heart_beats_while_the_hypervisor_is_not_reached_yet(talk: Talk) -> None:
    talk.hypervisor.faults.hang = Hang.BEFORE
    async with living(talk):
        beat = await talk.hear(Heartbeat)
        assert (beat.answers, beat.alive, beat.why) == (False, True, "no answer in time")
        talk.hypervisor.faults.hang = Hang.NO
        await talk.hear(Hello)


async def test_the_heart_beats_while_a_look_hangs_and_keeps_the_pace_it_was_told(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = asyncio.Event()

    async def hangs() -> Listing:
        entered.set()
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(talk.driver, "list_vms", hangs)
    async with living(talk):
        await talk.hear(Hello)
        told = moments.settings(heartbeat_seconds=0.01)
        await talk.say(Welcome(epoch=moments.EPOCH, settings=told, intake=40))
        async with asyncio.timeout(5):
            await entered.wait()
        assert [(await talk.hear(Heartbeat)).answers for _ in range(5)] == [True] * 5


async def test_an_act_whose_outcome_is_unknown_is_told_so_and_looked_at(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        talk.hypervisor.domains[VM].frozen = True
        save = moments.stop(automatic=False, method=StopMethod.SAVE)
        await talk.order(save)
        result = (await talk.hear(Answered)).result
        assert (result.outcome, result.unknown) == (CommandOutcome.FAILED, True)
        report = await talk.report(Completeness.PARTIAL)
        assert [(vm.uuid, vm.power) for vm in report.vms] == [(VM, PowerState.RUNNING)]


async def test_it_says_how_far_the_server_had_come_the_last_time(tmp_path: Path) -> None:
    first = Talk(tmp_path)
    async with living(first):
        hello = await first.hear(Hello)
        assert (hello.epoch, hello.intake, hello.commands) == (0, 0, ())
        await first.say(Welcome(epoch=moments.EPOCH, settings=moments.settings(), intake=40))
        await first.hear(Reported)
        await first.order(FORCE)  # with intake number 41
        await first.hear(Answered)
    async with living(again := Talk(tmp_path)):
        hello = await again.hear(Hello)
        assert (hello.epoch, hello.intake, hello.commands) == (moments.EPOCH, 41, (FORCE.id,))


async def test_a_server_that_gives_an_epoch_twice_is_heard_and_not_obeyed(tmp_path: Path) -> None:
    """Its database is an older one: F26 turned round."""
    Journal(JournalFile(tmp_path / "home.journal"), HOST).hear(moments.EPOCH, 40)
    async with living(talk := Talk(tmp_path)):
        await talk.welcome()
        await talk.order(FORCE)
        result = (await talk.hear(Answered)).result
        assert result.outcome is CommandOutcome.REFUSED
        assert "an epoch twice" in result.message
        assert talk.hypervisor.acts_on(VM) == 0
        told = moments.settings()
        await talk.say(Welcome(epoch=moments.EPOCH + 1, settings=told, intake=42))
        later = msgspec.structs.replace(FORCE, id=CommandId(UUID(int=77)), epoch=moments.EPOCH + 1)
        await talk.order(later)
        assert (await talk.hear(Answered)).result.outcome is CommandOutcome.DONE


async def test_a_welcome_that_comes_again_changes_nothing(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        told = moments.settings(report_seconds=60.0)
        await talk.say(Welcome(epoch=moments.EPOCH, settings=told, intake=40))
        await talk.order(FORCE)
        assert (await talk.hear(Answered)).result.outcome is CommandOutcome.DONE


@pytest.mark.parametrize("past", [0, moments.EPOCH - 1])
async def test_a_journal_that_was_lost_or_is_an_older_one_breaks_nothing(
    tmp_path: Path, past: int
) -> None:
    """F25, F26: the file of the agent is gone, or is one of yesterday."""
    if past:
        Journal(JournalFile(tmp_path / "home.journal"), HOST).hear(past, 7)
    async with living(talk := Talk(tmp_path)):
        await talk.welcome()
        await talk.order(FORCE)
        assert (await talk.hear(Answered)).result.outcome is CommandOutcome.DONE


async def test_a_journal_that_cannot_be_written_keeps_nobody_from_looking(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(_file: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    async with living(talk):
        await talk.welcome()
