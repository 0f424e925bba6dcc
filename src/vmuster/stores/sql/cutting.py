"""Sets of changes cut into runs that may be written together, as if one after another.

The rows of a run are written by deed and kind, so what one of its sets does must not matter to
another: none is guarded on that an earlier set writes, and none is made or dropped on whose being
there another set relies. No row is written twice, but for one that each set finds as the one before
leaves it, and in which nothing is unique: it is written once, as the last of them leaves it. So
many plans may spend of one budget, and stay one statement.

What must be unique is not looked at. Rows are inserted first and dropped last, so a value that
is given back is given back later than one by one, and one that is claimed is claimed no later:
a run may be refused where its sets are not, and is then written in smaller ones, but never the
other way round.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from vmuster.model.automation import HeldPlan
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Cluster, Host
from vmuster.model.rows import key_fields, picked
from vmuster.model.vm import Sighting, VmRecord
from vmuster.stores.kinds import KINDS
from vmuster.stores.settle import row_of

_Place = tuple[Any, tuple[Any, ...]]
"""Which row it is: its kind and its key."""
_OWNERS: Final = {Host: (Cluster, picked(["cluster"])), HeldPlan: (Host, picked(["host"]))}
"""On whose being there a row of a kind relies."""


class _Touched:
    """Rows that a run touches. `written`: any that it writes; `left`: of them, those that may be
    written again, with the versions that they are found and left with; `made`: those that were not
    there before or are not after; `relied_on`: those that must be there."""

    def __init__(self) -> None:
        self.written = set[_Place]()
        self.left = dict[_Place, tuple[int, int]]()
        self.made = set[_Place]()
        self.relied_on = set[_Place]()

    def takes(self, other: "_Touched", guarded: set[_Place]) -> bool:
        """Whether a set that touches `other`, if what it `guarded` holds, may join."""
        return (
            all(self._leaves(place, other) for place in self.written & other.written)
            and self.written.isdisjoint(guarded)
            and self.made.isdisjoint(other.relied_on)
            and self.relied_on.isdisjoint(other.made)
        )

    def _leaves(self, place: _Place, other: "_Touched") -> bool:
        """Whether a row is left as `other` finds it."""
        left, found = self.left.get(place), other.left.get(place)
        return left is not None and found is not None and left[1] == found[0]

    def add(self, other: "_Touched") -> None:
        """Have what `other` touches be touched too."""
        self.written |= other.written
        self.left |= other.left
        self.made |= other.made
        self.relied_on |= other.relied_on


def runs(sets: Sequence[Changes]) -> Iterator[Sequence[Changes]]:
    """Settled `sets` in their order, in parts that may be written together."""
    run, touched = list[Changes](), _Touched()
    for changes in sets:
        own = _touched(changes)
        if run and (own is None or not touched.takes(own, _guarded(changes))):
            yield run
            run, touched = [], _Touched()
        if own is None:
            yield [changes]
        else:
            run.append(changes)
            touched.add(own)
    if run:
        yield run


def joined(writes: Iterable[Write]) -> Iterator[Write]:
    """Settled `writes` of a run, in any order: those of a row that each finds as the one before
    leaves it, as one."""
    found = dict[tuple[_Place, int], Write]()
    for write in writes:
        row = row_of(write)
        if KINDS[type(row)].unique:
            yield write  # of such a row there is one in a run
            continue
        place, before = (type(row), key_fields(row)), write.before
        if before is not None and (earlier := found.pop((place, before.version), None)) is not None:
            before = earlier.before
        found[place, row.version] = Write(before=before, after=write.after)
    yield from found.values()


def _touched(changes: Changes) -> _Touched | None:
    """What a set touches; None where its own rows depend on their order, or another kind of row
    may keep one from being dropped."""
    touched = _Touched()
    for write in changes.writes:
        row = row_of(write)
        kind = type(row)
        place = kind, key_fields(row)
        if place in touched.written or (write.after is None and KINDS[kind].holders):
            return None
        touched.written.add(place)
        if write.before is None or write.after is None:
            touched.made.add(place)
        elif not KINDS[kind].unique:
            touched.left[place] = write.before.version, write.after.version
        if kind in _OWNERS:
            owner, name_of = _OWNERS[kind]
            touched.relied_on.add((owner, name_of(row)))
    for sighting in changes.sightings:
        touched.written.add((Sighting, (sighting.host, sighting.uuid)))
        touched.relied_on.add((Host, (sighting.host,)))
    touched.written.update((Sighting, key) for key in changes.gone)
    return touched if touched.made.isdisjoint(touched.relied_on) else None


def _guarded(changes: Changes) -> set[_Place]:
    guarded: set[_Place] = {(VmRecord, (guard.uuid,)) for guard in changes.guards}
    guarded.update((VmRecord, (vm,)) for vm in changes.unrecorded)
    return guarded
