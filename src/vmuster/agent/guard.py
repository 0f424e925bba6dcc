"""May this be done? Judged on the live VM, a moment before the deed, by the agent's own code.

The server proved ownership when it decided; the agent proves it again, and shares no judgement
with the server: it reads the mark, checks the signature and reads the name by itself. Any doubt
refuses. Each kind of act is a list of checks; a test takes each out in turn and shows that without
it something would pass that must not. The only maker of permits.
"""

import re
import struct
from collections.abc import Callable
from typing import Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vmuster.agent.moment import Moment
from vmuster.model.commands import Command, MarkVm, StartVm, StopVm, UnmarkVm
from vmuster.model.host import grant_bytes
from vmuster.model.mark import RawMark, write_mark
from vmuster.model.messages import Settings
from vmuster.model.permits import (
    MarkPermit,
    Refusal,
    StartPermit,
    StopPermit,
    UnmarkPermit,
)
from vmuster.model.states import HostMode, PowerReason, PowerState, ProofKind, StopMethod


class Check(msgspec.Struct, frozen=True):
    """One condition; `reason` is said where it does not hold."""

    reason: str
    holds: Callable[[Moment], bool]


def _verified(raw: RawMark | None, vm: UUID, settings: Settings) -> bool:
    """Whether `raw` is a good mark of our fleet for `vm`: by our own reading of its five fields."""
    if raw is None:
        return False
    try:
        fleet, marked, key = UUID(raw.fleet), UUID(raw.vm), UUID(raw.key)
        generation = struct.pack(">Q", int(raw.generation))
        signature = bytes.fromhex(raw.signature)
    except (ValueError, struct.error):
        return False
    if fleet != settings.fleet or marked != vm:
        return False
    signed = b"vmuster-mark-1\x00" + fleet.bytes + marked.bytes + generation + key.bytes
    return _signed_by(settings, str(key), signature, signed)


def _signed_by(settings: Settings, key: str, signature: bytes, message: bytes) -> bool:
    public = settings.public_keys.get(key)
    if public is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


_CANONICAL: Final = re.compile(
    r"(?:i-(?:0|[1-9][0-9]*)|[rvsl])-(?:0|[1-9][0-9]*)-(.+)", re.ASCII | re.DOTALL
)
"""The naming rule, written down a second time on purpose; group 1 is the instance."""


def _bears_our_name(moment: Moment) -> bool:
    match = _CANONICAL.fullmatch(moment.live.name)
    return match is not None and match[1] == moment.settings.instance


def _granted(moment: Moment) -> bool:
    grant = moment.grant
    return grant is not None and any(grant.id == kept.id for kept in moment.settings.grants)


def _grant_is_true(moment: Moment) -> bool:
    grant = moment.grant
    return (
        grant is not None
        and grant.fleet == moment.settings.fleet
        and grant.instance == moment.settings.instance
        and _signed_by(moment.settings, str(grant.key), grant.signature, grant_bytes(grant))
    )


_REQUEST_MODES: Final[dict[type[Command], frozenset[HostMode]]] = {
    StopVm: frozenset({HostMode.MANAGE, HostMode.CORDONED, HostMode.MAINTENANCE}),
    StartVm: frozenset({HostMode.MANAGE, HostMode.CORDONED}),
    MarkVm: frozenset({HostMode.MANAGE, HostMode.CORDONED}),
    UnmarkVm: frozenset({HostMode.MANAGE, HostMode.CORDONED, HostMode.MAINTENANCE}),
}


def _mode_allows(moment: Moment) -> bool:
    if moment.command.automatic:
        return moment.settings.mode is HostMode.MANAGE
    return moment.settings.mode in _REQUEST_MODES[type(moment.command)]


def _generation_proved(moment: Moment) -> bool:
    command, mark = moment.command, moment.live.mark
    return (
        isinstance(command, StopVm | UnmarkVm)
        and mark is not None
        and mark.generation == str(command.proof.mark_generation)
    )


_ORDER: Final = (
    Check("the order is for another host", lambda m: m.command.host == m.settings.host),
    Check(
        "the order was decided in another connection than this one",
        lambda m: m.command.epoch == m.epoch,
    ),
    Check("the order is too old", lambda m: m.age_seconds <= m.command.valid_seconds),
    Check("this is not the VM that the order names", lambda m: m.live.uuid == m.command.vm),
    Check("the fleet is in quarantine", lambda m: not m.settings.quarantined),
    Check("the host's mode does not allow it", _mode_allows),
)
_ARMED: Final = Check(
    "automation is disarmed", lambda m: m.settings.automatic or not m.command.automatic
)
_EVIDENCE: Final = Check(
    "its evidence is of another VM or host",
    lambda m: m.evidence == (m.settings.host, m.live.uuid),
)
_SAME_MARK: Final = Check(
    "it does not bear the mark that it bore when this was decided",
    lambda m: m.live.mark == m.expected_mark,
)
_ONE_MARK: Final = Check(
    "its running and its stored definition bear different marks",
    lambda m: m.live.transient or m.live.stored_mark == m.live.mark,
)
_NO_OTHER_MARK: Final = Check(
    "its stored definition bears a mark that was not seen when this was decided",
    lambda m: m.live.stored_mark in (None, m.live.mark),
)
"""A redefine may have lost the stored mark, and signing anew brings it back; what stands there
instead is never written over."""
_GOOD_MARK: Final = Check(
    "its mark is not a good mark of ours for it",
    lambda m: _verified(m.live.mark, m.live.uuid, m.settings),
)
_GENERATION: Final = Check("its mark is of another generation than was proved", _generation_proved)
_NOT_PAUSED: Final = Check(
    "it is not plainly running",
    lambda m: m.live.power is PowerState.RUNNING or not m.command.automatic,
)
_SAME_RUN: Final = Check(
    "it may be in another run than was asked to shut down: started again since",
    lambda m: m.asked is None or "" != m.asked in (m.live.run, m.runs_in),
)
_ONLY_SAVED: Final = Check(
    "a VM without a live record is saved to disk or left alone",
    lambda m: isinstance(m.command, StopVm) and m.command.method is StopMethod.SAVE,
)
_OURS: Final = (*_ORDER, _EVIDENCE, _SAME_MARK, _ONE_MARK, _GOOD_MARK)

STOP_CHECKS: dict[ProofKind, tuple[Check, ...]] = {
    ProofKind.RECORD: (*_OURS, _ARMED, _GENERATION, _NOT_PAUSED, _SAME_RUN),
    ProofKind.MARK: (*_OURS, _ARMED, _GENERATION, _NOT_PAUSED, _ONLY_SAVED),
    ProofKind.NAME: (
        *_ORDER,
        _EVIDENCE,
        _ARMED,
        Check("it bears a mark", lambda m: m.live.mark is None),
        _ONE_MARK,
        Check("its name is not one that we would give", _bears_our_name),
        Check("no grant in force allows it", _granted),
        Check("the grant is not a true one of this fleet", _grant_is_true),
        _NOT_PAUSED,
        _ONLY_SAVED,
    ),
}
START_CHECKS: tuple[Check, ...] = (
    *_OURS,
    _ARMED,
    Check(
        "it is not plainly stopped",
        lambda m: m.live.power in (PowerState.STOPPED, PowerState.CRASHED),
    ),
    Check(
        "it left this host by a migration, and may run where it went",
        lambda m: m.live.reason is not PowerReason.MIGRATED,
    ),
    Check("a process of it is running", lambda m: m.process is not True),
    Check(
        "no witness can tell whether a process of it is running",
        lambda m: m.process is not None or not m.command.automatic,
    ),
)
MARK_CHECKS: tuple[Check, ...] = (
    *_ORDER,
    Check("nobody asked for it", lambda m: not m.command.automatic),
    _SAME_MARK,
    _NO_OTHER_MARK,
    Check(
        "the new mark is not a good mark of ours for it",
        lambda m: (
            isinstance(m.command, MarkVm)
            and _verified(write_mark(m.command.mark), m.live.uuid, m.settings)
        ),
    ),
    Check("it is saved to disk: a mark would not last; start it first", lambda m: not m.live.saved),
    Check("it is transient: it has no definition to mark", lambda m: not m.live.transient),
)
UNMARK_CHECKS: tuple[Check, ...] = (
    *_ORDER,
    _EVIDENCE,
    Check("nobody asked for it", lambda m: not m.command.automatic),
    _SAME_MARK,
    _NO_OTHER_MARK,
    _GOOD_MARK,
    _GENERATION,
    Check(
        "it is saved to disk: the mark would come back; start it first", lambda m: not m.live.saved
    ),
)


def permit_stop(moment: Moment, command: StopVm) -> StopPermit | Refusal:
    """Leave to stop the live VM; by force where it was asked to shut down and has had its grace."""
    refusal = _refusal(moment, STOP_CHECKS[command.proof.kind])
    if refusal is not None:
        return refusal
    escalated = moment.asked is not None and command.method is StopMethod.SHUTDOWN
    method = StopMethod.FORCE if escalated else command.method
    return StopPermit(vm=moment.live.uuid, method=method)


def permit_start(moment: Moment) -> StartPermit | Refusal:
    """Leave to start the live VM."""
    return _refusal(moment, START_CHECKS) or StartPermit(vm=moment.live.uuid)


def permit_mark(moment: Moment, command: MarkVm) -> MarkPermit | Refusal:
    """Leave to write the order's mark into the live VM."""
    refusal = _refusal(moment, MARK_CHECKS)
    return refusal or MarkPermit(vm=moment.live.uuid, mark=write_mark(command.mark))


def permit_unmark(moment: Moment) -> UnmarkPermit | Refusal:
    """Leave to take our mark out of the live VM."""
    return _refusal(moment, UNMARK_CHECKS) or UnmarkPermit(vm=moment.live.uuid)


def _refusal(moment: Moment, checks: tuple[Check, ...]) -> Refusal | None:
    for check in checks:
        if not check.holds(moment):
            return Refusal(reason=check.reason)
    return None
