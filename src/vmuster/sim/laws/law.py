"""What a law's checker is: it watches what truly happens, and says when the law is broken."""

from collections.abc import Callable
from typing import ClassVar

import msgspec

from vmuster.model.host import Host
from vmuster.model.ids import HostId
from vmuster.sim.world.host import SimHost
from vmuster.sim.world.pages import MemoryPages
from vmuster.sim.world.truth import Act, Silent
from vmuster.sim.world.world import World


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """A law was broken. `at`: seconds since the run began."""

    law: str
    at: float
    what: str


Broken = Callable[[Violation], None]


class Law(Silent):
    """The checker of one law over one run. It asks the world's truth, never vmuster's records for
    what is so; what a record *claims* is what it judges."""

    name: ClassVar[str]

    def __init__(self, world: World, broken: Broken) -> None:
        self.world = world
        self.truth = world.truth
        self._broken = broken

    def violate(self, what: str) -> None:
        """The law is broken at this moment."""
        self._broken(Violation(law=self.name, at=self.world.loop.time(), what=what))

    def machine_of(self, host: Host | None) -> SimHost | None:
        """The machine that a host's row is of: the one with its uuid, whatever its name."""
        if host is None or host.uuid is None:
            return None
        return next((m for m in self.world.hosts.values() if m.uuid == host.uuid), None)

    def host_named(self, host: HostId | None) -> str:
        """What people call the host of this id, as far as the database knows it."""
        row = None if host is None else self.world.database.row(Host, host)
        return str(host) if row is None else row.name

    def journal_of(self, act: Act) -> MemoryPages | None:
        """The journal of the agent that acts: on the host's own disk, or on its server's."""
        if act.command is None or act.host not in self.world.hosts:
            return None
        disks = {server.process.name: server.disk for server in self.world.servers}
        disk = disks.get(act.process, act.host)
        return self.world.hosts[act.host].pages.get((disk, act.command.host))

    async def at_end(self) -> None:
        """After everything has healed and there was time to settle."""
