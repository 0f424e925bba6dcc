"""One conversation with one agent: greet it and take in what it says; `telling` tells it its due.

Tasks of its own for each host, so that one hung host delays no other (L13).
"""

import asyncio
from typing import Final

import msgspec
import structlog

from vmuster.model.changes import Changes, Write
from vmuster.model.commands import CommandResult
from vmuster.model.errors import Unavailable
from vmuster.model.host import Host, HostFacts
from vmuster.model.ids import HostId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.messages import Acknowledged, Answered, Hello, Reported, Trouble
from vmuster.model.plan import LookWish
from vmuster.model.report import HostReport
from vmuster.model.states import HostHealth
from vmuster.model.text import bounded, visible
from vmuster.model.wire import BadMessage, decode_to_server, encode
from vmuster.ports.link import LinkEnd
from vmuster.server.context import Context, Conversations
from vmuster.server.intake import take_in
from vmuster.server.references import host_now
from vmuster.server.results import note_result
from vmuster.server.telling import RETRY_SECONDS, Teller

_log = structlog.get_logger("vmuster.session")
_TROUBLE_CHARACTERS_MAX: Final = 500
"""What is kept of an agent's words: they may hold anything, at any length (T17, T18)."""


class Session:
    """The conversation with one host's agent."""

    def __init__(
        self, context: Context, conversations: Conversations, host: HostId, link: LinkEnd
    ) -> None:
        self._context = context
        self._conversations = conversations
        self._host = host
        self._link = link
        self.teller = Teller(context, host, link)

    async def run(self) -> None:
        """Hear the agent and tell it its due, until the link closes (`LinkClosed`, in a group)."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self.teller.run())

    async def _listen(self) -> None:
        while True:
            await self._hear(await self._link.receive())

    async def _hear(self, data: bytes) -> None:
        """One message. A greeting that can't be answered ends the conversation, and a new one
        begins; anything else can be said again in this one.
        """
        try:
            message = decode_to_server(data)
        except BadMessage as error:
            await self._note_trouble(f"bad message: {error}")
            return
        match message:
            case Hello(facts=facts):
                await self._greet(facts)
            case _:
                await self._attend(message)

    async def _attend(self, message: Reported | Answered | Trouble) -> None:
        """Take in what is said. Where the database does not answer, it is not acknowledged, and
        the agent is asked to say it again.
        """
        try:
            match message:
                case Reported(report=report):
                    await self._take(report)
                case Answered(result=result):
                    await self._note(result)
                case Trouble(what=what):
                    await self._note_trouble(what)
        except Unavailable as error:
            _log.warning("not taken in", host=self._host, why=str(error))
            await self._context.clock.sleep(RETRY_SECONDS)
            if isinstance(message, Answered):
                self.teller.send_again(message.result.command)
            self.teller.ask(LookWish(host=self._host))

    async def _note(self, result: CommandResult) -> None:
        """Write an answer down, and have its VM looked at: that settles it."""
        wish = await note_result(self._context, result)
        if wish is not None:
            self.teller.ask(wish)

    async def _greet(self, facts: HostFacts) -> None:
        """Check who the host is, issue an epoch durably, and have the agent welcomed."""
        epoch, refused = await self._issue_epoch(facts)
        if refused:
            await self._note_trouble(refused)
        else:
            self.teller.greeted(epoch)

    async def _issue_epoch(self, facts: HostFacts) -> tuple[int, str]:
        """The next epoch of the host, or why there is none: its identity is in doubt."""
        store = self._context.store
        while True:
            host = await host_now(store, self._host)
            if host.uuid not in (None, facts.uuid):
                return 0, (
                    f"the hypervisor says that this host is {facts.uuid}, and it was {host.uuid}:"
                    " refused until a person removes the host and adds it anew"
                )
            after = msgspec.structs.replace(
                host, uuid=facts.uuid, facts=facts, epoch=host.epoch + 1, sequence=0
            )
            (refused,) = await store.commit((Changes(writes=(Write(before=host, after=after),)),))
            if not refused:
                return after.epoch, ""
            twin = await store.find(Host, uuid=facts.uuid, limit=1)
            if twin and twin[0].id != self._host:
                return 0, f"this is the host that is already known as {twin[0].name}"

    async def _take(self, report: HostReport) -> None:
        if report.host != self._host:
            await self._note_trouble("the agent spoke of another host")
            return
        refused = await take_in(self._context, self._conversations, report)
        if refused:
            _log.info("report not applied", host=self._host, why=refused)
        intake = self._context.intakes.last
        acknowledged = Acknowledged(epoch=report.epoch, sequence=report.sequence, intake=intake)
        await self._link.send(encode(acknowledged))

    async def _note_trouble(self, what: str) -> None:
        """Write down, once, why this host gives no account; nothing follows for any VM (L6)."""
        what, refused = visible(bounded(what, _TROUBLE_CHARACTERS_MAX)), "not written yet"
        while refused:
            host = await host_now(self._context.store, self._host)
            if host.trouble == what:
                return
            refused = await self._write_trouble(host, what)

    async def _write_trouble(self, host: Host, what: str) -> str:
        _log.warning("no account of host", host=self._host, why=what)
        after = msgspec.structs.replace(host, trouble=what, health=HostHealth.SUSPECT)
        entry = JournalEntry(
            at=self._context.clock.now(),
            kind=EntryKind.ALERT,
            actor="agent",
            what=f"no account of host {host.name}: {what}",
            host=host.id,
        )
        (refused,) = await self._context.store.commit(
            (Changes(writes=(Write(before=host, after=after),), entries=(entry,)),)
        )
        return refused
