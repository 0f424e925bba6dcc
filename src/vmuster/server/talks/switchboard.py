"""Every conversation of this server: one session and one agent's link per host, kept alive.

Asking and telling never wait: each is a note for the host's own teller, so that a host whose queue
is full keeps nobody else waiting.
"""

import asyncio
import contextvars
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Final, Protocol
from weakref import WeakValueDictionary

import structlog

from vmuster.model.commands import Command
from vmuster.model.host import Host
from vmuster.model.ids import HostId
from vmuster.model.plan import LookWish
from vmuster.ports.link import LinkEnd
from vmuster.server.context import Context
from vmuster.server.passes.hearing import Hearing
from vmuster.server.talks.sessions import Session
from vmuster.server.talks.telling import Teller

_log = structlog.get_logger("vmuster.switchboard")
_RESTART_SECONDS: Final = 2.0
"""Before a conversation that ended is begun again."""


class Attach(Protocol):
    """Brings up an agent for a host: in this process, or somewhere else."""

    def __call__(self, host: Host) -> tuple[LinkEnd, Coroutine[None, None, None]]:
        """The server's end of a link, and the life of what is at the other end."""
        ...


class Switchboard:
    """Implements `Conversations` for the hosts that were put through. Without `attach` there are
    no agents, and nobody is put through."""

    def __init__(self, context: Context, attach: Attach | None) -> None:
        self._context = context
        self._attach = attach
        self._hearing = Hearing(context, self)
        self._tellers: dict[HostId, Teller] = {}
        self._lives: dict[HostId, asyncio.Task[None]] = {}
        self._agents: dict[HostId, asyncio.Task[None]] = {}
        """Those that live; one that has ended is held by nobody."""
        self._turns: WeakValueDictionary[HostId, asyncio.Lock] = WeakValueDictionary()
        context.agents_concerned = self._concern_all

    def put_through(self, host: Host) -> None:
        """Begin, and keep up, the conversation with `host`."""
        if self._attach is not None and host.id not in self._lives:
            # outlives the request that begins it: no line of its log is about that request
            self._lives[host.id] = asyncio.create_task(
                self._keep_up(host.id, host, self._attach),
                name=host.id,
                context=contextvars.Context(),
            )

    async def introduce(self, host: HostId) -> None:
        """End the conversation with `host`, and begin one with it as it is recorded then; where it
        is recorded no more, begin none."""
        async with self._turn(host):
            await self._hang_up(host)
            found = await self._context.store.get(Host, host)
            if found is not None:
                self.put_through(found)

    async def hang_up(self, host: HostId) -> None:
        """End the conversation with `host`; its VMs run on as they are (L11)."""
        async with self._turn(host):
            await self._hang_up(host)

    def _turn(self, host: HostId) -> asyncio.Lock:
        """Held while a conversation is ended, and another one may be begun in its place."""
        return self._turns.setdefault(host, asyncio.Lock())

    async def _hang_up(self, host: HostId) -> None:
        life = self._lives.pop(host, None)
        if life is not None:
            life.cancel()
            with suppress(asyncio.CancelledError):
                await life
            if agent := self._agents.get(host):  # which `life` waits for no more
                await asyncio.wait((agent,))

    async def close(self) -> None:
        """End every conversation."""
        await asyncio.gather(*(self._hang_up(host) for host in list(self._lives)))

    def ask(self, wish: LookWish) -> None:
        """As `Conversations.ask`."""
        if teller := self._tellers.get(wish.host):
            teller.ask(wish)

    def decided(self, host: HostId, commands: Sequence[Command], *, begun: int) -> None:
        """As `Conversations.decided`."""
        if teller := self._tellers.get(host):
            teller.decided(commands, begun)

    def outbox_changed(self, host: HostId) -> None:
        """As `Conversations.outbox_changed`."""
        if teller := self._tellers.get(host):
            teller.outbox_changed()

    def settings_changed(self, host: HostId) -> None:
        """As `Conversations.settings_changed`."""
        if teller := self._tellers.get(host):
            teller.settings_changed()

    def begin_anew(self) -> None:
        """As `Conversations.begin_anew`."""
        for teller in self._tellers.values():
            teller.hang_up()

    def heed_epoch(self, host: HostId, epoch: int) -> None:
        """As `Conversations.heed_epoch`."""
        teller = self._tellers.get(host)
        if teller is not None and teller.outdone(epoch):
            teller.hang_up()

    def _concern_all(self) -> None:
        for teller in self._tellers.values():
            teller.settings_changed()

    async def _keep_up(self, host: HostId, row: Host | None, attach: Attach) -> None:
        """Begin one conversation after the other, with `host` as it is recorded by then; its `row`
        is not held meanwhile, for there are as many as there are hosts."""
        while True:
            try:
                row = row or await self._context.store.get(Host, host)
                if row is None:
                    return
                link, agent = attach(row)
                row = None
                self._enliven(host, link, agent)
                del agent  # one that has ended is held by nobody
                try:
                    await self._session(host, link).run()
                finally:
                    await self._part(host, link)
            except Exception as error:  # whatever ended it: the host is talked to again
                _log.warning("conversation ended", host=host, why=repr(error))
            await self._context.clock.sleep(_RESTART_SECONDS)

    def _enliven(self, host: HostId, link: LinkEnd, agent: Coroutine[None, None, None]) -> None:
        """Let `agent` live until its conversation ends; where it fails, that ends. A task and no
        group: a group takes half a kilobyte, for each host."""

        def ended(task: asyncio.Task[None]) -> None:
            if self._agents.get(host) is task:
                del self._agents[host]
            error = None if task.cancelled() else task.exception()
            if error is not None and host in self._tellers:  # its conversation goes on
                _log.warning("agent failed", host=host, why=repr(error))
                link.close()

        task = self._agents[host] = asyncio.create_task(agent)
        task.add_done_callback(ended)

    async def _part(self, host: HostId, link: LinkEnd) -> None:
        """After a conversation: nothing of it goes on."""
        del self._tellers[host]
        link.close()
        if agent := self._agents.get(host):
            agent.cancel()
            await asyncio.wait((agent,))

    def _session(self, host: HostId, link: LinkEnd) -> Session:
        session = Session(self._context, self._hearing, host, link)
        self._tellers[host] = session.teller
        return session
