"""L9: no resurrection, no forgetting; and an older database that was restored notices it.

What shows that a database is older than its hosts is an agent's journal, or a mark on a VM. The set
of changes that takes such a thing in must put the fleet into quarantine, and while that lasts no
command is issued that anybody carries out, nor is an old one sent. A VM is forgotten by a person's
word alone.
"""

from typing import Final

from vmuster.model.commands import MarkVm, StartVm, StopVm
from vmuster.model.host import Fleet, Host
from vmuster.model.ids import CommandId, HostId, VmUuid
from vmuster.model.messages import Hello, Orders, ToAgent, ToServer, Welcome
from vmuster.model.operations import Operation
from vmuster.model.states import Completeness, OperationKind, OperationState, ProofKind
from vmuster.model.vm import VmRecord
from vmuster.sim.laws.forgotten import Forgotten
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
        self._forgotten: Forgotten | None = None
        """What an older database does not know, until a person has left the quarantine."""
        self._greetings: dict[HostId, str] = {}
        """By a host's greeting that was heard and not yet answered: what it shows."""
        self._doubtful: set[tuple[HostId, int]] = set()
        """The connections, by host and epoch, that began while the fleet was in quarantine."""
        self._connections: dict[tuple[str, str], tuple[HostId, int]] = {}
        """By machine and agent's process, the present one."""
        self._sent: set[CommandId] = set()
        """The commands that were sent in a quarantine."""

    def restored(self) -> None:
        """From now on there may be evidence."""
        self._forgotten = Forgotten(self.world)
        self._greetings.clear()
        self._doubtful.clear()

    def heard(self, host: str, process: str, message: ToServer) -> None:  # noqa: ARG002
        """Evidence arrives."""
        if self._forgotten is not None and isinstance(message, Hello):
            self._greetings[message.host] = self._forgotten.told(message)

    def told(self, host: str, process: str, message: ToAgent) -> None:
        """Orders arrive: in a connection that began in the quarantine that lasts there are none."""
        agent = host, process
        match message:
            case Welcome(epoch=epoch, settings=settings):
                # one that comes late is older than what the agent goes by in this conversation
                known = self._connections.get(agent, (settings.host, 0))
                late = known[0] == settings.host and known[1] > epoch
                self._connections[agent] = known if late else (settings.host, epoch)
            case Orders(commands=commands):
                if self._in_quarantine and self._connections.get(agent) in self._doubtful:
                    self._sent.update(command.id for command in commands)
            case _:
                pass

    def committed(self, commit: Committed) -> None:
        """Evidence is taken in; a person leaves the quarantine; commands are issued."""
        for write in commit.changes.writes:
            match write.before, write.after:
                case VmRecord(live=True) as before, after if not _lives(after):
                    self._ended(before, commit)
                case Host() as before, Host() as after if after.epoch > before.epoch:
                    self._welcomed(after)
                case Fleet() as before, Fleet(quarantine=None) if before.quarantine is not None:
                    self._forgotten = None
                    self._doubtful.clear()
                case _, Operation(state=OperationState.DONE) as done:
                    self._released(done)
                case _:
                    pass
            if isinstance(write.after, VmRecord):
                self._recorded.add(write.after.uuid)
        if self._forgotten is not None and (look := look_of(self.truth, commit)) is not None:
            self._heed(self._forgotten.borne(look.report))
        for order in issued(self.world.database, commit):
            self._orders[order.command.id] = order

    def acted(self, act: Act) -> None:
        """What was remembered of the VM when the command was issued, and when it was sent."""
        what = f"{act.what} of {self.world.name_of(act.vm)} on {act.host}"
        if act.command is not None and act.command.id in self._sent:
            self.violate(f"{what}: sent while the fleet was in quarantine")
        order = None if act.command is None else self._orders.get(act.command.id)
        if order is None:
            return
        command, record = order.command, order.record
        if order.fleet is not None and order.fleet.quarantine is not None:
            self.violate(f"{what}: ordered while the fleet was in quarantine")
        if isinstance(command, StartVm) and (record is None or not record.live):
            self.violate(f"{what}: it is started, and no live record knows it")
        by_name = isinstance(command, StopVm) and command.proof.kind is ProofKind.NAME
        if not isinstance(command, MarkVm) and not by_name and act.vm not in self._recorded:
            self.violate(f"{what}: the database never knew it")

    def _welcomed(self, host: Host) -> None:
        self._heed(self._greetings.pop(host.id, ""))
        if self._in_quarantine:
            self._doubtful.add((host.id, host.epoch))

    def _ended(self, before: VmRecord, commit: Committed) -> None:
        """A live record ends only with its host, which a person removes, or with an operation that
        a person asked for: its release, or an adoption that came to nothing."""
        for write in commit.changes.writes:
            match write.before, write.after:
                case Host(id=before.host), None if commit.asking is not None:
                    return
                case _, Operation(vm=before.uuid, open=False) as ended:
                    lets_go = (ended.kind, ended.state is OperationState.DONE) in _LETS_GO
                    if lets_go and ended.id in self.truth.personal:
                        return
                case _:
                    pass
        self.violate(f"{self.world.name_of(before.uuid)} is forgotten, and nobody has asked for it")

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

    @property
    def _in_quarantine(self) -> bool:
        fleet = self.world.database.row(Fleet)
        return fleet is not None and fleet.quarantine is not None

    def _heed(self, evidence: str) -> None:
        if evidence and self._forgotten is not None and not self._in_quarantine:
            self.violate(f"the database is an older one, and nobody notices: {evidence}")


def _lives(row: object) -> bool:
    return isinstance(row, VmRecord) and row.live


_LETS_GO: Final = frozenset({(OperationKind.RELEASE, True), (OperationKind.ADOPT, False)})
"""What ends a record, and whether it is done then."""
