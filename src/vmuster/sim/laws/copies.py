"""L2: we start no second copy of a VM, where anybody could have known of the first.

Known is what a report had said before the command was durable, and of the machine itself what its
own witness can see at the moment of the deed. A copy of which nobody had said anything is beyond
any server's knowledge, and is no violation.
"""

from vmuster.model.host import Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.sim.laws.knowing import look_of, shown_running
from vmuster.sim.laws.law import Broken, Law
from vmuster.sim.world.truth import Act, Committed
from vmuster.sim.world.world import World


class Copies(Law):
    """See above."""

    name = "L2"

    def __init__(self, world: World, broken: Broken) -> None:
        super().__init__(world, broken)
        self._said_gone: dict[tuple[HostId, VmUuid], float] = {}
        """When a person gave their word that nothing of a VM is left on a host."""

    def committed(self, commit: Committed) -> None:
        """A person's word goes before what was shown, until it is shown again."""
        if look_of(self.truth, commit) is not None:
            return
        changes = commit.changes
        gone = [(s.host, s.uuid) for s in changes.sightings if s.absence_confirmed]
        for key in (*changes.gone, *gone):
            self._said_gone[key] = commit.at

    def acted(self, act: Act) -> None:
        """A start: the VM must run nowhere, as far as that could be known."""
        if act.what != "start":
            return
        what = f"{self.world.name_of(act.vm)} is started on {act.host}"
        for machine in act.runs_on:
            if machine != act.host:
                if self._known_on(machine, act):
                    self.violate(f"{what}, and runs on {machine}, which had said so")
            elif not self.world.hosts[machine].blind or self._automatic(act):
                self.violate(f"{what}, where a process of it runs")

    def _automatic(self, act: Act) -> bool:
        return act.command is not None and act.command.automatic

    def _known_on(self, machine: str, act: Act) -> bool:
        """Whether a report of this machine, by whichever host it is to us, had shown it running."""
        durable = None if act.command is None else self.truth.commands.get(act.command.id)
        before = act.at if durable is None else durable[0]
        for host in self.truth.taken:
            taken = shown_running(self.truth, host, act.vm, before)
            if taken is None or taken.look.machine != machine:
                continue
            if self._said_gone.get((host, act.vm), -1.0) >= taken.at:
                continue
            if self.world.database.row(Host, host) is not None:
                return True
        return False
