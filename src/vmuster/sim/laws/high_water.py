"""L5: epochs and generations never go backwards at a host, nor on a VM.

Where an older database meets an agent that has lost its journal, nobody is left who could know:
then an epoch counts as far as the acting agent's journal still has it, or an agent was told it
since. So it is where a host has no agent on it, and what was told lies on the disk of another
server's machine. The marks that VMs still bear are known in any case.

Where two servers have agents of their own for a host, on two machines, nothing but the database
tells one of the other: what an agent on the other machine was told counts as soon as there was time
to read it there, for a server that did not stand still and a database that answered.
"""

import math
from typing import Final

from vmuster.model.commands import MarkVm
from vmuster.model.host import Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.mark import OwnershipMark, parse_mark
from vmuster.model.messages import ToAgent, Welcome
from vmuster.model.vm import VmRecord
from vmuster.sim.laws.law import Broken, Law
from vmuster.sim.world.server import SimServer
from vmuster.sim.world.truth import Act, Committed
from vmuster.sim.world.world import World

READS_SECONDS: Final = 20.0
"""In that time a server has read what is written of its hosts: it sweeps every few seconds."""


class HighWater(Law):
    """See above."""

    name = "L5"

    def __init__(self, world: World, broken: Broken) -> None:
        super().__init__(world, broken)
        self._marks: dict[VmUuid, OwnershipMark] = {}
        """The highest mark that was written into each VM, as far as it could be known."""
        self._since: dict[HostId, int] | None = None
        """The highest epoch that an agent of a host was told since an older database was restored,
        or that it knew; None where none was."""
        self._told: dict[HostId, list[tuple[float, str, int]]] = {}
        """When an agent of each host was told of an epoch, and on whose disk it keeps that."""

    def acted(self, act: Act) -> None:
        """An act is of the newest epoch of its host; a new mark is above every other."""
        if act.told_epoch < min(act.highest_epoch, self._known(act), self._read(act)):
            self.violate(
                f"{act.what} of {self.world.name_of(act.vm)} on {act.host} under epoch"
                f" {act.told_epoch}, and an agent of it was told {act.highest_epoch}"
            )
        if act.what == "mark" and isinstance(act.command, MarkVm):
            self._marked(act, act.command.mark)

    def told(self, host: str, process: str, message: ToAgent) -> None:
        """An epoch is given."""
        if not isinstance(message, Welcome):
            return
        there, epoch = message.settings.host, message.epoch
        if self._since is not None:
            self._since[there] = max(epoch, self._since.get(there, 0))
        server = self._server(process)
        disk = host if server is None else server.disk
        self._told.setdefault(there, []).append((self.world.loop.time(), disk, epoch))

    def committed(self, commit: Committed) -> None:
        """No record goes back."""
        for write in commit.changes.writes:
            before, after = write.before, write.after
            if not isinstance(before, VmRecord) or not isinstance(after, VmRecord):
                continue
            for number in ("generation", "mark_generation"):
                if getattr(after, number) < getattr(before, number):
                    self.violate(f"the {number} of {after.name} goes back in its record")

    def restored(self) -> None:
        """What no VM bears any more is not known any more."""
        self._since = {host.id: host.epoch for host in self.world.database.every(Host)}
        self._marks.clear()
        for machine in self.world.hosts.values():
            for vm, domain in machine.hypervisor.domains.items():
                for raw in (domain.live_mark, domain.config_mark):
                    mark = None if raw is None else parse_mark(raw)
                    if mark is not None and raw in self.truth.written.get(vm, ()):
                        self._marks[vm] = max(self._marks.get(vm, mark), mark, key=_generation)

    def _marked(self, act: Act, mark: OwnershipMark) -> None:
        before = self._marks.get(act.vm)
        if before is not None and mark.generation <= before.generation and mark != before:
            self.violate(
                f"{self.world.name_of(act.vm)} on {act.host} is marked with generation"
                f" {mark.generation}, and {before.generation} was written before"
            )
        self._marks[act.vm] = max(before or mark, mark, key=_generation)

    def _known(self, act: Act) -> float:
        """The highest epoch of a host that the database or the acting agent still knows of; without
        an older database, everybody knows them all."""
        if self._since is None or act.command is None:
            return math.inf
        journal = self.journal_of(act)
        return max(self._since.get(act.command.host, 0), 0 if journal is None else journal.epoch)

    def _read(self, act: Act) -> float:
        """The highest epoch of a host that was told on the acting agent's machine, or that its
        server can have read in the database; whoever is on the host itself was told them all."""
        server = self._server(act.process)
        if server is None or act.command is None:
            return math.inf
        database = self.world.database
        up = math.inf if database.away else max(server.process.woken, database.back_at)
        known = (
            epoch
            for at, disk, epoch in self._told.get(act.command.host, ())
            if disk == server.disk or max(at, up) + READS_SECONDS < act.at
        )
        return max(known, default=0)

    def _server(self, process: str) -> SimServer | None:
        return next((each for each in self.world.servers if each.process.name == process), None)


def _generation(mark: OwnershipMark) -> int:
    return mark.generation
