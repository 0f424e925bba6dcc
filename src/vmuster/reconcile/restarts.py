"""Automatic starts, paced: a few tries without a good run between, each later than the last.

The same pace holds for every automatic start: a VM that can't start is not started for ever. A
next try that lies further ahead than its pause is long was set by a clock that was set back since:
it is due.
"""

from typing import Final

import msgspec

from vmuster.model.policy import Policy
from vmuster.model.states import VmPhase
from vmuster.model.vm import VmRecord

_DOUBLINGS_MAX: Final = 16
"""Half a day after the first wait of a second; beyond that, longer says nothing more."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a start may be tried now; `gave_up`: never again until it runs or a person asks."""

    allowed: bool
    note: str = ""
    gave_up: bool = False


def pace(record: VmRecord, policy: Policy, now: float) -> Pace:
    """Whether an automatic start of `record` may be tried at `now`."""
    if record.phase is VmPhase.FAILED:
        return Pace(allowed=False, note="it failed too often and waits for a person")
    if record.restart_tries >= policy.restart_tries_max:
        note = f"{record.restart_tries} starts without a good run: given up"
        return Pace(allowed=False, note=note, gave_up=True)
    if _waits(record, policy, now):
        return Pace(allowed=False, note=f"the next try is in {record.restart_after - now:.0f} s")
    return Pace(allowed=True)


def tried(record: VmRecord, policy: Policy, now: float) -> VmRecord:
    """`record` with one more try counted; the wait doubles each time."""
    wait = _pause(policy, record.restart_tries)
    return msgspec.structs.replace(
        record, restart_tries=record.restart_tries + 1, restart_after=now + wait
    )


def ran_well(record: VmRecord, now: float) -> VmRecord:
    """`record` of a VM that is seen running: tries are forgotten once it outlived its last wait."""
    if record.restart_tries == 0 or now < record.restart_after:
        return record
    return msgspec.structs.replace(record, restart_tries=0, restart_after=0.0)


def _waits(record: VmRecord, policy: Policy, now: float) -> bool:
    return now < record.restart_after <= now + _pause(policy, record.restart_tries)


def _pause(policy: Policy, tries: int) -> float:
    """Before the next try, after so many."""
    return policy.restart_backoff_seconds * 2 ** min(tries, _DOUBLINGS_MAX)
