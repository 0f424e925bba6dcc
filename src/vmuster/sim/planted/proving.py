"""Bugs of identity and proof: what the server takes for ours, and for which VM."""

from typing import Any, Final
from uuid import UUID

import msgspec

from vmuster.model.ids import FleetId, VmUuid
from vmuster.model.mark import MarkJudgement, RawMark, parse_mark
from vmuster.model.names import number_in
from vmuster.model.report import HostReport
from vmuster.model.states import MarkVerdict, Standing, UnknownVms
from vmuster.model.vm import VmRecord
from vmuster.reconcile.ownership import Claim
from vmuster.reconcile.pairing import Pair
from vmuster.reconcile.recorded import Recorded
from vmuster.reconcile.standing import RULES, Rule
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.patch import patch, says, without

_GOOD_MARK: Final = "its mark is not a good mark of ours"
_NO_COPY: Final = "the same VM is also seen on another host"
_PROOFS: Final = "vmuster.reconcile.ownership:CHECKS"
_CLEARANCES: Final = "vmuster.reconcile.ownership:CLEARANCE_CHECKS"
_PAIR: Final = "vmuster.reconcile.engine:pair"
_JUDGE: Final = "vmuster.server.passes.judge:judge_mark"
_OWNED: Final = next(rule for rule in RULES if rule.standing is Standing.OWNED)


def _by_record_alone(before: Any) -> Any:
    def standing_of(pair: Pair, recorded: Recorded, report: HostReport) -> Any:
        record = pair.record
        if record is not None and record.live and record.host == recorded.host.id:
            return _OWNED
        return before(pair, recorded, report)

    return standing_of


def _unverified(before: Any) -> Any:
    """A mark in form, of our fleet, is good; whose signature it bears is not asked."""

    def judged(raw: RawMark | None, vm: VmUuid, fleet: FleetId, keys: dict[str, bytes]) -> Any:
        mark = parse_mark(raw) if raw is not None else None
        if mark is None or mark.fleet != fleet:
            return before(raw, vm, fleet, keys)
        verdict = MarkVerdict.OURS if mark.vm == vm else MarkVerdict.COPIED
        return MarkJudgement(verdict=verdict, generation=mark.generation)

    return judged


def _any_fleet(before: Any) -> Any:
    """A mark in form for this VM is good, whichever fleet it names."""

    def judged(raw: RawMark | None, vm: VmUuid, fleet: FleetId, keys: dict[str, bytes]) -> Any:
        mark = parse_mark(raw) if raw is not None else None
        if mark is None or mark.vm != vm or mark.fleet == fleet:
            return before(raw, vm, fleet, keys)
        return MarkJudgement(verdict=MarkVerdict.OURS, generation=0)

    return judged


def _whom_the_mark_names(before: Any) -> Any:
    """A VM is the one that its mark is signed for."""

    def paired(recorded: Recorded, report: HostReport) -> list[Pair]:
        return [_named_by_mark(each, recorded) for each in before(recorded, report)]

    return paired


def _named_by_mark(pair: Pair, recorded: Recorded) -> Pair:
    mark = pair.seen.mark if pair.seen is not None else None
    if mark is None or pair.judgement.verdict is not MarkVerdict.COPIED:
        return pair
    return _taken_for(pair, recorded.records.get(VmUuid(UUID(mark.vm))), recorded)


def _whom_the_name_names(before: Any) -> Any:
    """A VM is the one whose record bears its name."""

    def paired(recorded: Recorded, report: HostReport) -> list[Pair]:
        return [_named(each, recorded) for each in before(recorded, report)]

    return paired


def _named(pair: Pair, recorded: Recorded) -> Pair:
    known = recorded.named.get(pair.seen.name) if pair.seen is not None else None
    return pair if known is None else _taken_for(pair, known, recorded)


def _whom_the_number_names(before: Any) -> Any:
    """A VM is the one to whose number its name points."""

    def paired(recorded: Recorded, report: HostReport) -> list[Pair]:
        return [_numbered(each, recorded) for each in before(recorded, report)]

    return paired


def _numbered(pair: Pair, recorded: Recorded) -> Pair:
    known = recorded.numbered.get(number_in(pair.seen.name)) if pair.seen is not None else None
    return pair if known is None else _taken_for(pair, known, recorded)


def _taken_for(pair: Pair, record: VmRecord | None, recorded: Recorded) -> Pair:
    """The pair, as one of the VM of a record: what was seen is said of that one."""
    seen = pair.seen
    if record is None or seen is None or record.uuid == pair.uuid:
        return pair
    vm = record.uuid
    return msgspec.structs.replace(
        pair,
        uuid=vm,
        seen=msgspec.structs.replace(seen, uuid=vm),
        record=record,
        judgement=MarkJudgement(verdict=MarkVerdict.OURS, generation=record.mark_generation),
        here=recorded.here.get(vm),
        elsewhere=recorded.elsewhere.get(vm, ()),
    )


def _by_name_anyway(before: Any) -> Any:
    """Whatever the policy says of unknown VMs."""

    def stranger(claim: Claim, rule: Rule, now: float) -> Any:
        policy = msgspec.structs.replace(claim.policy, unknown_vms=UnknownVms.STOP_BY_NAME)
        return before(msgspec.structs.replace(claim, policy=policy), rule, now)

    return stranger


PROVING: Final = (
    Planted(
        name="a-record-is-proof-enough",
        what="A VM with a live record is owned, whatever mark it bears.",
        laws=("L1",),
        patches=(
            patch("vmuster.reconcile.decide:standing_of", _by_record_alone),
            without(_PROOFS, _GOOD_MARK),
            without(_CLEARANCES, _GOOD_MARK),
        ),
        off=("the second opinion", "the guard's look at marks"),
    ),
    Planted(
        name="a-signature-is-not-checked",
        what="A mark is good where it is in form, whoever signed it.",
        laws=("L1",),
        patches=(patch(_JUDGE, _unverified),),
        off=("the guard's look at marks",),
        shape="marks spoilt",
    ),
    Planted(
        name="a-fleet-is-not-compared",
        what="The mark of another fleet is taken for ours.",
        laws=("L1",),
        patches=(patch(_JUDGE, _any_fleet),),
        off=("the guard's look at marks",),
        shape="marks spoilt",
    ),
    Planted(
        name="a-clone-is-taken-for-its-original",
        what="A VM is taken for the one that its mark was signed for.",
        laws=("L1", "L6"),
        patches=(patch(_PAIR, _whom_the_mark_names),),
        off=("the second opinion",),
        shape="clones",
    ),
    Planted(
        name="a-name-is-taken-for-identity",
        what="A VM is taken for the one whose record bears its name.",
        laws=("L1", "L6"),
        patches=(patch(_PAIR, _whom_the_name_names),),
        off=("the second opinion",),
        shape="namesakes",
    ),
    Planted(
        name="a-number-is-taken-for-identity",
        what="A VM is taken for the one to whose number its name points.",
        laws=("L1", "L6"),
        patches=(patch(_PAIR, _whom_the_number_names),),
        shape="one number in two names",
    ),
    Planted(
        name="a-name-is-taken-for-proof",
        what="A VM with a name of ours is stopped, though nobody has allowed it.",
        laws=("L1",),
        patches=(
            patch("vmuster.reconcile.decide:_stranger", _by_name_anyway),
            without(_PROOFS, "no person's grant for this cluster is on record"),
        ),
        off=("the second opinion", "the guard's look at grants"),
    ),
    Planted(
        name="a-duplicate-is-not-frozen",
        what="Of two running copies the one at home is ours to stop.",
        laws=("L1",),
        patches=(says("vmuster.reconcile.decide:duplicated", False), without(_PROOFS, _NO_COPY)),
        off=("the second opinion",),
        shape="copies",
    ),
)
