"""The life of an agent over a simulated hypervisor; the test is at the server's end of the link."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest

from tests import moments
from tests.parts import HOST, NAME, VM
from vmuster.agent.journal import Journal
from vmuster.agent.loop import Agent
from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.drivers.simulated.hypervisor import SimulatedHypervisor, SimulatedWitness
from vmuster.links.in_process import InProcessEnd, in_process_link
from vmuster.model.commands import Command
from vmuster.model.host import HostFacts
from vmuster.model.ids import HostUuid
from vmuster.model.messages import (
    Acknowledged,
    Answered,
    Configure,
    Hello,
    Look,
    Orders,
    Reported,
    ToAgent,
    Trouble,
    Welcome,
)
from vmuster.model.report import HostReport
from vmuster.model.states import CommandOutcome, Completeness, HostMode, PowerState, StopMethod
from vmuster.model.wire import decode_to_server, encode
from vmuster.ports.link import LinkClosed
from vmuster.wiring.clock import SystemClock

Message = TypeVar("Message", Hello, Reported, Answered, Trouble)
pytestmark = pytest.mark.anyio
FORCE = moments.stop(automatic=False, method=StopMethod.FORCE)


class WatchedDriver(SimulatedDriver):
    """Remembers how it was opened: True for read-only."""

    def __init__(self, hypervisor: SimulatedHypervisor) -> None:
        super().__init__(hypervisor)
        self.opened: list[bool] = []

    async def open(self, *, read_only: bool) -> HostFacts:
        facts = await super().open(read_only=read_only)
        self.opened.append(read_only)
        return facts


class Talk:
    """A running agent, and the server's end of its link."""

    def __init__(self, folder: Path) -> None:
        self.hypervisor = SimulatedHypervisor("home", HostUuid(UUID(int=7)))
        self.hypervisor.define(VM, NAME, mark=moments.raw(), running=True)
        self.driver = WatchedDriver(self.hypervisor)
        self.end, far = in_process_link()
        self.agent = Agent(
            host=HOST,
            driver=self.driver,
            witness=SimulatedWitness(self.hypervisor),
            journal=Journal(folder / "home.journal", HOST),
            link=far,
            clock=SystemClock(),
        )

    async def say(self, message: ToAgent) -> None:
        await self.end.send(encode(message))

    async def hear(self, kind: type[Message]) -> Message:
        """The next message of this kind; others are passed over."""
        async with asyncio.timeout(10):
            while True:
                message = decode_to_server(await self.end.receive())
                if isinstance(message, kind):
                    return message

    async def report(self, completeness: Completeness) -> HostReport:
        """The next report of this completeness."""
        while True:
            report = (await self.hear(Reported)).report
            if report.completeness is completeness:
                return report

    async def welcome(self, mode: HostMode = HostMode.MANAGE, *, seconds: float = 60.0) -> None:
        """Greet the agent; the interval is so long that only wishes bring reports."""
        await self.hear(Hello)
        told = moments.settings(mode=mode, report_seconds=seconds)
        await self.say(Welcome(epoch=moments.EPOCH, settings=told, intake=40))
        await self.report(Completeness.COMPLETE)

    async def order(self, *commands: Command) -> None:
        await self.say(Orders(commands=commands, intake=41))


@asynccontextmanager
async def living(talk: Talk) -> AsyncGenerator[InProcessEnd]:
    life = asyncio.create_task(talk.agent.run())
    try:
        yield talk.end
    finally:
        talk.end.close()
        life.cancel()
        with suppress(asyncio.CancelledError, LinkClosed, ExceptionGroup):
            await life


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return Talk(tmp_path)


async def test_it_greets_with_its_facts_and_reports_once_it_is_welcome(talk: Talk) -> None:
    async with living(talk):
        hello = await talk.hear(Hello)
        assert (hello.host, hello.facts) == (HOST, talk.hypervisor.facts)
        await talk.say(Welcome(epoch=9, settings=moments.settings(), intake=40))
        report = (await talk.hear(Reported)).report
        assert (report.epoch, report.sequence, report.asked_after) == (9, 1, 40)
        assert report.completeness is Completeness.COMPLETE
        assert [vm.uuid for vm in report.vms] == [VM]


async def test_before_it_is_welcome_it_reports_nothing(talk: Talk) -> None:
    async with living(talk):
        await talk.hear(Hello)
        talk.hypervisor.destroy(VM)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await talk.end.receive()


async def test_in_observe_the_hypervisor_is_open_to_read_only(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome(HostMode.OBSERVE)
        assert talk.driver.opened == [True]
        await talk.order(FORCE)
        assert (await talk.hear(Answered)).result.outcome is CommandOutcome.REFUSED
        for mode, opened in ((HostMode.MANAGE, False), (HostMode.OBSERVE, True)):
            await talk.say(Configure(settings=moments.settings(mode=mode)))
            await talk.report(Completeness.COMPLETE)
            assert talk.driver.opened[-1] is opened
        assert talk.driver.opened == [True, False, True]
        assert talk.hypervisor.acts_on(VM) == 0


async def test_settings_that_change_nothing_about_writing_do_not_reopen(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        for mode in (HostMode.CORDONED, HostMode.MAINTENANCE):
            await talk.say(Configure(settings=moments.settings(mode=mode)))
            await talk.report(Completeness.COMPLETE)
        assert talk.driver.opened == [True, False]


async def test_orders_are_carried_out_answered_and_looked_at(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        await talk.order(FORCE)
        result = (await talk.hear(Answered)).result
        assert (result.command, result.outcome) == (FORCE.id, CommandOutcome.DONE)
        report = await talk.report(Completeness.PARTIAL)
        assert [(vm.uuid, vm.power) for vm in report.vms] == [(VM, PowerState.STOPPED)]
        await talk.order(FORCE)
        assert (await talk.hear(Answered)).result == result
        assert talk.hypervisor.acts_on(VM) == 1


async def test_a_bell_causes_a_look_at_that_vm(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        talk.hypervisor.destroy(VM)
        report = await talk.report(Completeness.PARTIAL)
        assert [(vm.uuid, vm.power) for vm in report.vms] == [(VM, PowerState.STOPPED)]


async def test_a_question_is_answered_with_the_number_it_came_with(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        await talk.say(Acknowledged(epoch=moments.EPOCH, sequence=1, intake=41))
        await talk.say(Look(intake=42, vms=(VM,)))
        assert (await talk.report(Completeness.PARTIAL)).asked_after == 42
        await talk.say(Look(intake=43))
        assert (await talk.report(Completeness.COMPLETE)).asked_after == 43


async def test_the_interval_brings_complete_reports_without_any_bell(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome(seconds=0.05)
        sequences = [(await talk.report(Completeness.COMPLETE)).sequence for _ in range(3)]
        assert sequences == sorted(set(sequences))


async def test_a_dead_daemon_is_trouble_and_its_return_is_a_complete_report(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        talk.hypervisor.kill_daemon()
        trouble = await talk.hear(Trouble)
        assert (trouble.host, trouble.what) == (HOST, "not connected")
        talk.hypervisor.start_daemon()
        report = await talk.report(Completeness.COMPLETE)
        assert [vm.power for vm in report.vms] == [PowerState.RUNNING]
        assert talk.driver.opened[-1] is False, "with the same leave as before"


async def test_a_daemon_that_is_dead_at_first_is_waited_for(talk: Talk) -> None:
    talk.hypervisor.kill_daemon()
    async with living(talk):
        assert "cannot connect" in (await talk.hear(Trouble)).what
        talk.hypervisor.start_daemon()
        await talk.hear(Hello)


async def test_a_list_that_fails_is_trouble_and_never_a_report(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        talk.hypervisor.faults.listing_fails = True
        await talk.say(Look(intake=50))
        message = decode_to_server(await talk.end.receive())
        assert message == Trouble(host=HOST, what="the list failed")
        talk.hypervisor.faults.listing_fails = False
        assert (await talk.report(Completeness.COMPLETE)).vms


async def test_another_host_behind_the_same_address_is_refused(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        talk.hypervisor.kill_daemon()
        talk.hypervisor.uuid = HostUuid(UUID(int=8))
        talk.hypervisor.start_daemon()
        while "another host answers now" not in (await talk.hear(Trouble)).what:
            pass
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await talk.report(Completeness.COMPLETE)
        talk.hypervisor.uuid = HostUuid(UUID(int=7))
        await talk.report(Completeness.COMPLETE)


async def test_when_the_server_goes_no_vm_changes(talk: Talk) -> None:
    async with living(talk):
        await talk.welcome()
        talk.end.close()
    assert talk.hypervisor.acts_on(VM) == 0
    assert talk.hypervisor.domains[VM].power is PowerState.RUNNING


async def test_a_life_ends_when_the_link_closes(talk: Talk) -> None:
    life = asyncio.create_task(talk.agent.run())
    await talk.welcome()
    talk.end.close()
    async with asyncio.timeout(5):
        with pytest.raises(ExceptionGroup) as ended:
            await life
    assert ended.group_contains(LinkClosed)
