"""What to conclude about an owned VM that was seen: desired × seen → row, as data; total by test.

Before the table come the two cases in which a state decides nothing: UNKNOWN is no information,
and a PAUSED VM (I/O error, a person, a migration) is recorded and left alone.
"""

from enum import StrEnum
from typing import Final

import msgspec

from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import DesiredState, Drift, Finding, PowerReason, PowerState, Restart
from vmuster.model.vm import VmObservation, VmRecord
from vmuster.reconcile.lifecycle import PhaseEvent


class Seen(StrEnum):
    """A power state, as far as the table cares."""

    RUNNING = "running"
    STOPPED = "stopped"
    """With a witnessed reason: the guest, a hand."""
    STOPPED_UNEXPLAINED = "stopped_unexplained"
    CRASHED = "crashed"


class Deed(StrEnum):
    """What a row asks for; whether it may be done is decided elsewhere."""

    NOTHING = "nothing"
    START = "start"
    STOP = "stop"


class Row(msgspec.Struct, frozen=True):
    """One conclusion. `follows`: under `drift: record` what was asked for follows what was seen."""

    rule: str
    finding: Finding
    event: PhaseEvent | None
    why: str
    follows: bool = False
    enforced: Deed = Deed.NOTHING
    """Under `drift: enforce`."""
    always: Deed = Deed.NOTHING
    """Under either."""
    restarts: frozenset[Restart] = frozenset()
    """The restart policies that start it again."""
    alert: bool = False


_ON_CRASH: Final = frozenset({Restart.ON_CRASH, Restart.ALWAYS})
_ALWAYS: Final = frozenset({Restart.ALWAYS})
_D, _S, _F, _E = DesiredState, Seen, Finding, PhaseEvent

_RUNS: Final = Row("in-sync", _F.IN_SYNC, _E.SEEN_RUNNING, "it runs, as it should")
_RESTS: Final = Row("in-sync", _F.IN_SYNC, _E.SEEN_STOPPED, "it is stopped, as it should be")
_TRASH: Final = Row("trash", _F.IN_SYNC, _E.DELETE_REQUESTED, "it is stopped and was asked to go")

TABLE: Final[dict[tuple[DesiredState, Seen], Row]] = {
    (_D.RUNNING, _S.RUNNING): _RUNS,
    (_D.RUNNING, _S.STOPPED): Row(
        "stopped-outside",
        _F.STOPPED_OUTSIDE,
        _E.SEEN_STOPPED,
        "it should run, and was stopped by its guest or by a hand that is not ours",
        follows=True,
        enforced=Deed.START,
    ),
    (_D.RUNNING, _S.STOPPED_UNEXPLAINED): Row(
        "stopped-unexplained",
        _F.STOPPED_OUTSIDE,
        _E.SEEN_STOPPED,
        "it should run, and is stopped for no reason that anybody witnessed",
        enforced=Deed.START,
        restarts=_ALWAYS,
        alert=True,
    ),
    (_D.RUNNING, _S.CRASHED): Row(
        "crashed",
        _F.CRASHED,
        _E.SEEN_CRASHED,
        "it should run, and crashed",
        restarts=_ON_CRASH,
        alert=True,
    ),
    (_D.STOPPED, _S.RUNNING): Row(
        "started-outside",
        _F.STARTED_OUTSIDE,
        _E.SEEN_RUNNING,
        "it should be stopped, and was started by a hand that is not ours",
        follows=True,
        enforced=Deed.STOP,
    ),
    (_D.STOPPED, _S.STOPPED): _RESTS,
    (_D.STOPPED, _S.STOPPED_UNEXPLAINED): _RESTS,
    (_D.STOPPED, _S.CRASHED): _RESTS,
    (_D.ABSENT, _S.RUNNING): Row(
        "absent-but-running",
        _F.STARTED_OUTSIDE,
        _E.DELETE_REQUESTED,
        "it was asked to go, and runs",
        always=Deed.STOP,
    ),
    (_D.ABSENT, _S.STOPPED): _TRASH,
    (_D.ABSENT, _S.STOPPED_UNEXPLAINED): _TRASH,
    (_D.ABSENT, _S.CRASHED): _TRASH,
}

UNKNOWN: Final = Row(
    "unknown", _F.UNCLEAR, None, "its hypervisor does not say whether it runs: no information"
)
PAUSED: Final = Row("paused", _F.PAUSED, None, "it is paused: recorded, and left alone", alert=True)
TRAVELS: Final = Row(
    "travels", _F.PAUSED, None, "it is paused while its memory travels to another host"
)
LEFT: Final = Row(
    "left-by-migration",
    _F.UNCLEAR,
    None,
    "it left this host by a migration: where it arrives is where it will be seen",
)

RUNS_ON: Final = msgspec.structs.replace(
    TABLE[_D.STOPPED, _S.RUNNING], why="it should be stopped, and runs on"
)
"""The same row, where it was not seen stopped in between: nobody has started it."""

_WITNESSED: Final = frozenset({PowerReason.GUEST, PowerReason.HAND, PowerReason.SAVED})


def classify(record: VmRecord, seen: VmObservation, report: HostReport) -> Row:
    """The row for an owned VM that was seen, with no operation in flight."""
    match seen.power:
        case PowerState.UNKNOWN:
            return UNKNOWN
        case PowerState.PAUSED:
            return TRAVELS if seen.reason is PowerReason.MIGRATING else PAUSED
        case PowerState.RUNNING:
            row = TABLE[record.desired, Seen.RUNNING]
            never_stopped = record.power is PowerState.RUNNING
            return RUNS_ON if never_stopped and row.rule == RUNS_ON.rule else row
        case PowerState.CRASHED:
            return TABLE[record.desired, Seen.CRASHED]
        case PowerState.STOPPED:  # pragma: no branch: the types leave no other
            if remembered_reason(record, seen) is PowerReason.MIGRATED:
                return LEFT
            return TABLE[record.desired, _stopped(record, seen, report)]


def remembered_reason(record: VmRecord, seen: VmObservation) -> PowerReason:
    """Why the VM is as it is seen; a stop by migration is not forgotten by a hypervisor's restart.

    After its own restart a hypervisor gives no reason for any stop. A VM that left by migration
    runs somewhere, perhaps where we can't see it: it must not be taken for stopped, nor started.
    """
    off = PowerState.STOPPED
    forgotten = seen.power is off and seen.reason is PowerReason.UNKNOWN
    left = record.power is off and record.reason is PowerReason.MIGRATED
    return PowerReason.MIGRATED if forgotten and left else seen.reason


def deed(row: Row, policy: Policy) -> Deed:
    """What the row asks for under `policy`."""
    if row.always is not Deed.NOTHING:
        return row.always
    if policy.drift is Drift.ENFORCE and row.enforced is not Deed.NOTHING:
        return row.enforced
    return Deed.START if policy.restart in row.restarts else Deed.NOTHING


def _stopped(record: VmRecord, seen: VmObservation, report: HostReport) -> Seen:
    """A reason counts as witnessed only if the host did not reboot in between."""
    rebooted = bool(record.boot_id and report.boot_id and record.boot_id != report.boot_id)
    witnessed = seen.reason in _WITNESSED and not rebooted
    return Seen.STOPPED if witnessed else Seen.STOPPED_UNEXPLAINED
