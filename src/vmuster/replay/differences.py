"""What would be decided otherwise: each recorded pass decided again, beside what it decided then.

Each pass stands by itself: it is decided on the rows on which it was decided then, whatever another
policy would have made of the passes before it.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from vmuster.model.host import Cluster, Fleet, NameGrant
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.operations import AUTOMATIC
from vmuster.model.policy_change import changed_policy
from vmuster.model.states import HostMode, UnknownVms
from vmuster.reconcile.passed import Decided, Given, Passed, again, decided

_WORDS: Final = frozenset({"uuid", "name", "why"})
_TOLD: Final = tuple(name for name in Decided.__struct_fields__ if name not in _WORDS)
"""What of a conclusion counts: that its reason is put into other words is no difference."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is supposed to have been otherwise: settings of every cluster's policy, and the mode of
    every host. Nothing: only the rules may be others."""

    settings: dict[str, object] = {}
    mode: HostMode | None = None


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


def compared(passes: Iterable[Passed], change: Change) -> Iterator[Compared]:
    """Each pass beside what would be decided now, had `change` been so. Raises `Refused` where a
    setting is none."""
    for passed in passes:
        yield _compared(passed, change)


def differences(passes: Iterable[Passed], change: Change) -> Iterator[Difference]:
    """Every difference, in the order of the passes. Raises as `compared`."""
    for one in compared(passes, change):
        yield from one.differences


def supposed(given: Given, change: Change) -> Given:
    """What a pass would have been given, had `change` been so. With `stop-by-name` goes the grant
    that a person would have given for it. Raises `Refused`."""
    recorded, cluster = given.recorded, given.cluster
    if change.settings:
        cluster = _under(cluster, given.fleet, change.settings)
    host = recorded.host
    if change.mode is not None:
        host = msgspec.structs.replace(host, mode=change.mode)
    recorded = msgspec.structs.replace(recorded, host=host, grant=cluster.grant)
    return msgspec.structs.replace(given, cluster=cluster, recorded=recorded)


def _under(cluster: Cluster, fleet: Fleet, settings: dict[str, object]) -> Cluster:
    policy = changed_policy(cluster.policy, settings)
    by_name = policy.unknown_vms is UnknownVms.STOP_BY_NAME
    grant = (cluster.grant or _grant(cluster, fleet)) if by_name else None
    return msgspec.structs.replace(cluster, policy=policy, grant=grant)


def _grant(cluster: Cluster, fleet: Fleet) -> NameGrant:
    """A person's leave that nobody gave: it is signed by nobody, and lets no agent act."""
    return NameGrant(
        id="supposed",
        cluster=cluster.name,
        fleet=fleet.id,
        instance=fleet.instance,
        granted_by=AUTOMATIC,
        granted_at=cluster.created_at,
        key=fleet.key,
        signature=b"",
    )


def _compared(passed: Passed, change: Change) -> Compared:
    given = passed.given
    plan = again(supposed(given, change))
    was = {each.uuid: each for each in passed.decided}
    now = {each.uuid: each for each in decided(plan)}
    host = given.recorded.host
    found: list[Difference] = []
    for vm in dict.fromkeys((*was, *now)):
        before, after = was.get(vm), now.get(vm)
        told = after or before
        if told is not None and _differ(before, after):
            found.append(
                Difference(
                    at=given.at,
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
