"""One pass beside itself: what it concluded then, and what would be concluded now, VM by VM."""

from typing import Final

import msgspec

from vmuster.model.ids import HostId, VmUuid
from vmuster.model.plan import Plan
from vmuster.reconcile.passed import Decided, Passed, decided

_WORDS: Final = frozenset({"uuid", "name", "why"})
_TOLD: Final = tuple(name for name in Decided.__struct_fields__ if name not in _WORDS)
"""What of a conclusion counts: that its reason is put into other words is no difference."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One VM about which a pass would come to another conclusion. `was` and `now`: None where it
    is none at all; `refused`: why the whole report would not be believed now."""

    at: float
    host: HostId
    host_name: str
    vm: VmUuid
    name: str
    was: Decided | None
    now: Decided | None
    refused: str = ""

    @property
    def why(self) -> str:
        """The reason for what would be concluded now; else that for what was."""
        if self.now is not None:
            return self.now.why
        return self.refused or "nothing would be concluded about it"


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One pass beside itself: how many VMs it concluded about, and where it differs."""

    decisions: int
    differences: tuple[Difference, ...]


def beside(passed: Passed, plan: Plan) -> Compared:
    """What `passed` decided, beside what `plan`, made of the same report, decides."""
    was = {each.uuid: each for each in passed.decided}
    now = {each.uuid: each for each in decided(plan)}
    host = passed.given.recorded.host
    found: list[Difference] = []
    for vm in dict.fromkeys((*was, *now)):
        before, after = was.get(vm), now.get(vm)
        told = after or before
        if told is not None and _differ(before, after):
            found.append(
                Difference(
                    at=passed.given.at,
                    host=host.id,
                    host_name=host.name,
                    vm=vm,
                    name=told.name,
                    was=before,
                    now=after,
                    refused=plan.refused,
                )
            )
    return Compared(decisions=len(was), differences=tuple(found))


def _differ(was: Decided | None, now: Decided | None) -> bool:
    if was is None or now is None:
        return True
    return any(getattr(was, name) != getattr(now, name) for name in _TOLD)
