"""The chronicle: writes down what truly happens, and tells whoever watches.

It ends with the run. When the loop lets go of what is under way, `finally` and `except` run that no
machine would ever have run, those of killed processes too: what they say did not happen.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from uuid import UUID

from vmuster.drivers.simulated.domain import Domain
from vmuster.model.changes import Guarded
from vmuster.model.commands import Command, OutboxCommand
from vmuster.model.errors import VmusterError
from vmuster.model.host import Host
from vmuster.model.ids import CommandId, HostId, VmUuid
from vmuster.model.mark import RawMark
from vmuster.model.messages import (
    Heartbeat,
    Orders,
    Reported,
    ToAgent,
    ToServer,
    Trouble,
    Welcome,
)
from vmuster.model.operations import Operation
from vmuster.sim.engine.loop import SimLoop
from vmuster.sim.engine.process import Process
from vmuster.sim.engine.trace import Trace
from vmuster.sim.world.decided import Asking, asked_by
from vmuster.sim.world.truth import Act, Asked, Committed, Looked, Run, Silent, Taken, Truth

_ID: Final = re.compile(r"(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}|h)-[0-9a-f]{12}")
"""How uuids and the ids of hosts look."""


class _Agent:
    """What one agent's process was told and has in hand."""

    def __init__(self) -> None:
        self.host = HostId("")
        self.epoch = 0
        self.orders: dict[CommandId, Command] = {}
        self.in_hand: dict[VmUuid, CommandId] = {}


def _stamp(taken: Taken) -> tuple[int, int]:
    return taken.look.report.epoch, taken.look.report.sequence


def _shows_life(message: ToServer) -> bool:
    """Whether it shows that the host itself, or its hypervisor, lives."""
    match message:
        case Heartbeat(answers=answers, alive=alive):
            return answers or alive is True
        case Trouble():
            return False
        case _:
            return True


class Chronicle:
    """Of one run. `name_of` calls a VM by a name that people can read."""

    def __init__(self, loop: SimLoop, trace: Trace, name_of: Callable[[VmUuid], str]) -> None:
        self.truth = Truth()
        self.trace = trace
        self._watchers: list[Silent] = []
        self.name_of = name_of
        self._loop = loop
        self._hosts: dict[HostId, str] = {}
        self._agents: dict[tuple[str, Process], _Agent] = {}

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return self._loop.time()

    @property
    def watchers(self) -> list[Silent]:
        """Who is told, until the run is over."""
        return [] if self._loop.is_closed() else self._watchers

    def note(self, who: str, what: str, *, loud: bool = True) -> None:
        """A line of the trace. `loud`: whether a person who follows the run wants to read it."""
        if not self._loop.is_closed():
            self.trace.note(self._loop.time(), who, what, loud=loud)

    def began(self, host: str, vm: VmUuid) -> None:
        """A process of this VM runs on this host from now on."""
        run = Run(host=host, vm=vm, began=self.now)
        self.truth.runs.setdefault((host, vm), []).append(run)
        self.note(host, f"{self.name_of(vm)} runs")
        for watcher in self.watchers:
            watcher.ran(run)

    def ended(self, host: str, vm: VmUuid) -> None:
        """It is gone."""
        run = self.truth.runs[host, vm][-1]
        run.ended = self.now
        self.note(host, f"{self.name_of(vm)} runs no more")
        for watcher in self.watchers:
            watcher.ended(run)

    def met(self, host: str) -> None:
        """The present process, an agent of this host, begins a conversation."""
        self._agent(host).epoch = 0

    def in_hand(self, host: str, command: CommandId) -> None:
        """The present process, an agent of this host, begins with a command."""
        agent = self._agent(host)
        if command in agent.orders:
            agent.in_hand[agent.orders[command].vm] = command

    def done_with(self, host: str, command: CommandId) -> None:
        """The present process is done with a command."""
        agent = self._agent(host)
        if command in agent.orders:
            agent.in_hand.pop(agent.orders[command].vm, None)

    def acted(self, host: str, domain: Domain, what: str, runs_on: tuple[str, ...]) -> None:
        """The present process, an agent of this host, changes a VM."""
        agent = self._agent(host)
        known = agent.in_hand.get(domain.uuid)
        act = Act(
            at=self.now,
            host=host,
            process=self._loop.current.name,
            vm=domain.uuid,
            what=what,
            command=None if known is None else agent.orders[known],
            told_epoch=agent.epoch,
            highest_epoch=self.truth.epochs.get(agent.host, 0),
            name=domain.name,
            power=domain.power,
            mark=domain.mark,
            stored_mark=domain.config_mark,
            adopted=id(domain) in self.truth.adopted,
            runs_on=runs_on,
        )
        self.truth.acts.append(act)
        self.note(host, f"{what} of {self.name_of(domain.uuid)} by {act.process}")
        for watcher in self.watchers:
            watcher.acted(act)

    def marked(self, domain: Domain, mark: RawMark | None) -> None:
        """The product has written its mark into a VM, or (None) taken it out."""
        if mark is None:
            self.truth.adopted.pop(id(domain), None)
        else:
            self.truth.written.setdefault(domain.uuid, set()).add(mark)
            self.truth.adopted[id(domain)] = domain

    def looked(self, host: str, began: float, message: Reported) -> None:
        """A report leaves the present process."""
        report = message.report
        looked = Looked(machine=host, began=began, sent=self.now, report=report)
        self.truth.looks[report.host, report.epoch, report.sequence] = looked
        self.note(
            host,
            f"reports {report.epoch}.{report.sequence} {report.completeness}: "
            f"{len(report.vms)} VMs, {len(report.absent)} absent",
            loud=False,
        )
        for watcher in self.watchers:
            watcher.looked(looked)

    def heard(self, host: str, message: ToServer) -> None:
        """A message of a host's agent has arrived at the present process, a server."""
        if _shows_life(message):
            self.truth.signs[host] = self.now
        for watcher in self.watchers:
            watcher.heard(host, self._loop.current.name, message)

    def told(self, host: str, message: ToAgent) -> None:
        """A server's message has arrived at the present process, an agent of this host."""
        agent = self._agent(host)
        match message:
            case Welcome(epoch=epoch, settings=settings):
                # one that comes late is older than what the agent goes by in this conversation
                agent.host, agent.epoch = settings.host, max(epoch, agent.epoch)
                highest = self.truth.epochs.get(settings.host, 0)
                self.truth.epochs[settings.host] = max(epoch, highest)
                self.note(host, f"is welcome, epoch {epoch}", loud=False)
            case Orders(commands=commands):
                agent.orders.update((command.id, command) for command in commands)
                for each in commands:
                    what = type(each).__name__
                    self.note(host, f"is ordered {what} of {self.name_of(each.vm)}", loud=False)
            case _:
                pass
        for watcher in self.watchers:
            watcher.told(host, self._loop.current.name, message)

    def committed(self, commit: Committed) -> None:
        """A set of changes is durable."""
        truth, at = self.truth, commit.at
        for write in commit.changes.writes:
            truth.decided.learn(write, commit.asking)
            row = write.after
            if isinstance(row, Operation) and asked_by(row, commit.asking, truth.keys):
                truth.personal.add(row.id)
            self._learn(row, at)
        for entry in commit.changes.entries:
            about = "" if entry.vm is None else f" about {self.name_of(entry.vm)}"
            self.note(commit.process, self._spoken(f"{entry.kind}{about}: {entry.what}"))
            if entry.command is not None:
                truth.entries.setdefault(entry.command, (at, entry))
        for watcher in self.watchers:
            watcher.committed(commit)

    def _learn(self, row: object, at: float) -> None:
        truth = self.truth
        if isinstance(row, OutboxCommand):
            truth.commands.setdefault(row.id, (at, row))
        elif isinstance(row, Operation):
            truth.operations.setdefault(row.id, (at, row))
        elif isinstance(row, Host):
            self._hosts[row.id] = row.name
            look = truth.looks.get((row.id, row.epoch, row.sequence))
            taken = truth.taken.setdefault(row.id, [])
            if look is not None and not (taken and taken[-1].look is look):
                taken.append(Taken(at=at, look=look))

    def stale(self, process: str, why: str) -> None:
        """A set of changes of this server was not written."""
        for watcher in self.watchers:
            watcher.stale(process, why)

    def asking(self, asking: Asking) -> None:
        """A person begins to ask for something, or asks again."""
        self.truth.keys.add((asking.actor, asking.key))

    def asked(self, asked: Asked) -> None:
        """A person was told that their request is taken."""
        self.note(asked.actor, f"{asked.what}: taken")
        for watcher in self.watchers:
            watcher.asked(asked)

    def refused(self, request: str, why: VmusterError) -> None:
        """A person, the first word of the request, was told that it is not taken."""
        self.truth.refused.append((request.partition(" ")[0], str(why)))
        self.note("*", self._spoken(f"{request}: refused: {why}"))

    def restored(self, hosts: Iterable[Host] = (), decided: Iterable[Guarded] = ()) -> None:
        """An older copy of the database was put in its place: with these hosts, and these rows of
        which people decide."""
        self.truth.decided.restored(decided)
        taken = self.truth.taken
        kept = {host.id: (host.epoch, host.sequence) for host in hosts}
        for host, accounts in taken.items():
            stamp = kept.get(host, (0, 0))
            taken[host] = [each for each in accounts if _stamp(each) <= stamp]
        for watcher in self.watchers:
            watcher.restored()

    def served(self) -> None:
        """The present process, a server, has begun to serve."""
        name = self._loop.current.name
        self.truth.serving[name] = self.now
        self.note(name, "serves")
        for watcher in self.watchers:
            watcher.served(name)

    def started(self, process: str) -> None:
        """A server's process begins."""
        self.truth.started[process] = self.now

    def died(self, process: str, why: str) -> None:
        """A server's process is no more."""
        self.note(process, why)
        for watcher in self.watchers:
            watcher.died(process, why)

    def logged(self, event: Mapping[str, object]) -> None:
        """The shipped code in the present process logs a warning, or worse."""
        for watcher in self.watchers:
            watcher.logged(self._loop.current.name, event)

    def failed(self, error: BaseException) -> None:
        """The shipped code in the present process let an error fall."""
        self.note(self._loop.current.name, f"let fall: {type(error).__name__}", loud=False)
        for watcher in self.watchers:
            watcher.failed(self._loop.current.name, error)

    def _spoken(self, words: str) -> str:
        """Words in which VMs and hosts are called by their names, and nothing by an id."""
        return _ID.sub(lambda match: self._called(match[0]), words)

    def _called(self, name: str) -> str:
        if name.startswith("h-"):
            return self._hosts.get(HostId(name), "…")
        known = self.name_of(VmUuid(UUID(name)))
        return "…" if known == name else known

    def _agent(self, host: str) -> _Agent:
        return self._agents.setdefault((host, self._loop.current), _Agent())
