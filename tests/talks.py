"""A running agent over a hypervisor, and the server's end of its link for a test."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from tests import moments
from tests.parts import HOST, NAME, VM
from vmuster.agent.journal import Journal
from vmuster.agent.journal_file import JournalFile
from vmuster.agent.loop import Agent
from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.drivers.simulated.hypervisor import SimulatedHypervisor, SimulatedWitness
from vmuster.links.in_process import InProcessEnd, in_process_link
from vmuster.model.commands import Command
from vmuster.model.host import HostFacts
from vmuster.model.ids import HostUuid
from vmuster.model.messages import (
    Answered,
    Heartbeat,
    Hello,
    Orders,
    Reported,
    ToAgent,
    Trouble,
    Welcome,
)
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, HostMode
from vmuster.model.wire import decode_to_server, encode
from vmuster.ports.driver import Driver, Witness
from vmuster.ports.link import LinkClosed
from vmuster.wiring.outside.clock import SystemClock

Message = TypeVar("Message", Hello, Reported, Answered, Trouble, Heartbeat)


class WatchedDriver(SimulatedDriver):
    """Remembers how it was opened, True for read-only. `goes_on` holds up the end of an opening."""

    def __init__(self, hypervisor: SimulatedHypervisor) -> None:
        super().__init__(hypervisor)
        self.opened: list[bool] = []
        self.opening = asyncio.Event()
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def open(self, *, read_only: bool) -> HostFacts:
        facts = await super().open(read_only=read_only)
        self.opened.append(read_only)
        self.opening.set()
        await self.goes_on.wait()
        return facts


class Conversation:
    """A running agent, and the server's end of its link."""

    def __init__(self, folder: Path, driver: Driver, witness: Witness) -> None:
        self.end, far = in_process_link()
        self.agent = Agent(
            host=HOST,
            driver=driver,
            witness=witness,
            journal=Journal(JournalFile(folder / "home.journal"), HOST),
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


class Talk(Conversation):
    """An agent over a simulated hypervisor with our VM on it."""

    def __init__(self, folder: Path) -> None:
        self.hypervisor = SimulatedHypervisor("home", HostUuid(UUID(int=7)))
        self.hypervisor.define(VM, NAME, mark=moments.raw(), running=True)
        self.driver = WatchedDriver(self.hypervisor)
        super().__init__(folder, self.driver, SimulatedWitness(self.hypervisor))


@asynccontextmanager
async def living(talk: Conversation) -> AsyncGenerator[InProcessEnd]:
    life = asyncio.create_task(talk.agent.run())
    try:
        yield talk.end
    finally:
        talk.end.close()
        life.cancel()
        with suppress(asyncio.CancelledError, LinkClosed, ExceptionGroup):
            await life
