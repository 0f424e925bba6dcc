"""Marks are judged when they are new or changed, once, and what is kept is bounded: a good one by
its sighting, and not by this server's memory."""

import msgspec
import pytest

from tests import moments
from tests.parts import FLEET, HOST, KEY, VM, sighting
from tests.servers import seen
from vmuster.model.host import Fleet
from vmuster.model.ids import FleetId, VmUuid
from vmuster.model.mark import MarkJudgement, RawMark
from vmuster.model.report import HostReport
from vmuster.model.states import Completeness, MarkVerdict
from vmuster.model.vm import Sighting, VmObservation
from vmuster.reconcile.ownership import judge_mark
from vmuster.server.passes import judge as judge_module
from vmuster.server.passes.judge import MarkJudge

US = Fleet(
    id=FLEET, instance="VM", created_at=0.0, key=KEY, public_keys={str(KEY): moments.SIGNER.public}
)


def report(*vms: VmObservation) -> HostReport:
    return HostReport(
        host=HOST,
        epoch=1,
        sequence=1,
        boot_id="b",
        completeness=Completeness.COMPLETE,
        vms=vms,
    )


def seen_before(vm: VmUuid) -> Sighting:
    return sighting(uuid=vm, raw_mark=moments.raw())


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[VmUuid]:
    """The VMs whose signatures were truly looked at."""
    looked: list[VmUuid] = []

    def watched(raw: RawMark, vm: VmUuid, fleet: FleetId, keys: dict[str, bytes]) -> MarkJudgement:
        looked.append(vm)
        return judge_mark(raw, vm, fleet, keys)

    monkeypatch.setattr(judge_module, "judge_mark", watched)
    return looked


def test_each_vm_of_a_report_is_judged(judged: list[VmUuid]) -> None:
    good, bad = seen(VM, mark=moments.raw()), seen(moments.ANOTHER_VM, mark=moments.raw())
    bare = seen(VmUuid(KEY))
    verdicts = MarkJudge(US).judge(report(good, bad, bare), ())
    assert {vm: judgement.verdict for vm, judgement in verdicts.items()} == {
        VM: MarkVerdict.OURS,
        moments.ANOTHER_VM: MarkVerdict.COPIED,
        bare.uuid: MarkVerdict.NONE,
    }
    assert verdicts[VM].generation == moments.GENERATION
    assert judged == [VM, moments.ANOTHER_VM]


def test_a_mark_is_judged_again_only_when_it_changed(judged: list[VmUuid]) -> None:
    judge = MarkJudge(US)
    for _ in range(3):
        judge.judge(report(seen(VM, mark=moments.raw())), ())
    assert judged == [VM]
    worse = msgspec.structs.replace(moments.raw(), signature="00" * 64)
    assert judge.judge(report(seen(VM, mark=worse)), ())[VM].verdict is MarkVerdict.FORGED
    assert judge.judge(report(seen(VM, mark=moments.raw())), ())[VM].verdict is MarkVerdict.OURS
    assert judged == [VM, VM]


def test_the_same_mark_on_another_vm_is_another_question(judged: list[VmUuid]) -> None:
    judge = MarkJudge(US)
    judge.judge(report(seen(VM, mark=moments.raw())), ())
    copy = judge.judge(report(seen(moments.ANOTHER_VM, mark=moments.raw())), ())
    assert copy[moments.ANOTHER_VM].verdict is MarkVerdict.COPIED


def test_the_oldest_judgements_are_forgotten(
    judged: list[VmUuid], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge_module, "_KEPT_MAX", 2)
    judge = MarkJudge(US)
    marks = [moments.raw(generation) for generation in (1, 2, 3)]
    for mark in (*marks, marks[2], marks[0]):
        judge.judge(report(seen(VM, mark=mark)), ())
    assert len(judged) == 4


def test_a_good_mark_is_known_by_its_sighting(judged: list[VmUuid]) -> None:
    before = seen_before(VM)
    judgement = MarkJudge(US).judge(report(seen(VM, mark=moments.raw())), (before,))[VM]
    assert judgement == MarkJudge(US).judge(report(seen(VM, mark=moments.raw())), ())[VM]
    assert judged == [VM], "only where nothing was seen before"


WORSE = msgspec.structs.replace(moments.raw(), signature="00" * 64)


@pytest.mark.parametrize(
    "changed",
    [
        {"mark": MarkVerdict.FORGED},
        {"mark": MarkVerdict.COPIED},
        {"raw_mark": None},
        {"raw_mark": WORSE},
        {"uuid": moments.ANOTHER_VM},
    ],
)
def test_no_other_sighting_vouches_for_a_mark(
    judged: list[VmUuid], changed: dict[str, object]
) -> None:
    before = msgspec.structs.replace(seen_before(VM), **changed)
    MarkJudge(US).judge(report(seen(VM, mark=moments.raw())), (before,))
    assert judged == [VM]


def test_a_mark_that_is_worse_than_the_one_that_was_seen_is_judged(judged: list[VmUuid]) -> None:
    verdicts = MarkJudge(US).judge(report(seen(VM, mark=WORSE)), (seen_before(VM),))
    assert verdicts[VM].verdict is MarkVerdict.FORGED
    assert judged == [VM]


def test_a_mark_whose_key_is_known_no_more_is_judged_again() -> None:
    keyless = msgspec.structs.replace(US, public_keys={})
    verdicts = MarkJudge(keyless).judge(report(seen(VM, mark=moments.raw())), (seen_before(VM),))
    assert verdicts[VM].verdict is MarkVerdict.FORGED


def test_a_row_that_vouches_for_a_mark_that_is_none_vouches_for_nothing() -> None:
    odd = RawMark(key=str(KEY), generation="many")
    before = msgspec.structs.replace(seen_before(VM), raw_mark=odd)
    verdicts = MarkJudge(US).judge(report(seen(VM, mark=odd)), (before,))
    assert verdicts[VM].verdict is MarkVerdict.FORGED
