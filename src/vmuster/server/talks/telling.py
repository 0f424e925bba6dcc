"""What a session has to tell its agent, and the one task that tells it, in one order.

Who has news leaves a note and goes on. A note stays until its news was told: a database that does
not answer delays it, and loses nothing. Since one task reads and sends, the newest settings are
the last ones sent, and nothing comes before the welcome. It lives while there is something to
tell: most hosts are told nothing for hours, and there may be ten thousand of them.
"""

import asyncio
import contextvars
from collections.abc import Sequence
from enum import Flag, auto
from typing import Final

import structlog

from vmuster.model.commands import Command
from vmuster.model.errors import Corrupt, Unavailable
from vmuster.model.host import Cluster
from vmuster.model.ids import CommandId, HostId, VmUuid
from vmuster.model.messages import (
    Configure,
    Look,
    Orders,
    Settings,
    ToAgent,
    Welcome,
    digest_of_settings,
)
from vmuster.model.plan import LookWish
from vmuster.model.wire import encode
from vmuster.ports.link import LinkClosed, LinkEnd
from vmuster.server.context import Context
from vmuster.server.references import host_now
from vmuster.server.talks.dispatch import Handed, due, in_hand

_log = structlog.get_logger("vmuster.telling")
_ORDERS_MAX: Final = 32
"""Commands in one message."""
_WISHES_MAX: Final = 64
"""Looks not yet asked for; beyond that, one look at everything makes up for them all."""
RETRY_SECONDS: Final = 1.0
"""Before a database that did not answer is asked again."""


class _Duty(Flag):
    """What there may be to tell, in the order in which it is told."""

    WELCOME = auto()
    SETTINGS = auto()
    ORDERS = auto()
    LOOKS = auto()


_NOTHING: Final = _Duty(0)


class Teller:
    """Tells one agent what concerns it. Before `greeted` there is nothing to tell: a conversation
    begins with the settings, the whole outbox and a look at everything.
    """

    __slots__ = (
        "_context",
        "_epoch",
        "_handed",
        "_host",
        "_late",
        "_later",
        "_link",
        "_looks",
        "_owed",
        "_sent",
        "_telling",
        "_told",
    )

    def __init__(self, context: Context, host: HostId, link: LinkEnd) -> None:
        self._context = context
        self._host = host
        self._link = link
        self._epoch = 0
        self._told = ""
        self._late = False
        self._sent: dict[CommandId, None] = {}  # an empty set takes three times as much
        self._handed: Handed | None = None
        self._owed = _NOTHING
        self._telling: asyncio.Task[None] | None = None
        self._looks: tuple[LookWish, ...] = ()
        self._later: dict[LookWish, asyncio.Task[None]] = {}

    @property
    def epoch(self) -> int:
        """The epoch of this conversation; 0 before its greeting, and after a refusal."""
        return self._epoch

    def outdone(self, epoch: int) -> bool:
        """Whether the host, which is at `epoch` now, was greeted elsewhere since, by another server
        or in another conversation: nothing that is said in this one is admitted ever again."""
        return 0 < self._epoch < epoch

    def hang_up(self) -> None:
        """End the conversation: another one begins."""
        self._link.close()

    def end(self) -> None:
        """The conversation is over: tell nothing more."""
        self.refused()
        for waiting in (*self._later.values(), self._telling):
            if waiting is not None:
                waiting.cancel()

    def greeted(self, epoch: int) -> None:
        """The agent has greeted, and `epoch` was issued for it."""
        self._epoch = epoch
        self._sent.clear()
        self._owe(_Duty.WELCOME)
        self.outbox_changed()

    def refused(self) -> None:
        """The agent's host is not the one it should be: it is told nothing until it greets anew."""
        self._epoch = 0
        self._owed = _NOTHING

    def settings_changed(self) -> None:
        """What the agent goes by has changed: the host's mode, its cluster's policy, what is armed,
        the fleet's keys, the quarantine."""
        self._owe(_Duty.SETTINGS)

    def goes_by(self, epoch: int, settings: str) -> None:
        """The agent goes by this epoch (0: not welcome yet, it greets again) and settings of this
        digest. What was told last and is on its way for two beats of its heart is lost, and told
        again."""
        late = epoch > 0 and (epoch, settings) != (self._epoch, self._told)
        if late and self._late:
            self._owe(_Duty.WELCOME if epoch < self._epoch else _Duty.SETTINGS)
        self._late = late and not self._late

    def decided(self, commands: Sequence[Command], begun: int) -> None:
        """A pass is written, with these commands; as `Handed`. It may have ended what an earlier
        one began: while orders are still owed, the outbox says which ones are."""
        if _Duty.ORDERS in self._owed:
            self._handed = None
        elif commands:
            self._handed = Handed(commands=commands, begun=begun)
            self._owe(_Duty.ORDERS)

    def outbox_changed(self) -> None:
        """There may be something to send, or something less: the outbox is read."""
        self._handed = None
        self._owe(_Duty.ORDERS)

    def send_again(self, command: CommandId) -> None:
        """The answer to `command` was lost: send it again, for its answer."""
        self._sent.pop(command, None)
        self.outbox_changed()

    def awaits(self, command: CommandId) -> bool:
        """Whether `command` was sent in this conversation, and has no answer yet."""
        return command in self._sent

    def answered(self, command: CommandId) -> None:
        """The answer to `command` was written down: it is in the outbox no more."""
        self._sent.pop(command, None)

    def ask(self, wish: LookWish) -> None:
        """Have the host look, at once or later; the same wish twice is one."""
        if not wish.again_after_seconds:
            self._wish(wish)
        elif wish not in self._later and len(self._later) < _WISHES_MAX:
            self._later[wish] = asyncio.create_task(self._wish_later(wish))

    async def _wish_later(self, wish: LookWish) -> None:
        await self._context.clock.sleep(wish.again_after_seconds)
        del self._later[wish]
        self._wish(LookWish(host=wish.host, vms=wish.vms))

    def _wish(self, wish: LookWish) -> None:
        if len(self._looks) >= _WISHES_MAX:
            self._looks = (LookWish(host=self._host),)
        if wish not in self._looks:
            self._looks = (*self._looks, wish)
        self._owe(_Duty.LOOKS)

    def _owe(self, duty: _Duty) -> None:
        if self._epoch:
            self._owed |= duty
            if self._telling is None:
                # it goes on after whoever left the note: no line of its log is about their work
                self._telling = asyncio.create_task(
                    self._tell_owed(), context=contextvars.Context()
                )

    async def _tell_owed(self) -> None:
        """Tell until nothing is owed. Whatever fails ends the conversation."""
        try:
            while self._owed:
                await self._tell_all()
        except Exception as error:
            if not isinstance(error, LinkClosed):
                _log.warning("conversation ended", host=self._host, why=repr(error))
            self._link.close()
        finally:
            self._telling = None

    async def _tell_all(self) -> None:
        """Tell what is owed; where the database does not answer, the rest waits with it."""
        for duty in _Duty:
            if duty not in self._owed:
                continue
            self._owed &= ~duty
            try:
                await self._tell(duty)
            except Unavailable as error:
                _log.warning("not told yet", host=self._host, what=duty.name, why=repr(error))
                self._owe(duty)
                await self._context.clock.sleep(RETRY_SECONDS)
                return

    async def _tell(self, duty: _Duty) -> None:
        match duty:
            case _Duty.WELCOME:
                await self._tell_welcome()
            case _Duty.SETTINGS:
                await self._tell_settings()
            case _Duty.ORDERS:
                await self._tell_orders()
            case _:
                await self._tell_looks()

    async def _tell_welcome(self) -> None:
        """The epoch, and with it the settings and what is known of the host's VMs."""
        epoch, settings, known = self._epoch, await self._settings(), await self._known()
        intake = self._context.intakes.last
        await self._say(Welcome(epoch=epoch, settings=settings, intake=intake, known=known))

    async def _tell_settings(self) -> None:
        await self._say(Configure(settings=await self._settings()))

    async def _tell_orders(self) -> None:
        """What is in the outbox and was not sent in this conversation; as it was handed over, where
        it is not in doubt. What fails on the way is read from there, too."""
        handed, self._handed = self._handed, None
        about = self._context, self._host, self._epoch
        fresh = await in_hand(*about, handed, self._sent) if handed is not None else None
        if fresh is None:
            fresh = await due(*about, self._sent)
        for start in range(0, len(fresh), _ORDERS_MAX):
            some = tuple(fresh[start : start + _ORDERS_MAX])
            self._sent.update(dict.fromkeys(command.id for command in some))
            await self._say(Orders(commands=some, intake=self._context.intakes.last))

    async def _tell_looks(self) -> None:
        wishes, self._looks = self._looks, ()
        for wish in wishes:
            await self._say(Look(intake=self._context.intakes.last, vms=wish.vms))

    async def _known(self) -> tuple[VmUuid, ...]:
        """The VMs of which the agent, which may be a new one, can't know that they were there; but
        for those that are known to be gone."""
        return tuple(await self._context.store.known_on(self._host))

    async def _settings(self) -> Settings:
        host = await host_now(self._context.store, self._host)
        cluster = await self._context.store.get(Cluster, host.cluster)
        if cluster is None:
            raise Corrupt(f"host {host.name} is in cluster {host.cluster}, which is not there")
        fleet = self._context.fleet
        settings = Settings(
            host=host.id,
            fleet=fleet.id,
            instance=fleet.instance,
            public_keys=fleet.public_keys,
            mode=host.mode,
            grants=(cluster.grant,) if cluster.grant is not None else (),
            report_seconds=cluster.policy.report_seconds,
            heartbeat_seconds=cluster.policy.heartbeat_seconds,
            automatic=not (fleet.disarmed or cluster.disarmed or host.disarmed),
            quarantined=fleet.quarantine is not None,
        )
        self._told = digest_of_settings(settings)
        return settings

    async def _say(self, message: ToAgent) -> None:
        await self._link.send(encode(message))
