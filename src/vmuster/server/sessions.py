"""One conversation with one agent: greet, take in, ask, send. One task per host, so that one hung
host delays no other (L13).
"""

from typing import Final

import msgspec
import structlog

from vmuster.model.changes import Changes, Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Corrupt, NotFound
from vmuster.model.host import Cluster, Host, HostFacts
from vmuster.model.ids import CommandId, HostId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.messages import (
    Acknowledged,
    Answered,
    Configure,
    Hello,
    Look,
    Orders,
    Reported,
    Settings,
    ToAgent,
    Trouble,
    Welcome,
)
from vmuster.model.plan import LookWish
from vmuster.model.report import HostReport
from vmuster.model.states import HostHealth
from vmuster.model.text import bounded, visible
from vmuster.model.wire import BadMessage, decode_to_server, encode
from vmuster.ports.link import LinkEnd
from vmuster.server.context import Context, Conversations
from vmuster.server.intake import take_in
from vmuster.server.results import close_old_commands, note_result

_log = structlog.get_logger("vmuster.session")
_ORDERS_MAX: Final = 32
"""Commands in one message."""
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
        self._sent: set[CommandId] = set()
        self._welcomed = False

    async def run(self) -> None:
        """Hear the agent, until the link closes (`LinkClosed`)."""
        while True:
            data = await self._link.receive()
            try:
                message = decode_to_server(data)
            except BadMessage as error:
                await self._note_trouble(f"bad message: {error}")
                continue
            match message:
                case Hello(facts=facts):
                    await self._greet(facts)
                case Reported(report=report):
                    await self._take(report)
                case Answered(result=result):
                    await note_result(self._context, result)
                case Trouble(what=what):
                    await self._note_trouble(what)

    async def ask(self, wish: LookWish) -> None:
        """Ask the host to look, at once or later."""
        if wish.again_after_seconds:
            await self._context.clock.sleep(wish.again_after_seconds)
        if self._welcomed:
            await self._say(Look(intake=self._context.intakes.last, vms=wish.vms))

    async def send_outbox(self) -> None:
        """Send what was not answered yet and not sent in this conversation."""
        if not self._welcomed:
            return
        waiting = await self._context.store.find(OutboxCommand, host=self._host, answered_at=None)
        fresh = [row.command for row in waiting if row.id not in self._sent]
        for start in range(0, len(fresh), _ORDERS_MAX):
            some = tuple(fresh[start : start + _ORDERS_MAX])
            await self._say(Orders(commands=some, intake=self._context.intakes.last))
            self._sent.update(command.id for command in some)

    async def send_settings(self) -> None:
        """Tell the agent the host's settings as they are now."""
        if self._welcomed:
            await self._say(Configure(settings=await self._settings()))

    async def _greet(self, facts: HostFacts) -> None:
        """Check who the host is, issue an epoch durably, and welcome the agent."""
        epoch, refused = await self._issue_epoch(facts)
        if refused:
            await self._note_trouble(refused)
            return
        await close_old_commands(self._context, self._host, epoch)
        self._sent.clear()
        self._welcomed = True
        settings = await self._settings()
        await self._say(Welcome(epoch=epoch, settings=settings, intake=self._context.intakes.last))
        await self.send_outbox()

    async def _issue_epoch(self, facts: HostFacts) -> tuple[int, str]:
        """The next epoch of the host, or why there is none: its identity is in doubt."""
        store = self._context.store
        while True:
            host = await self._record()
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
        await self._say(
            Acknowledged(
                epoch=report.epoch, sequence=report.sequence, intake=self._context.intakes.last
            )
        )

    async def _note_trouble(self, what: str) -> None:
        """Write down, once, why this host gives no account; nothing follows for any VM (L6)."""
        what, refused = visible(bounded(what, _TROUBLE_CHARACTERS_MAX)), "not written yet"
        while refused:
            host = await self._record()
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

    async def _settings(self) -> Settings:
        host = await self._record()
        cluster = await self._context.store.get(Cluster, host.cluster)
        if cluster is None:
            raise Corrupt(f"host {host.name} is in cluster {host.cluster}, which is not there")
        fleet = self._context.fleet
        return Settings(
            host=host.id,
            fleet=fleet.id,
            instance=fleet.instance,
            public_keys=fleet.public_keys,
            mode=host.mode,
            grants=(cluster.grant,) if cluster.grant is not None else (),
            report_seconds=cluster.policy.report_seconds,
        )

    async def _record(self) -> Host:
        host = await self._context.store.get(Host, self._host)
        if host is None:
            raise NotFound(f"there is no host {self._host} any more")
        return host

    async def _say(self, message: ToAgent) -> None:
        await self._link.send(encode(message))
