"""Each bug of knowing: with it, something is taken for known, at rest or whole that is not."""

from collections.abc import Callable

import msgspec
import pytest

from tests.parts import CLUSTER, FLEET, HOST, KEY, VM
from tests.probes import Probes, told_apart
from tests.unit.server.passes.test_accounts import ROW, Desk
from tests.worlds import but, owned, owned_stopped
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import StartVm
from vmuster.model.host import Cluster, Fleet
from vmuster.model.policy import Policy
from vmuster.model.report import Account
from vmuster.model.states import Completeness, Drift, Finding
from vmuster.ports.store import HostRows, Spent
from vmuster.reconcile import rest
from vmuster.reconcile.draft import Draft
from vmuster.reconcile.stirring import Stirred
from vmuster.server.passes import scope
from vmuster.server.passes.standing import Standing
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.knowing import KNOWING

OURS = Fleet(id=FLEET, instance="VM", created_at=0.0, key=KEY, public_keys={})
NEAR = Cluster(name=CLUSTER, policy=Policy(), created_at=0.0)


def after(stirred: Stirred) -> Callable[[], object]:
    """Whether an account that was settled is known, after this."""

    def known() -> object:
        desk = Desk()
        desk.accounts.stir(stirred)
        return desk.same()

    return known


def unsettled() -> object:
    """Whether an account is known with a VM about which a pass was not the last word."""
    desk = Desk()
    desk.settle(restless=frozenset({VM}))
    return desk.same()


def undone() -> object:
    """Whether a VM is restless of which something is left undone, and nothing else."""
    world = owned()
    draft = Draft(
        pair=world.pair,
        standing=None,
        finding=Finding.IN_SYNC,
        rule="a rule",
        why="for a reason",
        note="somebody works there",
    )
    judged = rest.Judged(
        pair=world.pair,
        recorded=world.recorded,
        draft=draft,
        decision=None,
        sighted=None,
        broken=False,
    )
    return any(reason(judged) for reason in rest.REASONS.values())


def of_some() -> object:
    """Whether a report of single VMs is an account to be remembered."""
    partial = Account(boot_id="b", completeness=Completeness.PARTIAL, vms=())
    return scope.lines_of(memoryview(msgspec.json.encode(partial))) is not None


def spent() -> object:
    """What the second plan of a transaction finds spent in the fleet, after a start."""
    world = but(owned_stopped(), policy=Policy(drift=Drift.ENFORCE))
    plan, standing = world.plan(), Standing()
    assert any(isinstance(command, StartVm) for command in plan.commands)
    rows = HostRows(
        fleet=OURS,
        cluster=NEAR,
        host=ROW,
        records=(),
        here=(),
        elsewhere=(),
        named=(),
        operations=(),
        orphans=0,
        spent=Spent(),
    )
    standing.follow(plan, Changes(writes=(Write(before=OURS, after=OURS),)))
    return standing.rows(rows).spent.fleet_starts


PROBES: Probes = {
    "an-account-is-known-though-a-vm-was-stirred": after(Stirred(vms=frozenset({(HOST, VM)}))),
    "a-new-policy-stirs-nobody": after(Stirred(everything=True)),
    "a-restless-vm-is-not-judged-again": unsettled,
    "what-was-left-undone-is-forgotten": undone,
    "an-account-of-some-is-taken-for-whole": of_some,
    "a-plan-does-not-see-what-was-just-spent": spent,
}


@pytest.mark.parametrize("bug", KNOWING, ids=lambda bug: bug.name)
def test_it_makes_a_difference(bug: Planted) -> None:
    assert told_apart(bug, PROBES[bug.name])
