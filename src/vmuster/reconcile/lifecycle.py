"""The life of a VM record: phase × event → phase, as data.

Rule 1: every change of a phase goes through `advance`.
Rule 2: a pair that is not in the table is illegal: `advance` raises and nothing changes.
"""

from enum import StrEnum
from typing import Final

from vmuster.model.states import VmPhase


class PhaseEvent(StrEnum):
    """What happened to a VM, as far as its phase cares."""

    SEEN_RUNNING = "seen_running"
    SEEN_STOPPED = "seen_stopped"
    SEEN_CRASHED = "seen_crashed"
    ABSENCE_CONFIRMED = "absence_confirmed"
    START_REQUESTED = "start_requested"
    STOP_REQUESTED = "stop_requested"
    DELETE_REQUESTED = "delete_requested"
    GAVE_UP = "gave_up"


class IllegalTransition(Exception):
    """A phase change that the table does not know."""


_P, _E = VmPhase, PhaseEvent

_SETTLES: Final = (
    _P.PENDING,
    _P.STARTING,
    _P.RUNNING,
    _P.STOPPING,
    _P.STOPPED,
    _P.MIGRATING,
    _P.MISSING,
)
"""Phases that settle to whatever is seen."""

_SEEN: Final = (
    _E.SEEN_RUNNING,
    _E.SEEN_STOPPED,
    _E.SEEN_CRASHED,
    _E.ABSENCE_CONFIRMED,
    _E.DELETE_REQUESTED,
    _E.GAVE_UP,
)
"""What a pass can bring about; the table is total for these."""

TABLE: Final[dict[tuple[VmPhase, PhaseEvent], VmPhase]] = {
    **{(phase, _E.SEEN_RUNNING): _P.RUNNING for phase in (*_SETTLES, _P.FAILED)},
    **{(phase, _E.SEEN_STOPPED): _P.STOPPED for phase in _SETTLES},
    **{(phase, _E.SEEN_CRASHED): _P.STOPPED for phase in _SETTLES},
    **{(phase, _E.ABSENCE_CONFIRMED): _P.MISSING for phase in (*_SETTLES, _P.FAILED)},
    **{(phase, _E.GAVE_UP): _P.FAILED for phase in (*_SETTLES, _P.FAILED, _P.DELETING)},
    **{(phase, _E.START_REQUESTED): _P.STARTING for phase in (_P.STOPPED, _P.FAILED, _P.STARTING)},
    **{(phase, _E.STOP_REQUESTED): _P.STOPPING for phase in (_P.RUNNING, _P.STARTING, _P.STOPPING)},
    **{(phase, _E.DELETE_REQUESTED): _P.DELETING for phase in (*_SETTLES, _P.FAILED, _P.DELETING)},
    (_P.FAILED, _E.SEEN_STOPPED): _P.FAILED,
    (_P.FAILED, _E.SEEN_CRASHED): _P.FAILED,
    (_P.DELETING, _E.SEEN_RUNNING): _P.DELETING,
    (_P.DELETING, _E.SEEN_STOPPED): _P.DELETING,
    (_P.DELETING, _E.SEEN_CRASHED): _P.DELETING,
    (_P.DELETING, _E.ABSENCE_CONFIRMED): _P.DELETED,
    **{(_P.DELETED, event): _P.DELETED for event in _SEEN},
}


def advance(phase: VmPhase, event: PhaseEvent) -> VmPhase:
    """The phase after `event`; raises `IllegalTransition` where the table has no such pair."""
    try:
        return TABLE[phase, event]
    except KeyError:
        raise IllegalTransition(f"{phase} has no {event}") from None
