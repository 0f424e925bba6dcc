"""L5: epochs and generations never go backwards at a host, nor on a VM.

Where an older database meets an agent that has lost its journal, nobody is left who could know:
then an epoch counts as far as the acting agent's journal still has it, or an agent was told it
since. So it is where a host has no agent on it, and what was told lies on the disk of another
server's machine. The marks that VMs still bear are known in any case.
"""

import math

from vmuster.model.commands import MarkVm
from vmuster.model.host import Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.mark import OwnershipMark, parse_mark
from vmuster.model.messages import ToAgent, Welcome
from vmuster.model.vm import VmRecord
from vmuster.sim.laws.law import Broken, Law
from vmuster.sim.world.truth import Act, Committed
from vmuster.sim.world.world import World


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

    def acted(self, act: Act) -> None:
        """An act is of the newest epoch of its host; a new mark is above every other."""
        if act.told_epoch < min(act.highest_epoch, self._known(act)):
            self.violate(
                f"{act.what} of {self.world.name_of(act.vm)} on {act.host} under epoch"
                f" {act.told_epoch}, and an agent of it was told {act.highest_epoch}"
            )
        if act.what == "mark" and isinstance(act.command, MarkVm):
            self._marked(act, act.command.mark)

    def told(self, host: str, process: str, message: ToAgent) -> None:  # noqa: ARG002
        """An epoch is given."""
        if self._since is not None and isinstance(message, Welcome):
            there = message.settings.host
            self._since[there] = max(message.epoch, self._since.get(there, 0))

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


def _generation(mark: OwnershipMark) -> int:
    return mark.generation
