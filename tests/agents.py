"""The agent's end of a conversation, in the hand of a test."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import TypeVar
from uuid import UUID

from tests.servers import Bench, seen
from vmuster.links.in_process import in_process_link
from vmuster.model.commands import CommandResult
from vmuster.model.host import Host, HostFacts
from vmuster.model.ids import HostUuid, VmUuid
from vmuster.model.messages import (
    Acknowledged,
    Answered,
    Configure,
    Hello,
    Look,
    Orders,
    Reported,
    ToServer,
    Welcome,
)
from vmuster.model.operations import Operation
from vmuster.model.report import HostReport
from vmuster.model.states import CommandOutcome, Completeness
from vmuster.model.vm import VmObservation
from vmuster.model.wire import decode_to_agent, encode
from vmuster.ports.link import LinkClosed
from vmuster.server.passes.hearing import Hearing
from vmuster.server.talks.sessions import Session

Message = TypeVar("Message", Welcome, Configure, Look, Orders, Acknowledged)
FACTS = HostFacts(
    uuid=HostUuid(UUID(int=70)), boot_id="b", hypervisor="qemu", version="9", hostname="alpha"
)


class Agent:
    """The agent's end of a conversation."""

    def __init__(self, parts: Bench, host: Host) -> None:
        link, self._end = in_process_link()
        self.host = host
        self._parts = parts
        self.session = Session(parts.context, Hearing(parts.context, parts.heard), host.id, link)

    async def say(self, message: ToServer | bytes) -> None:
        await self._end.send(message if isinstance(message, bytes) else encode(message))

    async def hear(self, kind: type[Message]) -> Message:
        """The next message of this kind; others are passed over."""
        async with asyncio.timeout(5):
            while True:
                message = decode_to_agent(await self._end.receive())
                if isinstance(message, kind):
                    return message

    async def silence(self) -> bool:
        """Whether nothing comes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await self._end.receive()
                return False
        return True

    async def greet(self, facts: HostFacts = FACTS) -> Welcome:
        await self.say(Hello(host=self.host.id, facts=facts))
        return await self.hear(Welcome)

    async def report(self, epoch: int, sequence: int, *vms: VmObservation) -> Acknowledged:
        report = HostReport(
            host=self.host.id,
            epoch=epoch,
            sequence=sequence,
            boot_id="b",
            completeness=Completeness.COMPLETE,
            vms=vms,
        )
        await self.say(Reported(report=report))
        return await self.hear(Acknowledged)

    async def ordered(self, vm: VmUuid) -> tuple[Operation, Orders]:
        """Greet, show a VM, and hear the order to adopt it, which somebody has asked for."""
        await self.greet()
        await self.report(1, 1, seen(vm))
        adoption = await self._parts.requests.adopt(vm, actor="ann")
        self.session.teller.outbox_changed()
        return adoption, await self.hear(Orders)

    async def answer(
        self,
        orders: Orders,
        outcome: CommandOutcome = CommandOutcome.DONE,
        message: str = "done",
        *,
        unknown: bool = False,
    ) -> CommandResult:
        """Say what became of the first of some orders."""
        result = CommandResult(
            command=orders.commands[0].id,
            host=self.host.id,
            outcome=outcome,
            message=message,
            unknown=unknown,
        )
        await self.say(Answered(result=result))
        return result

    def close(self) -> None:
        self._end.close()


@asynccontextmanager
async def talking(parts: Bench, host: Host) -> AsyncGenerator[Agent]:
    agent = Agent(parts, host)
    life = asyncio.create_task(agent.session.run())
    try:
        yield agent
    finally:
        agent.close()
        try:
            await life
        except* LinkClosed:
            pass


async def fresh(parts: Bench, name: str = "alpha") -> Host:
    """A host that no agent has spoken for."""
    host = await parts.host(name)
    await parts.change(host, uuid=None, facts=None, epoch=0)
    return await parts.now(host)


async def troubled(parts: Bench, host: Host) -> Host:
    """The host once it is in trouble."""
    async with asyncio.timeout(5):
        while not (now := await parts.now(host)).trouble:  # noqa: ASYNC110  # no bell rings
            await asyncio.sleep(0.01)
        return now
