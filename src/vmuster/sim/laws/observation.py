"""L6: no record, sighting or account says of a VM that it is off or gone, while it ran throughout.

Each claim is held against the look that it rests on: whether the VM's process ran on that machine
from before the look began until after it was sent off. That a VM was merely not shown is no claim.
"""

from vmuster.model.host import Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.states import Completeness, VmPhase
from vmuster.model.vm import Sighting, VmRecord
from vmuster.sim.laws.knowing import OFF, bears_ours, look_of, ran_through, shown_running
from vmuster.sim.laws.law import Broken, Law
from vmuster.sim.world.truth import Committed, Looked, Taken
from vmuster.sim.world.world import World

_Place = tuple[HostId, VmUuid]


class Observation(Law):
    """See above."""

    name = "L6"

    def __init__(self, world: World, broken: Broken) -> None:
        super().__init__(world, broken)
        self._looks: dict[_Place, Looked] = {}
        """The look that last said something of a VM on a host."""
        self._gone: set[_Place] = set()
        """Of these a look, or a person, has said that they are gone, and none since otherwise."""

    def committed(self, commit: Committed) -> None:
        """Everything that is claimed by this."""
        look = look_of(self.truth, commit)
        if look is not None:
            self._said(look)
        for sighting in commit.changes.sightings:
            self._sighted(sighting, look)
        for write in commit.changes.writes:
            if isinstance(write.after, VmRecord) and write.after.live:
                before = write.before if isinstance(write.before, VmRecord) else None
                self._recorded(before, write.after, commit.at)
            elif isinstance(write.before, Host) and isinstance(write.after, Host):
                self._welcomed(write.before, write.after)

    def _welcomed(self, before: Host, after: Host) -> None:
        """A host is another machine only by a person's word."""
        if before.uuid not in (None, after.uuid) and before.accepted != after.uuid:
            self.violate(f"{after.name} is another machine now, which nobody has accepted")

    def restored(self) -> None:
        """The older database claims what it claimed then."""
        self._looks.clear()
        for taken in (each for accounts in self.truth.taken.values() for each in accounts):
            report = taken.look.report
            for vm in (*(seen.uuid for seen in report.vms), *report.absent):
                self._looks[report.host, vm] = taken.look
        confirmed = (s for s in self.world.database.every(Sighting) if s.absence_confirmed)
        self._gone.update((sighting.host, sighting.uuid) for sighting in confirmed)

    def _said(self, look: Looked) -> None:
        """What the account itself claims."""
        report = look.report
        for seen in report.vms:
            place = report.host, seen.uuid
            self._looks[place] = look
            self._gone.discard(place)
            if ran_through(self.truth, look, seen.uuid):
                if seen.power in OFF:
                    self._claim(seen.uuid, look, f"is reported {seen.power}")
                self._still_missing(look, seen.uuid)
        for vm in report.absent:
            place = report.host, vm
            self._looks[place] = look
            self._gone.add(place)
            if ran_through(self.truth, look, vm):
                self._claim(vm, look, "is reported gone")

    def _sighted(self, sighting: Sighting, look: Looked | None) -> None:
        place = sighting.host, sighting.uuid
        by = self._looks.get(place)
        if sighting.absent and sighting.absence_confirmed:
            if look is None:
                self._gone.add(place)
            elif place not in self._gone:
                name = self.world.name_of(sighting.uuid)
                where = self.host_named(sighting.host)
                self.violate(f"{name} is noted as gone from {where}, which nobody has said")
        elif not sighting.absent and sighting.power in OFF:
            self._off(place, by, f"is noted {sighting.power}")

    def _recorded(self, before: VmRecord | None, after: VmRecord, at: float) -> None:
        """A record claims what it says anew: how the VM is, where it lives, its phase."""
        if after.host is None:
            return
        by = self._looks.get((after.host, after.uuid))
        was = before if before is not None and before.host == after.host else None
        power = after.power in OFF and (was is None or was.power is not after.power)
        phase = was is None or was.phase is not after.phase
        place = after.host, after.uuid
        if power:
            self._off(place, by, f"is recorded {after.power}")
        elif phase and after.phase is VmPhase.STOPPED:
            self._off(place, by, "is recorded in phase stopped")
        if phase and after.phase is VmPhase.MISSING:
            self._missing(after, after.host, by, at)

    def _missing(self, record: VmRecord, home: HostId, by: Looked | None, at: float) -> None:
        """Missing is not at home, nor anywhere else where it was shown, and can be proved ours."""
        name = self.world.name_of(record.uuid)
        if by is not None and ran_through(self.truth, by, record.uuid):
            self._claim(record.uuid, by, "is recorded missing")
        elif (home, record.uuid) not in self._gone:
            self.violate(f"{name} is recorded missing, and nobody has said that it is gone")
        for other in self.truth.taken:
            taken = shown_running(self.truth, other, record.uuid, at)
            if taken is None or self._replaced(taken, record.uuid):
                continue
            if bears_ours(self.truth, taken.look.report, record.uuid):
                where = self.host_named(other)
                self.violate(
                    f"{name} is recorded missing, and {where} had shown that it runs there"
                )

    def _replaced(self, taken: Taken, vm: VmUuid) -> bool:
        """Whether a person has said since that this host is another machine (`_welcomed` sees to
        that), and that one has said which VMs it has: then it speaks for the host, and the machine
        before is one of which nobody knows."""
        host, before = taken.look.report.host, taken.look.machine
        now = self.machine_of(self.world.database.row(Host, host))
        if now is None or now.name == before:
            return False
        since = (each.look for each in self.truth.taken[host] if each.at > taken.at)
        return any(
            look.machine == now.name
            and (look.report.completeness is Completeness.COMPLETE or vm in look.report.absent)
            for look in since
        )

    def _still_missing(self, look: Looked, vm: VmUuid) -> None:
        """What its own host shows, with a mark of ours, is missing no more."""
        record = self.world.database.row(VmRecord, vm)
        if record is None or record.phase is not VmPhase.MISSING:
            return
        if record.host == look.report.host and bears_ours(self.truth, look.report, vm):
            self._claim(vm, look, "stays recorded missing")

    def _off(self, place: _Place, look: Looked | None, claim: str) -> None:
        """It is said to be off; by a look that may not even have said so, or by none: then it is
        held against how the VM is now."""
        host, vm = place
        if look is not None:
            if ran_through(self.truth, look, vm):
                self._claim(vm, look, claim)
            return
        machine = self.machine_of(self.world.database.row(Host, host))
        if machine is not None and self.truth.running(machine.name, vm) is not None:
            name = self.world.name_of(vm)
            self.violate(f"{name} {claim}, by nobody's look, and runs on {machine.name}")

    def _claim(self, vm: VmUuid, look: Looked, claim: str) -> None:
        name, machine = self.world.name_of(vm), look.machine
        self.violate(f"{name} {claim}, and ran on {machine} all the while that was looked at")
