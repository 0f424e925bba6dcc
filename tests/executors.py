"""An executor on its bench: one hypervisor with our VM on it, and a clock in the test's hand."""

from pathlib import Path

from tests import moments
from tests.clocks import HandClock
from tests.parts import HOST, NAME, VM
from vmuster.agent.executor import Executor
from vmuster.agent.journal import Journal
from vmuster.agent.journal_file import JournalFile
from vmuster.drivers.simulated.driver import SimulatedDriver
from vmuster.drivers.simulated.hypervisor import SimulatedHypervisor, SimulatedWitness
from vmuster.model.commands import Command, CommandResult
from vmuster.model.ids import HostUuid
from vmuster.model.messages import Settings
from vmuster.model.permits import Refusal
from vmuster.model.states import PowerState


class Bench:
    """One hypervisor with our VM on it, and an executor with a clock in the test's hand."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "home.journal"
        self.hypervisor = SimulatedHypervisor("home", HostUuid(VM))
        self.hypervisor.define(VM, NAME, mark=moments.raw(), running=True)
        self.witness = SimulatedWitness(self.hypervisor)
        self.driver = SimulatedDriver(self.hypervisor)
        self.clock = HandClock()
        self.settings: Settings | None = moments.settings()
        self.executor = self.reborn()

    def reborn(self) -> Executor:
        """An executor as after a restart of the agent."""
        return Executor(
            self.driver, self.witness, Journal(JournalFile(self.path), HOST), self.clock
        )

    def now(self) -> tuple[Settings, int] | Refusal:
        unwelcome = Refusal(reason="not welcome yet")
        return unwelcome if self.settings is None else (self.settings, moments.EPOCH)

    async def execute(self, command: Command, *, age: float = 0.0) -> CommandResult:
        await self.driver.open(read_only=False)
        received = self.clock.monotonic() - age
        return await self.executor.execute(command, self.now, received)

    def acts(self) -> dict[str, int]:
        """How often each act was done to our VM."""
        return {what: count for (vm, what), count in self.hypervisor.acts.items() if vm == VM}

    @property
    def power(self) -> PowerState:
        return self.hypervisor.domains[VM].power
