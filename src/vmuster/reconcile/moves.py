"""May the record follow a VM that was seen away from home?

Between hosts there is no clock (L7): before a record changes its host, the old home is asked to
look again. Only a look that began after the new sighting was taken in counts; where the old home
can't look, nothing is changed.
"""

from collections.abc import Sequence

import msgspec

from vmuster.model.ids import HostId
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import PowerReason, PowerState
from vmuster.model.vm import Sighting, VmObservation
from vmuster.reconcile.classify import LEFT
from vmuster.reconcile.pairing import Pair


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the record follows now; if not, why, and which host must look first."""

    follows: bool
    why: str
    ask: HostId | None = None


def move(pair: Pair, report: HostReport, policy: Policy) -> Move:
    """Judge a VM with a good mark whose live record says another host.

    What is active here needs only that its home, looked at later, lacks it or does not run it. What
    is not active here may run on at home unseen: its home's absence must be confirmed, and this
    very look must have begun after that. While it may run on another host, that one is followed.
    What has left here by a migration is no news while its home has it.
    """
    record, seen = pair.record, pair.seen
    if record is None or record.host is None or seen is None:
        return Move(follows=False, why="its record names no other host")
    if not policy.track_host_change:
        return Move(follows=False, why="its record stays (track_host_change is off)")
    home = next((s for s in pair.elsewhere if s.host == record.host), None)
    if has_left(seen) and (home is None or not home.absent):
        return Move(follows=False, why=LEFT.why)
    ask = record.host
    if home is None:
        return Move(follows=False, why=f"its home {ask} is asked to look first", ask=ask)
    if (doubt := _doubt(home) or _runs_elsewhere(seen, pair.copies)) is not None:
        return doubt
    if _unasked(pair.here, home, seen):
        return Move(follows=False, why=f"its home {ask} is asked to look again", ask=ask)
    if not seen.active and not home.absent:
        return Move(follows=False, why=f"it is stopped here and on its home {ask}")
    if not seen.active and not home.absence_confirmed:
        return Move(
            follows=False, why=f"its home {ask} lacks it, and nobody confirmed that", ask=ask
        )
    if not seen.active and report.asked_after < home.taken_in:
        return Move(follows=False, why="this host is asked to look again", ask=report.host)
    gone = "no longer has it" if home.absent else f"has it {home.power}"
    return Move(follows=True, why=f"its home {ask} looked again and {gone}: the record follows")


def has_left(shown: VmObservation | Sighting) -> bool:
    """Whether all that its host has of it is what a migration left there."""
    return shown.power is PowerState.STOPPED and shown.reason is PowerReason.MIGRATED


def _doubt(home: Sighting) -> Move | None:
    """Why the record stays while the VM may run at home; None where it does not. What can't be told
    is no information, and never a kind of stopped (L6)."""
    ask = home.host
    if home.may_run:
        return Move(
            follows=False, why=f"its home {ask} showed it active and is asked again", ask=ask
        )
    if home.power is PowerState.UNKNOWN and not home.absent:
        return Move(
            follows=False,
            why=f"its home {ask} can't tell whether it runs and is asked again",
            ask=ask,
        )
    return None


def _runs_elsewhere(seen: VmObservation, copies: Sequence[Sighting]) -> Move | None:
    """Why the record stays where this copy is not active and a third host may run another: it is
    that one's to follow, once its host has shown it again. None where no host does."""
    where = ", ".join(sorted(copy.host for copy in copies if copy.may_run))
    if seen.active or not where:
        return None
    return Move(follows=False, why=f"it is {seen.power} here and was seen active on {where}")


def _unasked(here: Sighting | None, home: Sighting, seen: VmObservation) -> bool:
    """Whether the old home has not looked since the VM was first seen here as it is now; what is
    newly active here was seen stopped at best until this very look, and what has newly left may
    have gone home."""
    if here is None or (seen.active and not here.active):
        return True
    if has_left(seen) and (here.absent or not has_left(here)):
        return True
    return home.asked_after < (here.active_since if seen.active else here.taken_in)
