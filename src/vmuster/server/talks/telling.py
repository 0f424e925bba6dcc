"""What a session has to tell its agent, and the one task that tells it, in one order.

Who has news leaves a note and goes on. A note stays until its news was told: a database that does
not answer delays it, and loses nothing. Since one task reads and sends, the newest settings are
the last ones sent, and nothing comes before the welcome.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Final

import structlog

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
from vmuster.ports.link import LinkEnd
from vmuster.ports.store import HostAsked
from vmuster.server.context import Context
from vmuster.server.references import host_now
from vmuster.server.talks.dispatch import due

_log = structlog.get_logger("vmuster.telling")
_ORDERS_MAX: Final = 32
"""Commands in one message."""
_WISHES_MAX: Final = 64
"""Looks not yet asked for; beyond that, one look at everything makes up for them all."""
RETRY_SECONDS: Final = 1.0
"""Before a database that did not answer is asked again."""


class _Duty(Enum):
    """What there may be to tell, in the order in which it is told."""

    WELCOME = "welcome"
    SETTINGS = "settings"
    ORDERS = "orders"
    LOOKS = "looks"


class Teller:
    """Tells one agent what concerns it. Before `greeted` there is nothing to tell: a conversation
    begins with the settings, the whole outbox and a look at everything.
    """

    def __init__(self, context: Context, host: HostId, link: LinkEnd) -> None:
        self._context = context
        self._host = host
        self._link = link
        self._epoch = 0
        self._told = ""
        self._late = False
        self._sent: set[CommandId] = set()
        self._owed: set[_Duty] = set()
        self._bell = asyncio.Event()
        self._looks: dict[LookWish, None] = {}
        self._later: dict[LookWish, asyncio.Task[None]] = {}
        self._tell: Final[dict[_Duty, Callable[[], Awaitable[None]]]] = {
            _Duty.WELCOME: self._tell_welcome,
            _Duty.SETTINGS: self._tell_settings,
            _Duty.ORDERS: self._tell_orders,
            _Duty.LOOKS: self._tell_looks,
        }

    @property
    def epoch(self) -> int:
        """The epoch of this conversation; 0 before its greeting, and after a refusal."""
        return self._epoch

    def outdone(self, epoch: int) -> bool:
        """Whether the host, which is at `epoch` now, was greeted elsewhere since, by another server
        or in another conversation: nothing that is said in this one is admitted ever again."""
        return 0 < self._epoch < epoch

    async def run(self) -> None:
        """Tell what is owed, for ever. Raises `LinkClosed` when the agent's end is gone."""
        try:
            while True:
                await self._bell.wait()
                self._bell.clear()
                await self._tell_all()
        finally:
            for waiting in self._later.values():
                waiting.cancel()

    def greeted(self, epoch: int) -> None:
        """The agent has greeted, and `epoch` was issued for it."""
        self._epoch = epoch
        self._sent.clear()
        self._owe(_Duty.WELCOME, _Duty.ORDERS)

    def refused(self) -> None:
        """The agent's host is not the one it should be: it is told nothing until it greets anew."""
        self._epoch = 0
        self._owed.clear()

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

    def outbox_changed(self) -> None:
        """There may be something to send."""
        self._owe(_Duty.ORDERS)

    def send_again(self, command: CommandId) -> None:
        """The answer to `command` was lost: send it again, for its answer."""
        self._sent.discard(command)
        self._owe(_Duty.ORDERS)

    def answered(self, command: CommandId) -> None:
        """The answer to `command` was written down: it is in the outbox no more."""
        self._sent.discard(command)

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
            self._looks = {LookWish(host=self._host): None}
        self._looks[wish] = None
        self._owe(_Duty.LOOKS)

    def _owe(self, *duties: _Duty) -> None:
        if self._epoch:
            self._owed.update(duties)
            self._bell.set()

    async def _tell_all(self) -> None:
        """Tell what is owed; where the database does not answer, the rest waits with it."""
        for duty in _Duty:
            if duty not in self._owed:
                continue
            self._owed.discard(duty)
            try:
                await self._tell[duty]()
            except Unavailable as error:
                _log.warning("not told yet", host=self._host, what=duty.value, why=repr(error))
                self._owe(duty)
                await self._context.clock.sleep(RETRY_SECONDS)
                return

    async def _tell_welcome(self) -> None:
        """The epoch, and with it the settings and what is known of the host's VMs."""
        epoch, settings, known = self._epoch, await self._settings(), await self._known()
        intake = self._context.intakes.last
        await self._say(Welcome(epoch=epoch, settings=settings, intake=intake, known=known))

    async def _tell_settings(self) -> None:
        await self._say(Configure(settings=await self._settings()))

    async def _tell_orders(self) -> None:
        """What is in the outbox and was not sent in this conversation."""
        fresh = await due(self._context, self._host, self._epoch, self._sent)
        for start in range(0, len(fresh), _ORDERS_MAX):
            some = tuple(fresh[start : start + _ORDERS_MAX])
            self._sent.update(command.id for command in some)
            await self._say(Orders(commands=some, intake=self._context.intakes.last))

    async def _tell_looks(self) -> None:
        wishes, self._looks = self._looks, {}
        for wish in wishes:
            await self._say(Look(intake=self._context.intakes.last, vms=wish.vms))

    async def _known(self) -> tuple[VmUuid, ...]:
        """The VMs of which the agent, which may be a new one, can't know that they were there; but
        for those that are known to be gone."""
        asked = HostAsked(host=self._host)
        (rows,) = await self._context.store.load_hosts((asked,), self._context.clock.now())
        if rows is None:
            return ()
        gone = {seen.uuid for seen in rows.here if seen.absent and seen.absence_confirmed}
        home = {each.uuid for each in rows.records if each.live and each.host == self._host}
        return tuple(sorted({seen.uuid for seen in rows.here}.union(home) - gone))

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
