"""Each bug of judgement: with it, something is concluded of a VM that nobody has seen."""

import asyncio

import pytest

from tests.parts import NOW, OTHER, VM, copy_elsewhere
from tests.probes import Probes, told_apart
from tests.servers import bench, vm
from tests.worlds import but, moved, owned, owned_stopped
from vmuster.model.policy import Policy
from vmuster.model.states import (
    CommandOutcome,
    HostHealth,
    OperationKind,
    PowerReason,
    PowerState,
    Standing,
)
from vmuster.reconcile import decide
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.ownership import clear
from vmuster.server.watch.sweep import Sweep
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.concluding import CONCLUDING


def gone_once(policy: Policy) -> object:
    """What is concluded of a VM that the first whole list lacks, and nobody confirmed gone."""
    gone = but(owned(), seen=None, here=None, policy=policy)
    draft = decide.absent(gone.pair, gone.recorded, gone.report, gone.policy)
    return None if draft is None else draft.finding


def forgotten() -> object:
    """What becomes of the record of a VM that is confirmed to be gone."""
    gone = but(owned(), seen=None, here=None, absent=(VM,), policy=Policy(seen_before_stop=1))
    (change,) = reconcile(gone.recorded, gone.report, gone.policy, NOW).transitions
    return change.after is not None and change.after.phase


def gone_from_another_host() -> object:
    gone = but(owned(), seen=None, record={"host": OTHER}, absent=(VM,))
    return decide.absent(gone.pair, gone.recorded, gone.report, gone.policy) is None


def seen(power: PowerState, reason: PowerReason = PowerReason.UNKNOWN) -> object:
    world = but(owned(), seen={"power": power, "reason": reason})
    assert world.record is not None
    assert world.seen is not None
    return decide.classify(world.record, world.seen, world.report).rule


def copied() -> object:
    twin = but(owned_stopped(), elsewhere=(copy_elsewhere(),))
    return type(clear(twin.claim(Standing.OWNED)))


def moves(power: PowerState) -> object:
    """Whether a record follows whose home has not looked again."""
    away = but(moved(), seen={"power": power}, elsewhere=())
    return decide.move(away.pair, away.report, away.policy).follows


async def _silence() -> object:
    parts = await bench()
    host = await parts.host()
    await parts.adopted(host, vm(1))
    lost = await parts.now(host)
    await parts.change(lost, health=HostHealth.UNREACHABLE, well_since=None)
    parts.clock.pass_by(10_000)
    await Sweep(parts.context, parts.heard).once()
    return (await parts.record(vm(1))).power


async def _unanswered() -> object:
    """A stop of which nobody knows what came of it, and no look since."""
    parts = await bench()
    host = await parts.host()
    await parts.adopted(host, vm(1))
    _ = await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    assert await parts.report(host, *await parts.shown(host)) == ""
    sent = (await parts.sent(vm(1)))[-1]
    await parts.answer(sent.id, host, CommandOutcome.FAILED, unknown=True)
    return (await parts.record(vm(1))).power


PROBES: Probes = {
    "a-missing-vm-is-forgotten": forgotten,
    "one-list-without-it-is-enough": lambda: gone_once(Policy()),
    "absence-is-not-confirmed": lambda: gone_once(Policy(seen_before_stop=1)),
    "any-host-speaks-for-the-home": gone_from_another_host,
    "paused-is-taken-for-stopped": lambda: seen(PowerState.PAUSED),
    "unknown-is-taken-for-stopped": lambda: seen(PowerState.UNKNOWN),
    "a-vm-that-left-is-taken-for-stopped": lambda: seen(PowerState.STOPPED, PowerReason.MIGRATED),
    "other-hosts-are-not-looked-at": copied,
    "a-record-follows-at-once": lambda: moves(PowerState.RUNNING),
    "a-vm-is-started-elsewhere": lambda: moves(PowerState.STOPPED),
    "silence-is-taken-for-stopped": lambda: asyncio.run(_silence()),
    "a-command-moves-the-record": lambda: asyncio.run(_unanswered()),
}


@pytest.mark.parametrize("bug", CONCLUDING, ids=lambda bug: bug.name)
def test_it_makes_a_difference(bug: Planted) -> None:
    assert told_apart(bug, PROBES[bug.name])
