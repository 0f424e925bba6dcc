"""Carry out commands: each at most once, each judged by the guard on the live VM."""

import asyncio
from collections.abc import Callable
from typing import Final
from weakref import WeakValueDictionary

from vmuster.agent.guard import Moment, permit_mark, permit_start, permit_stop, permit_unmark
from vmuster.agent.journal import Journal
from vmuster.model.commands import Command, CommandResult, MarkVm, StartVm, StopVm, UnmarkVm
from vmuster.model.ids import VmUuid
from vmuster.model.messages import Settings
from vmuster.model.permits import LiveVm, Refusal
from vmuster.model.states import CommandOutcome, PowerState, StopMethod
from vmuster.ports.clock import Clock
from vmuster.ports.driver import Driver, DriverError, Witness

_POLL_SECONDS: Final = 0.5
"""Between looks at a guest that was asked to shut down; an event usually comes sooner."""


class Executor:
    """The hands of one agent. Commands about one VM are carried out one after the other."""

    def __init__(self, driver: Driver, witness: Witness, journal: Journal, clock: Clock) -> None:
        self._driver = driver
        self._witness = witness
        self._journal = journal
        self._clock = clock
        self.connection_lost = False
        """Whether an act found the connection gone; whoever opens it anew takes this back."""
        self._busy: WeakValueDictionary[VmUuid, asyncio.Lock] = WeakValueDictionary()

    async def execute(
        self, command: Command, settings: Callable[[], tuple[Settings, int]], received: float
    ) -> CommandResult:
        """What came of `command`, received at `received` (monotonic seconds).

        `settings` gives the settings and the epoch as they are at the moment of the deed. A
        command that came before is answered from the journal, whatever came of it.
        """
        turn = self._busy.setdefault(command.vm, asyncio.Lock())
        async with turn:
            known = self._journal.answer(command.id)
            if known is not None:
                return known
            await asyncio.to_thread(self._journal.begin, command.id)
            result = await self._result(command, _Judge(self, command, settings, received))
            await asyncio.to_thread(self._journal.end, result)
            return result

    async def _result(self, command: Command, judge: "_Judge") -> CommandResult:
        try:
            refusal = await self._do(command, judge)
        except DriverError as error:
            self.connection_lost = self.connection_lost or error.broken
            return _result(command, CommandOutcome.FAILED, str(error), unknown=error.unknown)
        if refusal is not None:
            return _result(command, CommandOutcome.REFUSED, refusal.reason)
        return _result(command, CommandOutcome.DONE, "done")

    async def _do(self, command: Command, judge: "_Judge") -> Refusal | None:
        match command:
            case StopVm():
                return await self._stop(command, judge)
            case StartVm():
                return await self._driver.start_vm(
                    command.vm, lambda live: permit_start(judge.moment(live))
                )
            case MarkVm():
                return await self._driver.write_mark(
                    command.vm, lambda live: permit_mark(judge.moment(live), command)
                )
            case UnmarkVm():
                return await self._driver.erase_mark(
                    command.vm, lambda live: permit_unmark(judge.moment(live))
                )

    async def _stop(self, command: StopVm, judge: "_Judge") -> Refusal | None:
        """Stop; a guest that was asked and has not obeyed in its grace is proved anew and ended."""
        refusal = await self._driver.stop_vm(
            command.vm, lambda live: permit_stop(judge.moment(live), command, forced=False)
        )
        if refusal is not None or command.method is not StopMethod.SHUTDOWN:
            return refusal
        deadline = self._clock.monotonic() + command.grace_seconds
        while self._clock.monotonic() < deadline:
            if await self._is_off(command.vm):
                return None
            await self._clock.sleep(_POLL_SECONDS)
        return await self._driver.stop_vm(
            command.vm, lambda live: permit_stop(judge.moment(live), command, forced=True)
        )

    async def _is_off(self, vm: VmUuid) -> bool:
        """Whether the hypervisor plainly says that it is off; a failing look says nothing."""
        try:
            listing = await self._driver.look([vm])
        except DriverError:
            return False
        off = (PowerState.STOPPED, PowerState.CRASHED)
        return vm in listing.absent or any(seen.power in off for seen in listing.vms)

    def witnessed(self, vm: VmUuid) -> bool | None:
        """What the witness says of a process of `vm`, now."""
        return self._witness.holds(vm)

    def age(self, received: float) -> float:
        """Seconds since `received`."""
        return self._clock.monotonic() - received


class _Judge:
    """What the guard is asked at the moment of the deed, whichever thread that is in."""

    def __init__(
        self,
        executor: Executor,
        command: Command,
        settings: Callable[[], tuple[Settings, int]],
        received: float,
    ) -> None:
        self._executor = executor
        self._command = command
        self._settings = settings
        self._received = received

    def moment(self, live: LiveVm) -> Moment:
        settings, epoch = self._settings()
        return Moment(
            command=self._command,
            live=live,
            settings=settings,
            epoch=epoch,
            age_seconds=self._executor.age(self._received),
            process=self._executor.witnessed(live.uuid),
        )


def _result(
    command: Command, outcome: CommandOutcome, message: str, *, unknown: bool = False
) -> CommandResult:
    return CommandResult(
        command=command.id, host=command.host, outcome=outcome, message=message, unknown=unknown
    )
