"""Marks judged once: when first seen or changed; a signature costs 178 us to check.

A good mark stays good for as long as its key is known, and the sighting that was written of it says
so, beside the very mark: that takes no memory of ours, and outlives a restart. Before anything is
done by it, its signature is checked all the same (`verifying`), and once more, on the live VM, by
the agent. What was checked is remembered here, for as long as the keys are the same: what is wrong
with a mark a key may mend that becomes known later.
"""

from collections import OrderedDict
from collections.abc import Container, Iterable
from typing import Final

from vmuster.model.host import Fleet
from vmuster.model.ids import VmUuid
from vmuster.model.mark import NO_MARK, MarkJudgement, RawMark, parse_mark
from vmuster.model.report import HostReport
from vmuster.model.states import MarkVerdict
from vmuster.model.vm import Sighting
from vmuster.reconcile.ownership import judge_mark

_KEPT_MAX: Final = 5_000
"""As many as one host may show; each takes a kilobyte."""


class MarkJudge:
    """The judge of one fleet, with its present keys, and a bounded memory of judgements: the oldest
    are forgotten first."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._kept: OrderedDict[tuple[VmUuid, RawMark], MarkJudgement] = OrderedDict()

    def judge(
        self, report: HostReport, sightings: Iterable[Sighting]
    ) -> dict[VmUuid, MarkJudgement]:
        """The judgement of every VM of `report`. `sightings`: what was seen of them before, on
        whatever host."""
        good = {(each.uuid, each.raw_mark) for each in sightings if each.mark is MarkVerdict.OURS}
        return {vm.uuid: self._one(vm.uuid, vm.mark, good) for vm in report.vms}

    def verified(self, report: HostReport, vms: Container[VmUuid]) -> dict[VmUuid, MarkJudgement]:
        """The judgement of those of `report` that are among `vms`, whatever was seen before."""
        return {vm.uuid: self._verified(vm.uuid, vm.mark) for vm in report.vms if vm.uuid in vms}

    def _one(
        self, vm: VmUuid, raw: RawMark | None, good: set[tuple[VmUuid, RawMark | None]]
    ) -> MarkJudgement:
        if raw is not None and (vm, raw) in good and raw.key in self._fleet.public_keys:
            mark = parse_mark(raw)
            if mark is not None:
                return MarkJudgement(verdict=MarkVerdict.OURS, generation=mark.generation)
        return self._verified(vm, raw)

    def _verified(self, vm: VmUuid, raw: RawMark | None) -> MarkJudgement:
        if raw is None:
            return NO_MARK
        kept = self._kept.get((vm, raw))
        if kept is None:
            kept = judge_mark(raw, vm, self._fleet.id, self._fleet.public_keys)
            self._kept[vm, raw] = kept
            if len(self._kept) > _KEPT_MAX:
                self._kept.popitem(last=False)
        return kept
