"""Marks judged once: when first seen or changed; a signature costs 178 us to check."""

from collections import OrderedDict
from typing import Final

from vmuster.model.host import Fleet
from vmuster.model.ids import VmUuid
from vmuster.model.mark import NO_MARK, MarkJudgement, RawMark
from vmuster.model.report import HostReport
from vmuster.reconcile.ownership import judge_mark

_KEPT_MAX: Final = 100_000


class MarkJudge:
    """A bounded memory of judgements for one fleet; the oldest are forgotten first."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._kept: OrderedDict[tuple[VmUuid, RawMark], MarkJudgement] = OrderedDict()

    def judge(self, report: HostReport) -> dict[VmUuid, MarkJudgement]:
        """The judgement of every VM of `report`."""
        return {vm.uuid: self._one(vm.uuid, vm.mark) for vm in report.vms}

    def _one(self, vm: VmUuid, raw: RawMark | None) -> MarkJudgement:
        if raw is None:
            return NO_MARK
        kept = self._kept.get((vm, raw))
        if kept is None:
            kept = judge_mark(raw, vm, self._fleet.id, self._fleet.public_keys)
            self._kept[vm, raw] = kept
            if len(self._kept) > _KEPT_MAX:
                self._kept.popitem(last=False)
        return kept
