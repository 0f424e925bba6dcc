"""For each check of the guard: moments that are fully valid but for the one flaw that it is for."""

from collections.abc import Iterator
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests import moments
from tests.moments import ANOTHER_VM, MARK, START, STOPS, UNMARK, grant, raw
from tests.parts import FLEET, KEY, OTHER, VM
from vmuster.agent.moment import Moment
from vmuster.model.commands import StartVm
from vmuster.model.ids import FleetId, KeyId
from vmuster.model.mark import RawMark, write_mark
from vmuster.model.states import HostMode, PowerReason, PowerState, ProofKind, StopMethod
from vmuster.server.secrets.signing import Signer

Flaws = dict[str, list[Moment]]
STRANGER = Signer(KEY, Ed25519PrivateKey.generate().private_bytes_raw())
"""Signs under the id of our key with a key of its own."""
OTHER_FLEET, OTHER_KEY = FleetId(UUID(int=5)), KeyId(UUID(int=6))


def but(moment: Moment, **changes: object) -> Moment:
    return msgspec.structs.replace(moment, **changes)


def ordered(moment: Moment, **changes: object) -> Moment:
    """`moment` with an order that differs."""
    return but(moment, command=msgspec.structs.replace(moment.command, **changes))


def found(moment: Moment, **changes: object) -> Moment:
    """`moment` with a live VM that differs."""
    return but(moment, live=msgspec.structs.replace(moment.live, **changes))


def bearing(moment: Moment, mark: RawMark | None) -> Moment:
    """`moment` with a VM that bears `mark`, live and stored."""
    return found(moment, mark=mark, stored_mark=mark)


def told(moment: Moment, **changes: object) -> Moment:
    """`moment` with settings that differ."""
    return but(moment, settings=msgspec.structs.replace(moment.settings, **changes))


def proved(moment: Moment, **changes: object) -> Moment:
    """`moment` with an order whose evidence differs."""
    name = "clearance" if isinstance(moment.command, StartVm) else "proof"
    evidence = msgspec.structs.replace(getattr(moment.command, name), **changes)
    return ordered(moment, **{name: evidence})


def asked_for(valid: Moment) -> Moment:
    """`valid`, by a person's request."""
    return ordered(valid, automatic=False)


def disarmed_flaws(valid: Moment) -> Flaws:
    return {"automation is disarmed": [told(valid, automatic=False)]}


def order_flaws(valid: Moment) -> Flaws:
    return {
        "the order is for another host": [ordered(valid, host=OTHER)],
        "the order was decided in another connection than this one": [
            ordered(valid, epoch=moments.EPOCH - 1),
            but(valid, epoch=moments.EPOCH + 1),
        ],
        "the order is too old": [but(valid, age_seconds=valid.command.valid_seconds + 0.1)],
        "this is not the VM that the order names": [ordered(valid, vm=ANOTHER_VM)],
        "the fleet is in quarantine": [
            told(valid, quarantined=True),
            told(asked_for(valid), quarantined=True),
        ],
        "the host's mode does not allow it": [*mode_flaws(valid)],
    }


def mode_flaws(valid: Moment) -> Iterator[Moment]:
    yield told(valid, mode=HostMode.OBSERVE)
    if valid in (START, MARK):
        yield told(valid, mode=HostMode.MAINTENANCE)
    if valid.command.automatic:
        yield told(valid, mode=HostMode.CORDONED)
        yield told(asked_for(valid), mode=HostMode.OBSERVE)


def evidence_flaws(valid: Moment) -> Flaws:
    return {
        "its evidence is of another VM or host": [
            proved(valid, vm=ANOTHER_VM),
            proved(valid, host=OTHER),
        ]
    }


def bad_marks() -> list[RawMark]:
    """Marks that look like ours, and are not good ones for this VM."""
    keyless = Signer(OTHER_KEY, bytes(range(32)))
    signed = {
        "forged": STRANGER.mark(FLEET, VM, moments.GENERATION),
        "keyless": keyless.mark(FLEET, VM, moments.GENERATION),
        "foreign": moments.SIGNER.mark(OTHER_FLEET, VM, moments.GENERATION),
        "copied": moments.SIGNER.mark(FLEET, ANOTHER_VM, moments.GENERATION),
    }
    pieces = [("fleet", "x"), ("vm", ""), ("key", "?"), ("signature", ""), ("signature", "zz")]
    broken = [msgspec.structs.replace(raw(), **{name: text}) for name, text in pieces]
    return [write_mark(mark) for mark in signed.values()] + broken


def same_mark_flaws(valid: Moment) -> Flaws:
    return {
        "it does not bear the mark that it bore when this was decided": [
            proved(valid, mark=raw(moments.GENERATION + 1)),
            proved(valid, mark=raw(signature="00" * 64)),
        ]
    }


def good_mark_flaws(valid: Moment) -> Flaws:
    flawed = [proved(bearing(valid, bad), mark=bad) for bad in bad_marks()]
    return {"its mark is not a good mark of ours for it": flawed}


def generation_flaws(valid: Moment) -> Flaws:
    return {
        "its mark is of another generation than was proved": [
            proved(valid, mark_generation=moments.GENERATION - 1)
        ]
    }


def one_mark_flaws(valid: Moment) -> Flaws:
    return {
        "its running and its stored definition bear different marks": [
            found(valid, stored_mark=mark)
            for mark in (None, raw(moments.GENERATION + 1), *bad_marks())
            if mark != valid.live.mark
        ]
    }


def other_mark_flaws(valid: Moment) -> Flaws:
    unseen = [raw(moments.GENERATION + 1), *bad_marks()]
    return {
        "its stored definition bears a mark that was not seen when this was decided": [
            found(valid, stored_mark=mark) for mark in unseen
        ]
    }


def run_flaws(valid: Moment) -> Flaws:
    return {
        "it may be in another run than was asked to shut down: started again since": [
            but(valid, asked="an earlier run"),
            but(found(valid, run=""), asked=moments.RUN),
            but(found(valid, run=""), asked=""),
        ]
    }


def automatic_stop_flaws(valid: Moment) -> Flaws:
    paused = [
        found(valid, power=power, reason=PowerReason.IO_ERROR)
        for power in PowerState
        if power is not PowerState.RUNNING
    ]
    return {"it is not plainly running": paused}


def only_saved_flaws(valid: Moment) -> Flaws:
    methods = (StopMethod.SHUTDOWN, StopMethod.FORCE)
    return {
        "a VM without a live record is saved to disk or left alone": [
            ordered(valid, method=method) for method in methods
        ]
    }


def ours_flaws(valid: Moment) -> Flaws:
    return (
        order_flaws(valid)
        | evidence_flaws(valid)
        | same_mark_flaws(valid)
        | one_mark_flaws(valid)
        | good_mark_flaws(valid)
    )


def name_flaws(valid: Moment) -> Flaws:
    names = ["web-01", "i-9-99-OTHER", "i-2-78-VM-5", "i-02-78-VM", "i-2-٧-VM", "i-2-78-VM\n", ""]
    untrue = [
        msgspec.structs.replace(grant(), signature=STRANGER.grant(grant()).signature),
        msgspec.structs.replace(grant(), granted_by="eve"),
        msgspec.structs.replace(grant(), key=OTHER_KEY),
        grant(fleet=OTHER_FLEET),
        grant(instance="OTHER"),
    ]
    return {
        "it bears a mark": [bearing(valid, mark) for mark in (raw(), *bad_marks())],
        "its name is not one that we would give": [found(valid, name=name) for name in names],
        "no grant in force allows it": [
            told(valid, grants=()),
            told(valid, grants=(grant(id="grant-2"),)),
        ],
        "the grant is not a true one of this fleet": [proved(valid, grant=g) for g in untrue],
    }


def start_flaws(valid: Moment) -> Flaws:
    running = [PowerState.RUNNING, PowerState.PAUSED, PowerState.UNKNOWN]
    return {
        "it is not plainly stopped": [found(valid, power=power) for power in running],
        "it left this host by a migration, and may run where it went": [
            found(valid, reason=PowerReason.MIGRATED)
        ],
        "a process of it is running": [but(valid, process=True)],
        "no witness can tell whether a process of it is running": [but(valid, process=None)],
    }


def asked_flaws(valid: Moment) -> Flaws:
    return {"nobody asked for it": [ordered(valid, automatic=True)]}


def mark_flaws(valid: Moment) -> Flaws:
    bad = [
        STRANGER.mark(FLEET, VM, 8),
        moments.SIGNER.mark(FLEET, ANOTHER_VM, 8),
        moments.SIGNER.mark(OTHER_FLEET, VM, 8),
    ]
    return {
        "it does not bear the mark that it bore when this was decided": [
            ordered(valid, replaces=None),
            bearing(valid, None),
        ],
        "the new mark is not a good mark of ours for it": [ordered(valid, mark=m) for m in bad],
        "it is saved to disk: a mark would not last; start it first": [found(valid, saved=True)],
        "it is transient: it has no definition to mark": [found(valid, transient=True)],
    }


RECORD_STOP, MARK_STOP, NAME_STOP = (STOPS[kind] for kind in ProofKind)
FLAWS: dict[str, Flaws] = {
    "stop by record": ours_flaws(RECORD_STOP)
    | disarmed_flaws(RECORD_STOP)
    | generation_flaws(RECORD_STOP)
    | automatic_stop_flaws(RECORD_STOP)
    | run_flaws(RECORD_STOP),
    "stop by mark": ours_flaws(MARK_STOP)
    | disarmed_flaws(MARK_STOP)
    | generation_flaws(MARK_STOP)
    | automatic_stop_flaws(MARK_STOP)
    | only_saved_flaws(MARK_STOP),
    "stop by name": order_flaws(NAME_STOP)
    | disarmed_flaws(NAME_STOP)
    | evidence_flaws(NAME_STOP)
    | one_mark_flaws(NAME_STOP)
    | name_flaws(NAME_STOP)
    | automatic_stop_flaws(NAME_STOP)
    | only_saved_flaws(NAME_STOP),
    "start": ours_flaws(START) | disarmed_flaws(START) | start_flaws(START),
    "mark": order_flaws(MARK) | asked_flaws(MARK) | other_mark_flaws(MARK) | mark_flaws(MARK),
    "unmark": order_flaws(UNMARK)
    | evidence_flaws(UNMARK)
    | asked_flaws(UNMARK)
    | same_mark_flaws(UNMARK)
    | other_mark_flaws(UNMARK)
    | good_mark_flaws(UNMARK)
    | generation_flaws(UNMARK)
    | {
        "it is saved to disk: the mark would come back; start it first": [found(UNMARK, saved=True)]
    },
}
