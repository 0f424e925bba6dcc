"""Is it ours? The judge of marks, and the only makers of proofs.

`prove` makes an `OwnershipProof`, `clear` a `HomeClearance`; nothing else in vmuster may. Each is
a list of checks, every one of which can refuse; a test takes each check out in turn and shows
that without it something unproven would pass.
"""

from collections.abc import Callable
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vmuster.model.commands import HomeClearance, OwnershipProof, Unproven
from vmuster.model.ids import FleetId, VmUuid
from vmuster.model.mark import NO_MARK, MarkJudgement, RawMark, parse_mark, signed_bytes
from vmuster.model.names import is_canonical
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import (
    Completeness,
    MarkVerdict,
    PowerReason,
    PowerState,
    ProofKind,
    Standing,
    UnknownVms,
)
from vmuster.reconcile.classify import remembered_reason
from vmuster.reconcile.pairing import Pair
from vmuster.reconcile.recorded import Recorded

_FORGED: Final = MarkJudgement(verdict=MarkVerdict.FORGED)


def judge_mark(
    raw: RawMark | None, vm: VmUuid, fleet: FleetId, public_keys: dict[str, bytes]
) -> MarkJudgement:
    """What the mark `raw`, found on `vm`, is to `fleet`. `public_keys`: key id → 32 bytes.

    Another fleet's mark is FOREIGN whatever its signature: we have no key to judge it by.
    """
    if raw is None:
        return NO_MARK
    mark = parse_mark(raw)
    if mark is None:
        return _FORGED
    if mark.fleet != fleet:
        return MarkJudgement(verdict=MarkVerdict.FOREIGN, fleet=str(mark.fleet))
    key = public_keys.get(str(mark.key))
    if key is None:
        return _FORGED
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(
            mark.signature, signed_bytes(mark.fleet, mark.vm, mark.generation, mark.key)
        )
    except (InvalidSignature, ValueError):
        return _FORGED
    verdict = MarkVerdict.OURS if mark.vm == vm else MarkVerdict.COPIED
    return MarkJudgement(verdict=verdict, generation=mark.generation)


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """All that a proof is made from: one VM of one report, and its standing there."""

    pair: Pair
    standing: Standing
    recorded: Recorded
    report: HostReport
    policy: Policy


class Check(msgspec.Struct, frozen=True):
    """One condition of a proof; `reason` is said where it does not hold."""

    reason: str
    holds: Callable[[Claim], bool]
    passing: bool = False
    """Whether a new look elsewhere may take the reason away."""


def _kind(standing: Standing) -> ProofKind | None:
    return _KINDS.get(standing)


_KINDS: Final = {
    Standing.OWNED: ProofKind.RECORD,
    Standing.GHOST: ProofKind.MARK,
    Standing.LOOKALIKE: ProofKind.NAME,
}
_LADDER: Final = tuple(UnknownVms)


def _seen(claim: Claim) -> bool:
    return claim.pair.seen is not None and claim.pair.seen.uuid == claim.pair.uuid


def _of_this_host(claim: Claim) -> bool:
    host = claim.recorded.host
    return claim.report.host == host.id and claim.report.epoch == host.epoch


def _live_at_home(claim: Claim) -> bool:
    record = claim.pair.record
    return (
        record is not None
        and record.live
        and record.uuid == claim.pair.uuid
        and record.host in (None, claim.recorded.host.id)
    )


def _has_not_left(claim: Claim) -> bool:
    record, seen = claim.pair.record, claim.pair.seen
    if record is None or seen is None:
        return True
    return remembered_reason(record, seen) is not PowerReason.MIGRATED


def _buried(claim: Claim) -> bool:
    return claim.pair.record is not None and not claim.pair.record.live


def _mark_not_newer(claim: Claim) -> bool:
    record = claim.pair.record
    return record is not None and claim.pair.judgement.generation <= record.mark_generation


def _rung(claim: Claim, rung: UnknownVms) -> bool:
    return _LADDER.index(claim.policy.unknown_vms) >= _LADDER.index(rung)


def _seen_often(claim: Claim) -> bool:
    """Whether this makes enough COMPLETE reports in a row in which it stood as it stands now."""
    here = claim.pair.here
    before = here.complete_reports if here is not None and here.standing is claim.standing else 0
    return (
        claim.report.completeness is Completeness.COMPLETE
        and before + 1 >= claim.policy.seen_before_stop
    )


def _granted(claim: Claim) -> bool:
    grant = claim.recorded.grant
    return (
        grant is not None
        and grant.cluster == claim.recorded.host.cluster
        and grant.instance == claim.recorded.instance
    )


_SEEN_HERE: Final = (
    Check("the report does not show it", _seen),
    Check("the report is not this host's own, of this connection", _of_this_host),
)
_GOOD_MARK: Final = Check(
    "its mark is not a good mark of ours", lambda c: c.pair.judgement.verdict is MarkVerdict.OURS
)
_NO_COPY: Final = Check(
    "the same VM is also seen on another host", lambda c: not c.pair.copies, passing=True
)
LEFT: Final = "it is gone from another host, and nobody confirmed that no process is left there"
"""Why a VM that left another host is started nowhere (L2), and what ran there may be one of two and
is not touched either, until that or a person's word."""
_NO_TWIN_LEFT: Final = Check(LEFT, lambda c: not any(s.ran for s in c.pair.left), passing=True)
_OLD_MARK: Final = Check(
    "its mark is newer than our records: adopt it again, it is signed anew then", _mark_not_newer
)
_UNSTOPPED: Final = (
    Check(
        "it is not plainly running",
        lambda c: c.pair.seen is not None and c.pair.seen.power is PowerState.RUNNING,
    ),
    Check("it was not yet seen in enough complete reports in a row", _seen_often),
    Check(
        "VMs with our mark and no record are in this cluster: our records may be old",
        lambda c: c.recorded.orphans == 0,
    ),
)

CHECKS: dict[ProofKind, tuple[Check, ...]] = {
    ProofKind.RECORD: (
        *_SEEN_HERE,
        Check("no live record says that it lives here", _live_at_home),
        _GOOD_MARK,
        _OLD_MARK,
        _NO_COPY,
        _NO_TWIN_LEFT,
    ),
    ProofKind.MARK: (
        *_SEEN_HERE,
        Check("no tombstone of ours exists for it", _buried),
        _GOOD_MARK,
        _OLD_MARK,
        Check("no person allows it: unknown_vms", lambda c: _rung(c, UnknownVms.STOP_BY_MARK)),
        *_UNSTOPPED,
    ),
    ProofKind.NAME: (
        *_SEEN_HERE,
        Check("there is a record of it", lambda c: c.pair.record is None),
        Check("it bears a mark", lambda c: c.pair.judgement.verdict is MarkVerdict.NONE),
        Check(
            "its name is not one that we would give",
            lambda c: (
                c.pair.seen is not None and is_canonical(c.pair.seen.name, c.recorded.instance)
            ),
        ),
        Check("no person allows it: unknown_vms", lambda c: _rung(c, UnknownVms.STOP_BY_NAME)),
        Check("no person's grant for this cluster is on record", _granted),
        *_UNSTOPPED,
    ),
}
"""The conditions of each kind of proof. Every one must hold."""


def prove(claim: Claim) -> OwnershipProof | Unproven:
    """The evidence that the VM of `claim` may be acted on, or the reason why there is none.

    The only maker of `OwnershipProof`. Whether the act is allowed now (mode, quiet time, budget)
    is another question, asked elsewhere.
    """
    kind = _kind(claim.standing)
    if kind is None:
        return Unproven(reason=f"a VM that is {claim.standing} is never ours to act on")
    refused = _refusal(CHECKS[kind], claim)
    if refused is not None:
        return refused
    seen = claim.pair.seen
    marked = kind is not ProofKind.NAME
    return OwnershipProof(
        kind=kind,
        host=claim.recorded.host.id,
        vm=claim.pair.uuid,
        epoch=claim.report.epoch,
        sequence=claim.report.sequence,
        mark=seen.mark if marked and seen is not None else None,
        mark_generation=claim.pair.judgement.generation if marked else 0,
        grant=None if marked else claim.recorded.grant,
    )


CLEARANCE_CHECKS: tuple[Check, ...] = (
    *_SEEN_HERE,
    Check(
        "the report is not a complete one",
        lambda c: c.report.completeness is Completeness.COMPLETE,
    ),
    Check("its standing is not owned", lambda c: c.standing is Standing.OWNED),
    Check("no live record says that it lives here", _live_at_home),
    _GOOD_MARK,
    _OLD_MARK,
    Check(
        "it is not plainly stopped",
        lambda c: (
            c.pair.seen is not None
            and c.pair.seen.power in (PowerState.STOPPED, PowerState.CRASHED)
        ),
    ),
    Check("it left this host by a migration, and may run where it went", _has_not_left),
    _NO_COPY,
    Check(
        "it may be running on another host",
        lambda c: not any(s.may_run for s in c.pair.elsewhere if s.mark is not MarkVerdict.OURS),
    ),
    Check(LEFT, lambda c: not c.pair.left, passing=True),
)


def clear(claim: Claim) -> HomeClearance | Unproven:
    """Leave to start the VM of `claim` at home (L2), or the reason why not.

    The only maker of `HomeClearance`.
    """
    refused = _refusal(CLEARANCE_CHECKS, claim)
    if refused is not None:
        return refused
    seen = claim.pair.seen
    if seen is None or seen.mark is None:
        return Unproven(reason="the report does not show its mark")
    return HomeClearance(
        host=claim.recorded.host.id,
        vm=claim.pair.uuid,
        epoch=claim.report.epoch,
        sequence=claim.report.sequence,
        mark=seen.mark,
    )


def _refusal(checks: tuple[Check, ...], claim: Claim) -> Unproven | None:
    """The first check that refuses `claim`; its reason passes only if no other refuses for good."""
    refusing = [check for check in checks if not check.holds(claim)]
    if not refusing:
        return None
    lasting = next((check for check in refusing if not check.passing), None)
    return Unproven(reason=(lasting or refusing[0]).reason, passing=lasting is None)
