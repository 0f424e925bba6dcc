"""What truly happened, as nobody inside the world can know it: the ground on which laws are judged.

Everything here is told by the world's own parts (hypervisors, links, the database), none of it is
read from what vmuster believes. Moments are seconds since the run began.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from vmuster.drivers.simulated.domain import Domain
from vmuster.model.changes import Changes
from vmuster.model.commands import Command, OutboxCommand
from vmuster.model.ids import CommandId, HostId, OperationId, VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.mark import RawMark
from vmuster.model.messages import ToAgent, ToServer
from vmuster.model.operations import Operation
from vmuster.model.report import HostReport
from vmuster.model.states import PowerState
from vmuster.sim.world.decided import Asking, Decided


class Run(msgspec.Struct, kw_only=True):
    """One life of a VM's process on a host, from its start to its end."""

    host: str
    vm: VmUuid
    began: float
    ended: float | None = None


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """The product changed a VM: the hypervisor carries it out at this very moment.

    `what`: start, shutdown, force, save, mark, unmark. `command`: the one that was being carried
    out; None where no command was on its way for this VM, which no act may be. `told_epoch`: the
    epoch that this agent was told last; `highest_epoch`: the highest that any agent of this host
    was ever told. `mark`, `stored_mark`, `name`, `power`: the VM's just before. `adopted`: this
    very VM was adopted (the product has marked it, and it is no copy). `runs_on`: hosts on which a
    process of this uuid ran just before.
    """

    at: float
    host: str
    process: str
    vm: VmUuid
    what: str
    command: Command | None
    told_epoch: int
    highest_epoch: int
    name: str
    power: PowerState
    mark: RawMark | None
    stored_mark: RawMark | None
    adopted: bool
    runs_on: tuple[str, ...]


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """A report left the agent of this machine; its look at the hypervisor had begun at `began`."""

    machine: str
    began: float
    sent: float
    report: HostReport


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A report was taken in: its stamp became that of its host's row."""

    at: float
    look: Looked


class Committed(msgspec.Struct, frozen=True, kw_only=True):
    """One set of changes that is durable now. `process`: the server that wrote it; `asking`: the
    request in whose course, None for none."""

    at: float
    process: str
    changes: Changes
    asking: Asking | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A person's request that was acknowledged; `operation` where it is one. `asking`: as it was
    asked."""

    at: float
    actor: str
    what: str
    operation: Operation | None = None
    asking: Asking | None = None


class Silent:
    """Is told what truly happens, as it happens, and does nothing of it: watchers are made of it,
    and override what concerns them."""

    def acted(self, act: Act) -> None:
        """The product changes a VM."""

    def ran(self, run: Run) -> None:
        """A VM's process began."""

    def ended(self, run: Run) -> None:
        """A VM's process ended (`run.ended` is set)."""

    def looked(self, looked: Looked) -> None:
        """A report left an agent."""

    def heard(self, host: str, process: str, message: ToServer) -> None:
        """A message of a host's agent arrived at this server."""

    def told(self, host: str, process: str, message: ToAgent) -> None:
        """A message of this server arrived at a host's agent."""

    def committed(self, commit: Committed) -> None:
        """Something is durable in the database."""

    def stale(self, process: str, why: str) -> None:
        """A set of changes was not written, for somebody else had written."""

    def asked(self, asked: Asked) -> None:
        """A person was told that their request is taken."""

    def restored(self) -> None:
        """An older copy of the database was put in its place."""

    def served(self, process: str) -> None:
        """A server has begun to serve."""

    def died(self, process: str, why: str) -> None:
        """A server was killed, or ended."""

    def logged(self, process: str, event: Mapping[str, object]) -> None:
        """The shipped code logs a warning, or worse; `event` as structlog has it."""

    def failed(self, process: str, error: BaseException) -> None:
        """The shipped code let an error fall."""


@dataclass(kw_only=True)
class Truth:
    """The ledger of one run; the world writes it before it tells the watchers.

    `runs`: every run there was, by host and VM, oldest first; a running VM's last one has no end.
    `written`: every mark that the product wrote into a VM, by uuid. `adopted`: the very domains
    that the product has marked, by their identity (kept alive here). `looks`: reports by host id,
    epoch and sequence; `taken`: by host id, those that the present database took in, oldest first.
    `commands`, `entries`, `operations`: every row that was ever durable,
    whatever was restored since, with the moment at which it first was. `epochs`: the highest epoch
    that any agent of a host was told, by host id. `keys`: every actor and key that people asked
    under; `personal`: the operations that they asked for, whoever signs the rows; `decided`: what
    people have decided. `started`, `serving`: the servers, and since when
    they run, and serve. `signs`: by machine, when a server last heard something of it that shows
    life.
    """

    runs: dict[tuple[str, VmUuid], list[Run]] = field(default_factory=dict)
    written: dict[VmUuid, set[RawMark]] = field(default_factory=dict)
    adopted: dict[int, Domain] = field(default_factory=dict)
    looks: dict[tuple[HostId, int, int], Looked] = field(default_factory=dict)
    commands: dict[CommandId, tuple[float, OutboxCommand]] = field(default_factory=dict)
    entries: dict[CommandId, tuple[float, JournalEntry]] = field(default_factory=dict)
    operations: dict[OperationId, tuple[float, Operation]] = field(default_factory=dict)
    taken: dict[HostId, list[Taken]] = field(default_factory=dict)
    epochs: dict[HostId, int] = field(default_factory=dict)
    keys: set[tuple[str, str]] = field(default_factory=set)
    personal: set[OperationId] = field(default_factory=set)
    decided: Decided = field(default_factory=Decided)
    started: dict[str, float] = field(default_factory=dict)
    serving: dict[str, float] = field(default_factory=dict)
    signs: dict[str, float] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def running(self, host: str, vm: VmUuid) -> Run | None:
        """The present run of a VM on a host."""
        runs = self.runs.get((host, vm))
        return runs[-1] if runs and runs[-1].ended is None else None

    def runs_on(self, vm: VmUuid, hosts: Iterable[str]) -> tuple[str, ...]:
        """Those of these hosts on which a process of this VM runs."""
        return tuple(host for host in hosts if self.running(host, vm) is not None)

    def ran_throughout(self, host: str, vm: VmUuid, since: float) -> bool:
        """Whether a VM has run on a host without a break since this moment, and runs still."""
        run = self.running(host, vm)
        return run is not None and run.began <= since
