"""May the record follow a VM that was seen away from home?

Between hosts there is no clock (L7): before a record changes its host, the old home is asked to
look again. Only a look that began after the new sighting was taken in counts; where the old home
can't look, nothing is changed.
"""

import msgspec

from vmuster.model.ids import HostId
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import PowerReason, PowerState
from vmuster.model.vm import Sighting
from vmuster.reconcile.classify import LEFT
from vmuster.reconcile.pairing import Pair


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the record follows now; if not, why, and which host must look first."""

    follows: bool
    why: str
    ask: HostId | None = None


def move(pair: Pair, report: HostReport, policy: Policy) -> Move:
    """Judge a VM with a good mark whose live record says another host.

    What is active here needs only that its home, looked at later, lacks it or has it stopped. What
    is not active here may run on at home unseen: its home's absence must be confirmed, and this
    very look must have begun after that.
    """
    record, seen = pair.record, pair.seen
    if record is None or record.host is None or seen is None:
        return Move(follows=False, why="its record names no other host")
    if not policy.track_host_change:
        return Move(follows=False, why="its record stays (track_host_change is off)")
    if seen.power is PowerState.STOPPED and seen.reason is PowerReason.MIGRATED:
        return Move(follows=False, why=LEFT.why)
    home = next((s for s in pair.elsewhere if s.host == record.host), None)
    ask = record.host
    if home is None:
        return Move(follows=False, why=f"its home {ask} is asked to look first", ask=ask)
    if (doubt := _doubt(home)) is not None:
        return doubt
    if _unasked(pair.here, home, active=seen.active):
        return Move(follows=False, why=f"its home {ask} is asked to look again", ask=ask)
    if not seen.active and not home.absent:
        return Move(follows=False, why=f"it is stopped here and on its home {ask}")
    if not seen.active and not home.absence_confirmed:
        return Move(
            follows=False, why=f"its home {ask} lacks it, and nobody confirmed that", ask=ask
        )
    if not seen.active and report.asked_after < home.taken_in:
        return Move(follows=False, why="this host is asked to look again", ask=report.host)
    gone = "no longer has it" if home.absent else "has it stopped"
    return Move(follows=True, why=f"its home {ask} looked again and {gone}: the record follows")


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


def _unasked(here: Sighting | None, home: Sighting, *, active: bool) -> bool:
    """Whether the old home has not looked since the VM was first seen here as it is now; what is
    newly active here was seen stopped at best until this very look."""
    if here is None or (active and not here.active):
        return True
    return home.asked_after < (here.active_since if active else here.taken_in)
