"""What other hands than a pass did between two passes, done to the supposed rows as well.

People ask for things, decide about plans, set modes and policies; agents answer commands; the
server greets hosts and sweeps. None of it is recorded but by its traces: the rows that the next
pass read are not those that the passes before had left. Such a trace is carried over field by
field. Where a supposed record says something else by then it stays, but that a person's request
says what is wanted, whatever was.
"""

from typing import Final, TypeVar

import msgspec

from vmuster.model.automation import HeldPlan
from vmuster.model.host import Fleet, Host
from vmuster.model.ids import VmUuid
from vmuster.model.operations import Operation
from vmuster.model.states import OperationKind
from vmuster.model.vm import Sighting, VmRecord
from vmuster.reconcile.passed import Given
from vmuster.reconcile.supposed import Change, supposed_cluster, supposed_host
from vmuster.server.passes.gather import load
from vmuster.server.passes.scope import Judged
from vmuster.sim.whatif.older import Loans, is_older
from vmuster.sim.whatif.rows import (
    Beyond,
    Kept,
    Place,
    Rows,
    changed,
    joined,
    place_of,
    rows_read,
    rows_recorded,
)

_Row = TypeVar("_Row", bound=msgspec.Struct)
_WANTED: Final = frozenset({"desired", "phase"})
"""What a request says of a VM."""


class Hands:
    """`was`: the rows as they were; `now`: those of the course that `change` would have made."""

    def __init__(self, was: Rows, now: Rows, change: Change) -> None:
        self._was = was
        self._now = now
        self._change = change
        self._loans = Loans()

    async def carry_over(self, given: Given, doubted: frozenset[VmUuid]) -> None:
        """Have `was` be what the pass over `given` had read, and do to `now` what was done to
        `was` since the pass before.

        `doubted`: VMs about which the present rules conclude otherwise than it was recorded: what
        became of them is taken for the deed of that pass, and no other's. Raises `Refused` where a
        setting of the change is none.
        """
        recorded = given.recorded
        self._above(given)
        (rows,) = await load(self._was, (Judged(report=given.report),), given.at)
        if rows is None:
            return
        read, told = rows_read(rows), rows_recorded(recorded)
        let_go = _let_go(told)
        for place in dict.fromkeys((*read, *told)):
            before, after = self._was.at(place), told.get(place)
            if before is not None and is_older(self._was, before, after, given):
                for course in (self._now, self._was):
                    self._loans.lend(course, before, after)
            else:
                self._follow(before, after, doubted, let_go)
        self._now.beyond = Beyond(
            orphans=recorded.orphans - self._was.orphans(recorded.host.cluster),
            spent=joined(recorded.spent, rows.spent, -1),
        )

    def give_back(self) -> None:
        """The pass is over: what it had read too early stands there no more."""
        self._loans.give_back()

    def _above(self, given: Given) -> None:
        """Fleet, cluster and host: what was said of them holds, whatever they were."""
        was, now, change = self._was, self._now, self._change
        host = given.recorded.host
        now.put(_with(now.row(Fleet), was.row(Fleet), given.fleet))
        now.put(supposed_cluster(given.cluster, given.fleet, change))
        present = _with(now.row(Host, host.id), was.row(Host, host.id), host)
        now.put(supposed_host(present, change))
        for row in (given.fleet, given.cluster, host):
            was.put(row)

    def _follow(
        self,
        before: Kept | None,
        after: Kept | None,
        doubted: frozenset[VmUuid],
        let_go: frozenset[VmUuid],
    ) -> None:
        """One row, as it was left and as it was found."""
        if after is None:
            if before is not None:
                self._was.drop(before)
                if not _is_doubted(before, before, doubted):
                    self._drop(before)
            return
        self._was.put(after)
        if before == after or _is_doubted(before, after, doubted):
            return
        if before is None:
            self._add(after)
        else:
            self._alter(before, after, let_go)

    def _drop(self, row: Kept) -> None:
        if not _is_another_plan(self._now.at(place_of(row)), row):
            self._now.drop(row)

    def _add(self, row: Kept) -> None:
        if isinstance(row, Operation):
            for other in list(self._now.every(Operation)):
                if other.open and other.vm == row.vm:
                    self._now.drop(other)
        self._now.put(row)

    def _alter(self, before: Kept, after: Kept, let_go: frozenset[VmUuid]) -> None:
        present = self._now.at(place_of(after))
        if present is None or _is_another_plan(present, before):
            return
        fields = changed(before, after)
        if isinstance(present, VmRecord):
            asked = "generation" in fields and present.uuid not in let_go
            wanted = {name: getattr(after, name) for name in _WANTED} if asked else {}
            fields = {
                name: value
                for name, value in fields.items()
                if getattr(present, name) == getattr(before, name)
            } | wanted
        self._now.put(msgspec.structs.replace(present, **fields))


def _is_another_plan(present: Kept | None, row: Kept) -> bool:
    """Whether another plan is held: nobody has decided about that one."""
    return isinstance(present, HeldPlan) and isinstance(row, HeldPlan) and present.id != row.id


def _let_go(told: dict[Place, Kept]) -> frozenset[VmUuid]:
    """The VMs that somebody has asked to let go: that says nothing of their power."""
    return frozenset(
        row.vm
        for row in told.values()
        if isinstance(row, Operation) and row.kind is OperationKind.RELEASE
    )


def _is_doubted(before: Kept | None, after: Kept, doubted: frozenset[VmUuid]) -> bool:
    """Whether a pass of which one can't tell what it wrote may have written this row."""
    match after:
        case VmRecord():
            old = before.generation if isinstance(before, VmRecord) else after.generation
            return after.uuid in doubted and old == after.generation
        case Sighting():
            return after.uuid in doubted
        case Operation():
            return after.vm in doubted and after.automatic
        case HeldPlan():
            return bool(doubted)


def _with(present: _Row | None, before: _Row | None, after: _Row) -> _Row:
    """`present`, with what `after` has made of `before`."""
    if present is None or before is None:
        return after
    return msgspec.structs.replace(present, **changed(before, after))
