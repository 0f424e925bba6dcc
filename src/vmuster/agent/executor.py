"""Carry out commands: each at most once, each judged by the guard on the live VM."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from weakref import WeakValueDictionary

import msgspec
import structlog

from vmuster.agent.guard import permit_mark, permit_start, permit_stop, permit_unmark
from vmuster.agent.journal import Journal
from vmuster.agent.judge import Judge, Told
from vmuster.agent.moment import Moment
from vmuster.model.commands import (
    GUEST_WAS_ASKED,
    Command,
    CommandResult,
    MarkVm,
    StartVm,
    StopVm,
    UnmarkVm,
)
from vmuster.model.ids import CommandId, VmUuid
from vmuster.model.permits import Refusal, StopPermit
from vmuster.model.states import CommandOutcome, PowerState, StopMethod
from vmuster.ports.clock import Clock
from vmuster.ports.driver import Driver, DriverError, StillHangs, Witness

_POLL_SECONDS: Final = 0.5
"""Between looks at a guest that was asked to shut down, and between tries where a call hangs."""
_CAME_BACK: Final = "its call, which had been given up, came back"

_log = structlog.get_logger("vmuster.agent")


class Executor:
    """The hands of one agent. Commands about one VM are carried out one after the other."""

    def __init__(self, driver: Driver, witness: Witness, journal: Journal, clock: Clock) -> None:
        self._driver = driver
        self._witness = witness
        self._journal = journal
        self._clock = clock
        self.connection_lost = False
        """Whether an act found the connection gone; whoever opens it anew takes this back."""
        self._late: dict[CommandId, Awaitable[Refusal | None]] = {}
        """Calls that were given up, and may come back."""
        self._busy: WeakValueDictionary[VmUuid, asyncio.Lock] = WeakValueDictionary()

    async def execute(self, command: Command, told: Told, received: float) -> CommandResult:
        """What came of `command`, received at `received` (monotonic seconds).

        `told` is asked at the moment of the deed. A command that came before is answered from the
        journal, whatever came of it; one that can't be written there is not begun. One of an
        earlier connection is refused, and that says nothing of what came of it in that: this
        journal knows of nothing, and may have been lost, or not be the one in which it was begun.
        """
        turn = self._busy.setdefault(command.vm, asyncio.Lock())
        async with turn:
            known = self._journal.answer(command.id)
            if known is not None:
                return known
            try:
                await asyncio.to_thread(self._journal.begin, command.id)
            except OSError as error:
                return _result(command, CommandOutcome.FAILED, f"not begun: the journal: {error}")
            earlier = command.epoch < self._journal.epoch
            judge = Judge(command, told, received, self._witness, self._clock)
            result = await self._result(command, judge)
            if earlier and result.outcome is CommandOutcome.REFUSED:
                result = msgspec.structs.replace(result, unknown=True)
            await self._write_down(result)
            return result

    async def afterwards(self, command: Command) -> CommandResult | None:
        """What came of `command` after all, where the wait for it was given up; None where it was
        not. As long as the call hangs this waits.
        """
        call = self._late.pop(command.id, None)
        if call is None:
            return None
        try:
            refusal = await call
        except DriverError as error:
            what, said = CommandOutcome.FAILED, str(error)
            result = _result(command, what, f"{_CAME_BACK}: {said}", unknown=error.unknown)
        else:
            done = CommandOutcome.DONE if refusal is None else CommandOutcome.REFUSED
            result = _result(command, done, _CAME_BACK if refusal is None else refusal.reason)
        await self._write_down(result)
        return result

    async def _write_down(self, result: CommandResult) -> None:
        """What came of a deed is written down even where the agent is told to end this moment."""
        try:
            await self._written(partial(self._journal.end, result))
        except asyncio.CancelledError:
            self._journal.end(result)
            raise

    async def _written(self, write: Callable[[], None]) -> None:
        """Write what is so already; where it can't be, it is known for as long as this agent is."""
        try:
            await asyncio.to_thread(write)
        except OSError as error:
            _log.warning("the journal could not be written", why=repr(error))

    async def _result(self, command: Command, judge: Judge) -> CommandResult:
        try:
            refusal = await self._in_turn(command, judge)
        except StillHangs as error:
            return _result(command, CommandOutcome.FAILED, str(error), unknown=error.begun)
        except DriverError as error:
            self.connection_lost = self.connection_lost or error.broken
            if error.late is not None:
                self._late[command.id] = error.late
            what = f"{_before(judge)}{error}"
            return _result(command, CommandOutcome.FAILED, what, unknown=error.unknown)
        if refusal is not None:
            what = f"{_before(judge)}{refusal.reason}"
            return _result(command, CommandOutcome.REFUSED, what)
        return _result(command, CommandOutcome.DONE, _how(command, judge))

    async def _in_turn(self, command: Command, judge: Judge) -> Refusal | None:
        """Do it once no earlier call hangs on the VM, while the order is valid.

        An answer at once would only bring the next order, and so on; and what the earlier call
        comes to is then judged by the look that it deserves.
        """
        while True:
            try:
                return await self._do(command, judge)
            except StillHangs:
                if judge.age_seconds >= command.valid_seconds:
                    raise
            await self._clock.sleep(_POLL_SECONDS)

    async def _do(self, command: Command, judge: Judge) -> Refusal | None:
        match command:
            case StopVm():
                return await self._stop(command, judge)
            case StartVm():
                return await self._driver.start_vm(command.vm, judge.by(permit_start))
            case MarkVm():
                may_mark = judge.by(lambda moment: permit_mark(moment, command))
                return await self._driver.write_mark(command.vm, may_mark)
            case UnmarkVm():
                return await self._driver.erase_mark(command.vm, judge.by(permit_unmark))

    async def _stop(self, command: StopVm, judge: Judge) -> Refusal | None:
        """Stop; a guest that was asked and has not obeyed in its grace is proved anew and ended.

        One that obeyed and was started again since is in another run, which nobody asked to end.
        One that was asked for the same request before this agent, or this connection, began has
        another grace; the run that was asked is known by its process then.
        """
        may_stop = judge.by(lambda moment: self._may_stop(moment, command))
        asks = command.method is StopMethod.SHUTDOWN
        asked = self._journal.asked(command.operation) if asks else None
        if asked is None:
            refusal = await self._driver.stop_vm(command.vm, may_stop)
            if refusal is not None or not asks:
                return refusal
            asked = judge.run
            await self._written(partial(self._journal.ask, command, judge.runs_in))
        deadline = self._clock.monotonic() + command.grace_seconds
        while not await self._is_off(command.vm):
            if self._clock.monotonic() >= deadline:
                judge.asked = asked
                return await self._driver.stop_vm(command.vm, may_stop)
            await self._clock.sleep(_POLL_SECONDS)
        return None

    def _may_stop(self, moment: Moment, command: StopVm) -> StopPermit | Refusal:
        """The guard's leave; before a guest is asked to shut down that is written down, for it may
        obey long after this agent has stopped."""
        permit = permit_stop(moment, command)
        if isinstance(permit, StopPermit) and permit.method is StopMethod.SHUTDOWN:
            try:
                self._journal.ask(command)
            except OSError as error:
                return Refusal(reason=f"not begun: the journal: {error}")
        return permit

    async def _is_off(self, vm: VmUuid) -> bool:
        """Whether the hypervisor plainly says that it is off; a failing look says nothing."""
        try:
            listing = await self._driver.look([vm])
        except DriverError:
            return False
        off = (PowerState.STOPPED, PowerState.CRASHED)
        return vm in listing.absent or any(seen.power in off for seen in listing.vms)


def _before(judge: Judge) -> str:
    """What was done before it was refused or failed."""
    return GUEST_WAS_ASKED if judge.asked is not None else ""


def _how(command: Command, judge: Judge) -> str:
    """How it was done, where that is not as it was asked."""
    if isinstance(command, StopVm) and judge.asked is not None:
        return f"by force: its guest did not obey within {command.grace_seconds:g} s"
    return "done"


def _result(
    command: Command, outcome: CommandOutcome, message: str, *, unknown: bool = False
) -> CommandResult:
    return CommandResult(
        command=command.id, host=command.host, outcome=outcome, message=message, unknown=unknown
    )
