"""What a pass had read before another one, of another host, wrote it anew.

Passes of different hosts overlap: each reads, decides and writes, and nobody waits. So what one had
read may be older than what stands there when its turn comes. Such a row is no deed of other hands:
it is lent to that pass, and what is newer stands there again after it.
"""

from typing import Final

from vmuster.model.host import Host
from vmuster.model.vm import Sighting
from vmuster.reconcile.passed import Given
from vmuster.sim.whatif.rows import Kept, Place, Rows, changed, place_of

OVERLAP_SECONDS: Final = 10.0
"""Passes that are further apart do not overlap."""


def is_older(was: Rows, left: Kept, found: Kept | None, given: Given) -> bool:
    """Whether `found` (None: nothing), which the pass over `given` had read, is older than what
    passes before it have `left` in `was`.

    What a host's own passes read, which come one after the other, never is.
    """
    if isinstance(left, Sighting):
        if left.host == given.report.host:
            return False
        if isinstance(found, Sighting):
            return found.taken_in < left.taken_in
        last = was.row(Host, left.host)
        return last is not None and _overlap(last.last_report_at, given)
    writer, at = was.written.get(place_of(left), (None, None))
    if writer is None or writer == given.report.host or not _overlap(at, given):
        return False
    return found is None or _version(found) < left.version


def _overlap(at: float | None, given: Given) -> bool:
    return at is not None and abs(given.at - at) < OVERLAP_SECONDS


def _version(row: Kept) -> int:
    return 0 if isinstance(row, Sighting) else row.version


class Loans:
    """What is lent to a pass."""

    def __init__(self) -> None:
        self._lent: list[tuple[Rows, Place, Kept | None, Kept]] = []

    def lend(self, rows: Rows, left: Kept, found: Kept | None) -> None:
        """Have `found` stand in its place in `rows`, where what was `left` there still does."""
        place = place_of(left)
        present = rows.at(place)
        if present is None or changed(left, present):
            return
        self._lent.append((rows, place, found, present))
        if found is None:
            rows.drop(present)
        else:
            rows.put(found)

    def give_back(self) -> None:
        """Have what was there stand there again, unless it was written anew."""
        for rows, place, found, present in self._lent:
            if rows.at(place) == found:
                rows.put(present)
        self._lent.clear()
