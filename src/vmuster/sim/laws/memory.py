"""L9: no resurrection, no forgetting; and an older database that was restored notices it.

What shows that a database is older than its hosts is an agent's journal, or a mark on a VM. The set
of changes that takes such a thing in must put the fleet into quarantine, and while that lasts no
command is issued that anybody carries out.
"""

from vmuster.model.commands import MarkVm, StartVm, StopVm
from vmuster.model.host import Fleet, Host
from vmuster.model.ids import CommandId, HostId, VmUuid
from vmuster.model.mark import RawMark, parse_mark
from vmuster.model.messages import Hello, Reported, ToServer
from vmuster.model.operations import Operation
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, OperationKind, OperationState, ProofKind
from vmuster.model.vm import Sighting, VmRecord
from vmuster.sim.laws.issuing import Issued, issued
from vmuster.sim.laws.knowing import look_of, shown
from vmuster.sim.laws.law import Broken, Law
from vmuster.sim.world.truth import Act, Committed
from vmuster.sim.world.world import World


class Memory(Law):
    """See above."""

    name = "L9"

    def __init__(self, world: World, broken: Broken) -> None:
        super().__init__(world, broken)
        self._orders: dict[CommandId, Issued] = {}
        self._recorded: set[VmUuid] = set()
        self._older = False
        self._greetings: dict[HostId, str] = {}
        """By a host's greeting that was heard and not yet answered: what it shows."""
        self._reports: dict[tuple[HostId, int, int], str] = {}
        """The same of reports that were heard and not yet taken in."""

    def restored(self) -> None:
        """From now on there may be evidence."""
        self._older = True
        self._greetings.clear()
        self._reports.clear()

    def heard(self, host: str, process: str, message: ToServer) -> None:  # noqa: ARG002
        """Evidence arrives."""
        if not self._older:
            return
        match message:
            case Hello():
                self._greetings[message.host] = self._remembers(message)
            case Reported(report=report):
                stamp = report.host, report.epoch, report.sequence
                self._reports[stamp] = self._shows(report)
            case _:
                pass

    def committed(self, commit: Committed) -> None:
        """Evidence is taken in; a person leaves the quarantine; commands are issued."""
        for write in commit.changes.writes:
            before, after = write.before, write.after
            if isinstance(after, VmRecord):
                self._recorded.add(after.uuid)
            if isinstance(before, Host) and isinstance(after, Host) and after.epoch > before.epoch:
                self._heed(self._greetings.pop(after.id, ""))
            if isinstance(before, Fleet) and isinstance(after, Fleet):
                left = before.quarantine is not None and after.quarantine is None
                self._older = self._older and not left
        if self._older and (look := look_of(self.truth, commit)) is not None:
            report = look.report
            stamp = report.host, report.epoch, report.sequence
            self._heed(self._reports.pop(stamp, ""))
        for order in issued(self.world.database, commit):
            self._orders[order.command.id] = order
        for write in commit.changes.writes:
            if isinstance(write.after, Operation) and write.after.state is OperationState.DONE:
                self._released(write.after)

    def _released(self, operation: Operation) -> None:
        """A VM is let go: its host does not show it with our mark any more."""
        if operation.kind is not OperationKind.RELEASE:
            return
        vm = operation.vm
        for taken in reversed(self.truth.taken.get(operation.host, ())):
            report, seen = taken.look.report, shown(taken.look.report, vm)
            if seen is not None and seen.mark in self.truth.written.get(vm, ()):
                self.violate(f"{self.world.name_of(vm)} is forgotten, and bears our mark")
            if seen or vm in report.absent or report.completeness is Completeness.COMPLETE:
                return

    def acted(self, act: Act) -> None:
        """What was remembered of the VM when the command was issued."""
        order = None if act.command is None else self._orders.get(act.command.id)
        if order is None:
            return
        what = f"{act.what} of {self.world.name_of(act.vm)} on {act.host}"
        command, record = order.command, order.record
        if order.fleet is not None and order.fleet.quarantine is not None:
            self.violate(f"{what}: ordered while the fleet was in quarantine")
        if isinstance(command, StartVm) and (record is None or not record.live):
            self.violate(f"{what}: it is started, and no live record knows it")
        by_name = isinstance(command, StopVm) and command.proof.kind is ProofKind.NAME
        if not isinstance(command, MarkVm) and not by_name and act.vm not in self._recorded:
            self.violate(f"{what}: the database never knew it")

    def _heed(self, evidence: str) -> None:
        fleet = self.world.database.row(Fleet)
        if evidence and self._older and (fleet is None or fleet.quarantine is None):
            self.violate(f"the database is an older one, and nobody notices: {evidence}")

    def _remembers(self, hello: Hello) -> str:
        """What an agent's journal knows that the database does not; "" where that is nothing."""
        fleet, host = self.world.database.row(Fleet), self.world.database.row(Host, hello.host)
        if fleet is None or host is None or hello.facts.uuid != host.uuid:
            return ""
        if fleet.trusted > 0 and hello.intake <= fleet.trusted:
            return ""
        told = hello.epoch > host.epoch
        return f"{host.name} was told epoch {hello.epoch}, not {host.epoch}" if told else ""

    def _shows(self, report: HostReport) -> str:
        """What a VM bears that its record does not know; "" where no VM does."""
        fleet, host = self.world.database.row(Fleet), self.world.database.row(Host, report.host)
        if fleet is None or host is None or report.epoch != host.epoch:
            return ""
        for seen in report.vms:
            record = self.world.database.row(VmRecord, seen.uuid)
            if record is None or seen.mark not in self.truth.written.get(seen.uuid, ()):
                continue
            generation = _generation(seen.mark)
            newer = generation > max(record.mark_generation, fleet.trusted)
            if newer and not self._seen_before(seen.uuid, seen.mark):
                return f"{self.world.name_of(seen.uuid)} bears mark {generation}"
        return ""

    def _seen_before(self, vm: VmUuid, mark: RawMark | None) -> bool:
        sightings = self.world.database.every(Sighting)
        return any(seen.uuid == vm and seen.raw_mark == mark for seen in sightings)


def _generation(raw: RawMark | None) -> int:
    mark = None if raw is None else parse_mark(raw)
    return 0 if mark is None else mark.generation
