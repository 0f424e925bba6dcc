"""L7: an older account never overwrites a newer one, whichever server takes it in.

And between hosts, where there is no common clock: a record leaves a host only once that host has
looked again, after the VM was seen elsewhere, and no longer shows it as running.
"""

from vmuster.model.host import Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.states import Completeness, PowerReason
from vmuster.model.vm import VmRecord
from vmuster.sim.laws.knowing import OFF, look_of, shown
from vmuster.sim.laws.law import Broken, Law
from vmuster.sim.world.truth import Committed, Looked, Taken
from vmuster.sim.world.world import World


class Order(Law):
    """See above."""

    name = "L7"

    def __init__(self, world: World, broken: Broken) -> None:
        super().__init__(world, broken)
        self._stamps: dict[HostId, tuple[int, int]] = {}

    def committed(self, commit: Committed) -> None:
        """The stamp of a host rises; a record moves by evidence."""
        for write in commit.changes.writes:
            before, after = write.before, write.after
            if isinstance(after, Host):
                self._stamped(after)
            elif isinstance(before, VmRecord) and isinstance(after, VmRecord):
                moved = before.host not in (None, after.host)
                if moved and before.live and after.live:
                    self._moved(before, after, look_of(self.truth, commit))

    def restored(self) -> None:
        """An older database begins anew."""
        self._stamps.clear()

    def _stamped(self, host: Host) -> None:
        stamp = host.epoch, host.sequence
        highest = self._stamps.get(host.id, (0, 0))
        if stamp < highest:
            went = f"from {highest[0]}.{highest[1]} to {stamp[0]}.{stamp[1]}"
            self.violate(f"the account of {host.name} went back {went}")
        self._stamps[host.id] = max(stamp, highest)

    def _moved(self, before: VmRecord, after: VmRecord, look: Looked | None) -> None:
        name, home = self.world.name_of(after.uuid), before.host
        if home is None or after.host is None:
            return
        if look is None or look.report.host != after.host or shown(look.report, after.uuid) is None:
            self.violate(f"the record of {name} moved, and no look at its new host showed it there")
            return
        first = self._first_shown(after.host, after.uuid)
        if not any(self._left(taken.look, after.uuid, first) for taken in self._taken(home)):
            where = self.host_named(home)
            self.violate(f"the record of {name} left {where}, which had not looked again")

    def _first_shown(self, host: HostId, vm: VmUuid) -> float:
        """When a look at this host was sent off that first showed it there."""
        looks = [taken.look for taken in self._taken(host)]
        return min((look.sent for look in looks if shown(look.report, vm)), default=0.0)

    def _left(self, look: Looked, vm: VmUuid, since: float) -> bool:
        """Whether this look, begun since then, did not show it running: what is paused while its
        memory travels does not run. Of single VMs it is not known when a look began; then it
        counts when it was sent off."""
        report, seen = look.report, shown(look.report, vm)
        complete = report.completeness is Completeness.COMPLETE
        if (look.began if complete else look.sent) < since:
            return False
        if seen is None:
            return complete or vm in report.absent
        return seen.power in OFF or seen.reason is PowerReason.MIGRATING

    def _taken(self, host: HostId) -> list[Taken]:
        return self.truth.taken.get(host, [])
