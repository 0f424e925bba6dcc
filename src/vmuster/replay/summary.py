"""Differences added up: what comes again with every pass is one line, and acts are counted by VM.

A pass that stands by itself proposes the same stop as the one before, for in the recording the VM
was not stopped. So the acts that are told are of VMs, and not of passes.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from vmuster.model.ids import HostId, VmUuid
from vmuster.reconcile.differing import Compared, Difference
from vmuster.reconcile.passed import Decided

Act = tuple[str, bool]
"""A command, and whether it is held for a person."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """The same difference about one VM in several passes, told as the first of them. `last_at`:
    the moment of the last; `passes`: how many they are."""

    first: Difference
    last_at: float
    passes: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """All of it: how many passes there were, how many conclusions about VMs, and in how many of
    these there is a difference. `more`, `fewer`: acts on a VM that there would have been and were
    not, and the other way round."""

    passes: int
    decisions: int
    differ: int
    more: dict[Act, int]
    fewer: dict[Act, int]
    runs: tuple[Run, ...]


def summed_up(all_: Iterable[Compared]) -> Summary:
    """The sum of all passes; the runs in the order in which they began."""
    passes = decisions = differ = 0
    runs: dict[tuple[object, ...], Run] = {}
    was, now = set[_Acted](), set[_Acted]()
    for one in all_:
        passes += 1
        decisions += one.decisions
        differ += len(one.differences)
        for found in one.differences:
            key = (found.host, found.vm, _outcome(found.was), _outcome(found.now))
            before = runs.get(key, Run(first=found, last_at=found.at, passes=0))
            runs[key] = msgspec.structs.replace(before, last_at=found.at, passes=before.passes + 1)
            was |= _acted(found, found.was)
            now |= _acted(found, found.now)
    return Summary(
        passes=passes,
        decisions=decisions,
        differ=differ,
        more=_counted(now - was),
        fewer=_counted(was - now),
        runs=tuple(runs.values()),
    )


_Acted = tuple[HostId, VmUuid, str, bool]


def _acted(found: Difference, outcome: Decided | None) -> set[_Acted]:
    if outcome is None or not outcome.act:
        return set()
    return {(found.host, found.vm, outcome.act, outcome.held)}


def _outcome(outcome: Decided | None) -> Decided | None:
    """What makes two outcomes the same, whatever words they are put into."""
    return None if outcome is None else msgspec.structs.replace(outcome, why="", name="")


def _counted(acted: set[_Acted]) -> dict[Act, int]:
    return dict(sorted(Counter((act, held) for _, _, act, held in acted).items()))
