"""Every conversation of this server: one session and one agent's link per host, kept alive.

Asking and telling never wait: each becomes a small task of its host's, so that a host whose queue
is full keeps nobody else waiting.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Final, Protocol

import structlog

from vmuster.model.host import Host
from vmuster.model.ids import HostId
from vmuster.model.plan import LookWish
from vmuster.ports.link import LinkClosed, LinkEnd
from vmuster.server.context import Context
from vmuster.server.sessions import Session

_log = structlog.get_logger("vmuster.switchboard")
_RESTART_SECONDS: Final = 2.0
"""Before a conversation that ended is begun again."""
_ERRANDS_MAX: Final = 64
"""Things not yet said to one host; beyond that, its next look makes up for the rest."""


class Attach(Protocol):
    """Brings up an agent for a host: in this process, or somewhere else."""

    def __call__(self, host: Host) -> tuple[LinkEnd, Coroutine[None, None, None]]:
        """The server's end of a link, and the life of what is at the other end."""
        ...


class Switchboard:
    """Implements `Conversations` for the hosts that were put through."""

    def __init__(self, context: Context, attach: Attach) -> None:
        self._context = context
        self._attach = attach
        self._sessions: dict[HostId, Session] = {}
        self._lives: dict[HostId, asyncio.Task[None]] = {}
        self._errands: dict[HostId, set[asyncio.Task[None]]] = {}

    def put_through(self, host: Host) -> None:
        """Begin, and keep up, the conversation with `host`."""
        if host.id not in self._lives:
            self._errands[host.id] = set()
            self._lives[host.id] = asyncio.create_task(self._keep_up(host))

    async def hang_up(self, host: HostId) -> None:
        """End the conversation with `host`; its VMs run on as they are (L11)."""
        life = self._lives.pop(host, None)
        if life is not None:
            life.cancel()
            with suppress(asyncio.CancelledError):
                await life
        for errand in self._errands.pop(host, set()):
            errand.cancel()

    async def close(self) -> None:
        """End every conversation."""
        await asyncio.gather(*(self.hang_up(host) for host in list(self._lives)))

    def ask(self, wish: LookWish) -> None:
        """As `Conversations.ask`."""
        self._errand(wish.host, lambda session: session.ask(wish))

    def outbox_changed(self, host: HostId) -> None:
        """As `Conversations.outbox_changed`."""
        self._errand(host, lambda session: session.send_outbox())

    def settings_changed(self, host: HostId) -> None:
        """As `Conversations.settings_changed`."""
        self._errand(host, lambda session: session.send_settings())

    def _errand(self, host: HostId, say: "Say") -> None:
        session, errands = self._sessions.get(host), self._errands.get(host)
        if session is None or errands is None or len(errands) >= _ERRANDS_MAX:
            return
        errand = asyncio.create_task(_until_closed(say(session)))
        errands.add(errand)
        errand.add_done_callback(errands.discard)

    async def _keep_up(self, host: Host) -> None:
        while True:
            try:
                await self._converse(host)
            except Exception as error:  # whatever ended it: the host is talked to again
                _log.warning("conversation ended", host=host.id, why=repr(error))
            await self._context.clock.sleep(_RESTART_SECONDS)

    async def _converse(self, host: Host) -> None:
        link, agent = self._attach(host)
        session = Session(self._context, self, host.id, link)
        self._sessions[host.id] = session
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(session.run())
                group.create_task(agent)
        finally:
            del self._sessions[host.id]
            link.close()


class Say(Protocol):
    """Something to say in a session."""

    def __call__(self, session: Session, /) -> Coroutine[None, None, None]: ...


async def _until_closed(errand: Coroutine[None, None, None]) -> None:
    with suppress(LinkClosed):
        await errand
