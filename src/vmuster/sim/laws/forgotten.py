"""What a restored database has forgotten: the world remembers each command that was ever durable.

So what an agent or a VM shows is known to be newer than the database by what truly happened, not
by the numbers that the product compares. What a person has left behind with a quarantine, numbers
not above `Fleet.trusted`, is no news any more.
"""

from collections import defaultdict

from vmuster.model.commands import MarkVm
from vmuster.model.host import Fleet, Host
from vmuster.model.ids import VmUuid
from vmuster.model.mark import RawMark, parse_mark, write_mark
from vmuster.model.messages import Hello
from vmuster.model.report import HostReport
from vmuster.sim.world.world import World


class Forgotten:
    """Of one restoration, as it is at this moment."""

    def __init__(self, world: World) -> None:
        self._world = world
        given, durable = world.database.rows.given, world.truth.commands
        self._commands = durable.keys() - given
        self._marks: defaultdict[VmUuid, set[RawMark]] = defaultdict(set)
        for command in self._commands:
            order = durable[command][1].command
            if isinstance(order, MarkVm):
                self._marks[order.vm].add(write_mark(order.mark))

    def told(self, hello: Hello) -> str:
        """What the agent of a host remembers that the database does not; "" where that is nothing.
        Another machine than the one that is known is not welcome, and accuses nobody."""
        database = self._world.database
        fleet, host = database.row(Fleet), database.row(Host, hello.host)
        if fleet is None or host is None or host.uuid not in (None, hello.facts.uuid):
            return ""
        if fleet.trusted > 0 and hello.intake <= fleet.trusted:
            return ""
        if hello.epoch > host.epoch:
            return f"{host.name} was told epoch {hello.epoch}, not {host.epoch}"
        begun = self._commands.intersection(hello.commands)
        return f"{host.name} has begun {len(begun)} commands that it forgot" if begun else ""

    def borne(self, report: HostReport) -> str:
        """The first mark that a VM bears and that was ordered in the time that is forgotten; ""
        for none. Whether the VM has a record makes no difference."""
        fleet = self._world.database.row(Fleet)
        for seen in report.vms:
            mark = None if seen.mark is None else parse_mark(seen.mark)
            if mark is None or seen.mark not in self._marks[seen.uuid]:
                continue
            if fleet is None or mark.generation > fleet.trusted:
                return f"{self._world.name_of(seen.uuid)} bears mark {mark.generation}"
        return ""
