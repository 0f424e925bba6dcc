"""The life of an agent: reach the hypervisor, greet the server, then look, report and obey.

The connection to the hypervisor is opened read-only, and opened anew with leave to write only
when the server's settings say that the host is not in OBSERVE; orders wait for that. When it
breaks, it is opened again and everything is looked at; in between the agent says that it has no
account to give. The heart beats all the while.
"""

import asyncio
from contextlib import suppress
from typing import Final

import structlog

from vmuster.agent.executor import Executor
from vmuster.agent.heart import Heart
from vmuster.agent.journal import Journal
from vmuster.agent.observer import Observer
from vmuster.agent.wishes import Wishes
from vmuster.model.commands import Command, CommandResult
from vmuster.model.host import HostFacts
from vmuster.model.ids import HostId, HostUuid, VmUuid
from vmuster.model.messages import (
    Acknowledged,
    Answered,
    Configure,
    Hello,
    Look,
    Orders,
    Reported,
    Settings,
    ToServer,
    Trouble,
    Welcome,
)
from vmuster.model.permits import Refusal
from vmuster.model.report import HostReport
from vmuster.model.states import HostMode
from vmuster.model.wire import decode_to_agent, encode
from vmuster.ports.clock import Clock
from vmuster.ports.driver import Driver, DriverError, Witness
from vmuster.ports.link import LinkEnd

_REOPEN_SECONDS: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Waits between tries to reach a hypervisor; the last one repeats."""

_WELCOME_SECONDS: Final = 15.0
"""Without a welcome for so long the agent greets again, and waits twice as long then."""
_WELCOME_SECONDS_MAX: Final = 60.0

_OLD_SERVER: Final = "the server gave an epoch twice: its database is older than it once was"

_log = structlog.get_logger("vmuster.agent")


class Agent:
    """One host's agent. `run` lives until the link closes or the task is cancelled."""

    def __init__(
        self,
        *,
        host: HostId,
        driver: Driver,
        witness: Witness,
        journal: Journal,
        link: LinkEnd,
        clock: Clock,
    ) -> None:
        self._host = host
        self._driver = driver
        self._link = link
        self._clock = clock
        self._journal = journal
        self._past_epoch = journal.epoch
        """The highest epoch of every earlier connection, as far as the journal knows."""
        self._heart = Heart(driver, witness, host, self._say)
        self._observer = Observer(driver, witness, host)
        self._executor = Executor(driver, witness, journal, clock)
        self._wishes = Wishes(clock)
        self._settings: Settings | None = None
        self._epoch = 0
        self._welcome = asyncio.Event()
        self._writable = False
        self._uuid: HostUuid | None = None
        self._at_home = False
        """Whether the host that answers is known for ours; no order is judged while it is not."""
        self._fits = asyncio.Event()
        """Set while the connection has just the leave to write that the settings give."""

    async def run(self) -> None:
        """Live. Raises `LinkClosed`, in a group, when the server's end is gone."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._heart.beat_on())
            facts = await self._open()
            group.create_task(self._greet(facts))
            group.create_task(self._listen(group))
            group.create_task(self._watch())
            group.create_task(self._report())

    async def _greet(self, facts: HostFacts) -> None:
        """Say hello, and again ever later until welcome: either may be lost on the way."""
        hello, patience = self._hello(facts), _WELCOME_SECONDS
        while not self._welcome.is_set():
            await self._say(hello)
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._welcome.wait()
            patience = min(2 * patience, _WELCOME_SECONDS_MAX)

    def _hello(self, facts: HostFacts) -> Hello:
        """The greeting: which host this is, and what its journal knows of the server."""
        past = self._journal
        return Hello(
            host=self._host,
            facts=facts,
            epoch=past.epoch,
            intake=past.intake,
            commands=past.begun,
        )

    async def _open(self) -> HostFacts:
        """Reach the hypervisor, however long it takes; say so once for each new reason.

        Where another host answers, the conversation ends: only a new one begins with a greeting,
        in which that host says who it is and a person can accept it.
        """
        said = ""
        tries = 0
        while True:
            writable, self._at_home = self._writable, False
            try:
                facts = await self._driver.open(read_only=not writable)
                await self._refuse_another(facts)
            except DriverError as error:
                if str(error) != said:
                    said = str(error)
                    await self._say(Trouble(host=self._host, what=said))
                if error.elsewhere:
                    raise
                await self._clock.sleep(_REOPEN_SECONDS[min(tries, len(_REOPEN_SECONDS) - 1)])
                tries += 1
            else:
                self._at_home = True
                self._observer.opened(facts.boot_id)
                if writable is self._writable:
                    self._fits.set()
                return facts

    async def _refuse_another(self, facts: HostFacts) -> None:
        """Another host behind the same address is no host of ours: no act may reach it."""
        if self._uuid not in (None, facts.uuid):
            await self._driver.close()
            what = f"another host answers now: {facts.uuid}, not {self._uuid}"
            raise DriverError(what, elsewhere=True)
        self._uuid = facts.uuid

    async def _listen(self, group: asyncio.TaskGroup) -> None:
        """Hear the server."""
        while True:
            match decode_to_agent(await self._link.receive()):
                case Welcome(epoch=epoch) if epoch <= self._epoch:
                    _log.info("an older welcome came late", host=self._host, epoch=epoch)
                case Welcome(epoch=epoch, settings=settings, intake=intake, known=known):
                    group.create_task(self._note(epoch, intake))
                    self._epoch = epoch
                    self._welcome.set()
                    self._observer.connected(epoch, intake, known)
                    self._configure(settings)
                case Configure(settings=settings):
                    self._configure(settings)
                case Look(intake=intake, vms=vms):
                    self._observer.heard(intake)
                    self._wish(vms, asked=True)
                case Acknowledged(intake=intake, retry_after=seconds):
                    self._observer.heard(intake)
                    if seconds > 0:
                        self._wishes.put_off(seconds)
                case Orders(commands=commands, intake=intake):
                    self._observer.heard(intake)
                    received = self._clock.monotonic()
                    for command in commands:
                        group.create_task(self._obey(command, received, intake))

    async def _note(self, epoch: int, intake: int) -> None:
        """Write down how far the server has come; before a deed, so that no server can forget it.

        A disk that fails or hangs keeps nobody from looking, and no new settings from holding.
        """
        try:
            await asyncio.to_thread(self._journal.hear, epoch, intake)
        except OSError as error:
            _log.warning("the journal could not be written", host=self._host, why=repr(error))

    def _configure(self, settings: Settings) -> None:
        writable = settings.mode is not HostMode.OBSERVE
        self._settings = settings
        self._heart.follow(self._epoch, settings)
        if writable != self._writable:
            self._writable = writable
            self._fits.clear()
        self._wishes.everything()

    async def _obey(self, command: Command, received: float, intake: int) -> None:
        await self._note(self._epoch, intake)
        with suppress(TimeoutError):  # then it is too old, and refused for that
            async with asyncio.timeout(command.valid_seconds):
                await self._fits.wait()
        result = await self._executor.execute(command, self._now, received)
        await self._answer(command, result)
        late = await self._executor.afterwards(command)
        if late is not None:
            await self._answer(command, late)

    async def _answer(self, command: Command, result: CommandResult) -> None:
        """Say what came of it, and look: that settles it."""
        _log.info(
            "command carried out",
            host=self._host,
            command=command.__struct_config__.tag,
            vm=str(command.vm),
            outcome=result.outcome,
            said=result.message,
        )
        await self._say(Answered(result=result))
        self._wishes.some((command.vm,), asked=True)

    def _now(self) -> tuple[Settings, int] | Refusal:
        """What the server has told, or why no act can rest on it."""
        if self._settings is None:
            return Refusal(reason="the agent is not welcome yet")
        if not self._at_home:
            return Refusal(reason="the agent makes sure that this is its host still")
        if self._epoch <= self._past_epoch:
            return Refusal(reason=_OLD_SERVER)
        return self._settings, self._epoch

    async def _watch(self) -> None:
        """Hear the hypervisor's bells."""
        while True:
            bell = await self._driver.next_bell()
            self._wish(() if bell.vm is None else (bell.vm,), asked=False)

    def _wish(self, vms: tuple[VmUuid, ...], *, asked: bool) -> None:
        """Want a look at these VMs; where none is named, at all."""
        if vms:
            self._wishes.some(vms, asked=asked)
        else:
            self._wishes.everything(asked=asked)

    async def _report(self) -> None:
        """Look and report, for ever: when wished, and at everything once in each interval."""
        while True:
            interval = self._settings.report_seconds if self._settings else _REOPEN_SECONDS[-1]
            vms = await self._wishes.take(interval)
            if self._settings is None:
                continue
            if self._executor.connection_lost or not self._fits.is_set():
                self._executor.connection_lost = False
                await self._open()
                vms = None
            report = await self._look(vms)
            if report is not None:
                await self._say(Reported(report=report))

    async def _look(self, vms: tuple[VmUuid, ...] | None) -> HostReport | None:
        """A report; or, where there is none, the trouble. A broken connection is renewed."""
        try:
            if vms is None:
                return await self._observer.observe()
            return await self._observer.observe_some(vms)
        except DriverError as error:
            await self._say(Trouble(host=self._host, what=str(error)))
            if error.broken:
                await self._open()
            self._wishes.everything()
            await self._clock.sleep(_REOPEN_SECONDS[0])
            return None

    async def _say(self, message: ToServer) -> None:
        await self._link.send(encode(message))
