"""From an order to a judge for the driver: it asks the guard about the live VM, before the deed."""

from collections.abc import Callable
from typing import TypeVar

from vmuster.agent.moment import Moment
from vmuster.model.commands import Command, StartVm, StopVm
from vmuster.model.messages import Settings
from vmuster.model.permits import (
    LiveVm,
    MarkPermit,
    Refusal,
    StartPermit,
    StopPermit,
    UnmarkPermit,
)
from vmuster.model.states import StopMethod
from vmuster.ports.clock import Clock
from vmuster.ports.driver import Witness

Told = Callable[[], tuple[Settings, int] | Refusal]
"""The settings and the epoch as they are now, or why the agent can't stand behind any act now."""

P = TypeVar("P", StopPermit, StartPermit, MarkPermit, UnmarkPermit)


class Judge:
    """Judges one order, received at `received` (monotonic seconds), in whichever thread.

    `run`, `runs_in`: the run of the VM that was judged last, by both of its names. `asked`: as in a
    `Moment`.
    """

    def __init__(
        self, command: Command, told: Told, received: float, witness: Witness, clock: Clock
    ) -> None:
        self._command = command
        self._told = told
        self._received = received
        self._witness = witness
        self._clock = clock
        self.run = ""
        self.runs_in = ""
        self.asked: str | None = None

    def by(self, permit: Callable[[Moment], P | Refusal]) -> Callable[[LiveVm], P | Refusal]:
        """A judge for the driver, by this part of the guard."""

        def judged(live: LiveVm) -> P | Refusal:
            moment = self._moment(live)
            return moment if isinstance(moment, Refusal) else permit(moment)

        return judged

    @property
    def age_seconds(self) -> float:
        """How long ago the order was received."""
        return self._clock.monotonic() - self._received

    def _moment(self, live: LiveVm) -> Moment | Refusal:
        told = self._told()
        if isinstance(told, Refusal):
            return told
        settings, epoch = told
        self.run, self.runs_in = live.run, self._runs_in(live)
        return Moment(
            command=self._command,
            live=live,
            settings=settings,
            epoch=epoch,
            age_seconds=self.age_seconds,
            process=self._process(live),
            runs_in=self.runs_in,
            asked=self.asked,
        )

    def _process(self, live: LiveVm) -> bool | None:
        """Only a start rests on whether there is one; no other act waits for it."""
        return self._witness.holds(live.uuid) if isinstance(self._command, StartVm) else None

    def _runs_in(self, live: LiveVm) -> str:
        """Only a stop that asks its guest may outlive its agent."""
        match self._command:
            case StopVm(method=StopMethod.SHUTDOWN):
                return self._witness.process(live.uuid)
            case _:
                return ""
