"""Bugs of knowing: a report is taken for known, a VM for at rest, a plan for one alone."""

from typing import Any, Final

import msgspec

from vmuster.model.ids import VmUuid
from vmuster.model.plan import Plan, Unrest
from vmuster.reconcile.stirring import CALM, Stirred
from vmuster.server.passes.accounts import Accounts
from vmuster.server.passes.scope import Judged
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.patch import Misplaced, Patch, patch, says

_ACCOUNTS: Final = "vmuster.server.passes.accounts:Accounts"
_HOURLY: Final = "the hourly pass over everything"


def _deaf_to(*parts: str) -> Any:
    """What is stirred, but for these parts of it."""

    def make(before: Any) -> Any:
        def stir(self: Accounts, stirred: Stirred) -> None:
            calm = {part: getattr(CALM, part) for part in parts}
            before(self, msgspec.structs.replace(stirred, **calm))

        return stir

    return make


def _all_at_rest(before: Any) -> Any:
    """A pass is the last word about every VM."""

    def settle(self: Accounts, judged: Judged, plan: Plan) -> None:
        restless = plan.restless if isinstance(plan.restless, Unrest) else frozenset[VmUuid]()
        before(self, judged, msgspec.structs.replace(plan, restless=restless))

    return settle


def _without_reason(name: str) -> Patch:
    """The reasons for which a VM is restless, without this one."""

    def make(reasons: Any) -> Any:
        if name not in reasons:
            raise Misplaced(f"nothing is restless because {name}")
        return {each: reason for each, reason in reasons.items() if each != name}

    return patch("vmuster.reconcile.rest:REASONS", make)


def _unspent(_before: Any) -> Any:
    """Each plan finds the budgets as they were read."""

    def rows(self: Any, rows: Any) -> Any:
        return msgspec.structs.replace(
            rows,
            fleet=self._fleet or rows.fleet,
            cluster=self._clusters.get(rows.cluster.name, rows.cluster),
        )

    return rows


KNOWING: Final = (
    Planted(
        name="an-account-is-known-though-a-vm-was-stirred",
        what="What is written about a VM is not heard, while its host says the same as before.",
        laws=("L4",),
        patches=(patch(f"{_ACCOUNTS}.stir", _deaf_to("vms")),),
        off=(_HOURLY,),
        shape="bells lost in a calm fleet",
    ),
    Planted(
        name="a-new-policy-stirs-nobody",
        what="A new policy, mode or key changes nothing for VMs about which all was said.",
        laws=("L4",),
        patches=(patch(f"{_ACCOUNTS}.stir", _deaf_to("everything", "clusters", "hosts")),),
        off=(_HOURLY,),
        shape="other policies in a calm fleet",
    ),
    Planted(
        name="a-restless-vm-is-not-judged-again",
        what="A pass is taken for the last word about all of its VMs, whatever it left open.",
        laws=("L4",),
        patches=(patch(f"{_ACCOUNTS}.settle", _all_at_rest),),
        off=(_HOURLY,),
        shape="crashes in a calm fleet",
    ),
    Planted(
        name="what-was-left-undone-is-forgotten",
        what="A VM of which something was left undone for a reason is not judged again.",
        laws=("L4",),
        patches=(_without_reason("something is left undone"),),
        off=(_HOURLY,),
        shape="crashes in a calm fleet",
    ),
    Planted(
        name="an-account-of-some-is-taken-for-whole",
        what="What a report of single VMs does not name is taken to be gone.",
        laws=("L6",),
        patches=(says("vmuster.server.passes.scope:_is_whole", answer=True),),
        off=("the confirmation of absence",),
    ),
    Planted(
        name="a-plan-does-not-see-what-was-just-spent",
        what="Of the plans of one transaction each finds the budgets as they were before it.",
        laws=("L8",),
        patches=(patch("vmuster.server.passes.standing:Standing.rows", _unspent),),
        off=("the second opinion",),
        shape="a slow database and a tight budget",
    ),
)
