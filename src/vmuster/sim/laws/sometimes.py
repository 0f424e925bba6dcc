"""Rare states that were reached: a search that never reaches them proves nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from vmuster.model.changes import Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Host
from vmuster.model.ids import OperationId
from vmuster.model.journal import EntryKind, JournalEntry
from vmuster.model.messages import Reported, ToServer
from vmuster.model.operations import Operation
from vmuster.model.states import CommandOutcome, VmPhase
from vmuster.model.vm import VmRecord
from vmuster.sim.laws import rare
from vmuster.sim.world.truth import Act, Asked, Committed, Silent
from vmuster.sim.world.world import World

_FLAPS: Final = 2
"""A host that was lost as often as this, and was not well for long in between, flaps."""

_TOO_RARE: Final = frozenset(
    {
        "a VM was seen while its memory travelled",
        "a call that was given up came back",
        "a mark was refused on a saved VM",
        "a start was refused for a copy that may be left",
        "a start was refused for a migration",
        "an end by force was refused, for it was started again",
        "an old home was asked to look",
        "an order came while it was not sure whose host it is",
        "an order to start was refused, for it was not plainly stopped",
        "an order to stop was refused, for it was not plainly running",
        "an order was refused for a disarming",
        "an order was refused for an epoch given twice",
        "an order was refused for another mark",
        "an order was refused for the mode of its host",
        "an order was refused for the quarantine",
        "what was done was undone before it was seen",
    }
)
"""For chance alone, in 200 schedules: a story, or another test, reaches each of these."""

REACHED: Final = tuple(name for name in rare.CATALOGUE if name not in _TOO_RARE)
"""What must be reached at least once in 200 schedules: the gate fails otherwise."""


class Sometimes(Silent):
    """Counts them over one run."""

    def __init__(self, world: World) -> None:
        self.counts: Counter[str] = Counter()
        self._world = world
        self._answered: set[OperationId] = set()

    def committed(self, commit: Committed) -> None:
        """What the journal says, and what rows become."""
        for entry in commit.changes.entries:
            self._entered(entry)
        for write in commit.changes.writes:
            self._written(write)

    def acted(self, act: Act) -> None:
        """What is done."""
        self._count(rare.BY_DEED.get(act.what))
        if act.command is not None and act.command.automatic:
            self._count(rare.STARTED if act.what == "start" else rare.STOPPED)
        if act.what == "start" and any(machine != act.host for machine in act.runs_on):
            self._count(rare.UNKNOWABLE)

    def heard(self, host: str, process: str, message: ToServer) -> None:  # noqa: ARG002
        """An account that is older than what is recorded."""
        if isinstance(message, Reported):
            report = message.report
            row = self._world.database.row(Host, report.host)
            stamp = report.epoch, report.sequence
            self._count(rare.STALE if row and stamp <= (row.epoch, row.sequence) else None)

    def asked(self, asked: Asked) -> None:
        """An operation that somebody was told of before."""
        if asked.operation is not None:
            again = asked.operation.id in self._answered
            self._count(rare.REPEATED if again else None)
            self._answered.add(asked.operation.id)

    def stale(self, process: str, why: str) -> None:  # noqa: ARG002
        """Somebody wrote in between."""
        self._count(rare.MET)

    def restored(self) -> None:
        """The database is an older one."""
        self._count(rare.RESTORED)

    def died(self, process: str, why: str) -> None:  # noqa: ARG002
        """Where a server died."""
        self._count(rare.BY_DEATH.get(why))

    def logged(self, process: str, event: Mapping[str, object]) -> None:  # noqa: ARG002
        """What only the log says."""
        self._count(rare.BY_LOG.get(str(event.get("event"))))

    def _entered(self, entry: JournalEntry) -> None:
        self._count(rare.BY_RULE.get(entry.rule))
        if entry.kind is EntryKind.HELD:
            self._count(rare.HELD)
        self._found(entry.what, rare.BY_WORDS)
        refused = entry.evidence.get("outcome") == CommandOutcome.REFUSED
        if entry.kind is EntryKind.RESULT and refused:
            self._found(entry.what, rare.REFUSALS)

    def _written(self, write: Write) -> None:
        match write.before, write.after:
            case Host() as before, Host() as after:
                self._count(rare.BY_HEALTH.get((before.health, after.health)))
                flaps = before.flaps < _FLAPS <= after.flaps
                self._count(rare.FLAPPED if flaps else None)
            case Operation(open=True), Operation(open=False) as ended:
                self._count(rare.BY_END.get((ended.kind, ended.state)))
            case OutboxCommand(), OutboxCommand(result=result) if result is not None:
                self._count(rare.UNKNOWN if result.unknown else None)
            case VmRecord() as before, VmRecord() as after:
                self._recorded(before, after)
            case _:
                pass

    def _recorded(self, before: VmRecord, after: VmRecord) -> None:
        if VmPhase.MISSING is after.phase is not before.phase:
            runs = self._world.truth.runs_on(after.uuid, self._world.hosts)
            self._count(rare.UNSEEN if runs else None)
        if 1 < after.restart_tries > before.restart_tries:
            self._count(rare.TRIED)

    def _found(self, what: str, words: Mapping[str, str]) -> None:
        found: Iterable[str] = (name for said, name in words.items() if said in what)
        for name in found:
            self._count(name)

    def _count(self, name: str | None) -> None:
        if name is not None:
            self.counts[name] += 1
