"""A host that was away when a quarantine was left: no old wish is carried out on it by itself."""

from uuid import UUID

import pytest

from tests.servers import STOPPED, Bench, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.ids import CommandId
from vmuster.model.journal import EntryKind
from vmuster.model.messages import Hello
from vmuster.model.states import DesiredState, PowerReason
from vmuster.reconcile.too_new import quarantined
from vmuster.server.references import fleet_now
from vmuster.server.requests.arming import Arming, ArmingScope
from vmuster.server.requests.quarantine import leave
from vmuster.server.talks.greeting import greet

pytestmark = pytest.mark.anyio
A, B = vm(1), vm(2)


async def two_of_ours(parts: Bench) -> tuple[Host, Host]:
    """alpha with A, which is to run, and B, which is to be stopped; and beta, as old a fleet."""
    await parts.policy(drift="enforce")
    alpha, beta = await parts.host("alpha"), await parts.host("beta")
    await parts.adopted(alpha, A)
    await parts.adopted(alpha, B, power=STOPPED)
    for host in (alpha, beta):
        await parts.report(host, *(await parts.shown(host) or [seen(vm(9))]))
    before = await fleet_now(parts.store)
    after = quarantined(before, ("an agent knows more",), before.intake + 500, parts.clock.now())
    assert await parts.store.commit([Changes(writes=(Write(before=before, after=after),))]) == [""]
    parts.context.fleet = await fleet_now(parts.store)
    await parts.report(beta, seen(vm(9)))
    return alpha, beta


async def leaves_and_arms(parts: Bench) -> None:
    await leave(parts.context, parts.heard, actor="ann")
    await Arming(parts.context, parts.heard).arm(ArmingScope.FLEET, actor="ann")


async def ordered_once_back(parts: Bench, alpha: Host) -> int:
    """How much is ordered when alpha shows that in the forgotten time A was stopped, B started."""
    before = [len(await parts.sent(each)) for each in (A, B)]
    for _ in range(3):
        gone = seen(A, power=STOPPED, reason=PowerReason.HAND, mark=parts.mark(A))
        await parts.report(alpha, gone, seen(B, mark=parts.mark(B)))
        parts.clock.pass_by(30)
    return sum([len(await parts.sent(each)) for each in (A, B)]) - sum(before)


@pytest.mark.parametrize("account", ["none", "in part", "empty"])
async def test_what_was_not_looked_at_is_left_alone_until_a_person_arms_it(
    parts: Bench, account: str
) -> None:
    alpha, beta = await two_of_ours(parts)
    match account:
        case "none":
            await parts.change(await parts.now(alpha), well_since=None)
        case "in part":
            await parts.report(alpha, seen(B, mark=parts.mark(B)), partial=True)
        case _:
            await parts.report(alpha)
    await leaves_and_arms(parts)
    assert (await parts.record(A)).desired is DesiredState.RUNNING, "nobody knows better"
    disarmed = (await parts.now(alpha)).disarmed
    assert disarmed is not None
    assert "the older database" in disarmed.why
    assert [e.host for e in await parts.journal() if disarmed.why in e.what] == [alpha.id]
    assert (await parts.now(beta)).disarmed is None
    assert await ordered_once_back(parts, alpha) == 0
    await Arming(parts.context, parts.heard).arm(ArmingScope.HOST, "alpha", actor="ann")
    assert await ordered_once_back(parts, alpha) > 0, "it is the disarming that kept it back"


async def test_what_was_seen_in_part_is_asked_for_all_the_same(parts: Bench) -> None:
    alpha, _ = await two_of_ours(parts)
    await parts.report(alpha, seen(B, mark=parts.mark(B)), partial=True)
    await leaves_and_arms(parts)
    assert (await parts.record(B)).desired is DesiredState.RUNNING


async def test_where_a_part_was_looked_at_another_vm_may_turn_up(parts: Bench) -> None:
    alpha, _ = await two_of_ours(parts)
    both = seen(A, power=STOPPED, mark=parts.mark(A)), seen(B, mark=parts.mark(B))
    await parts.report(alpha, *both, partial=True)
    await leaves_and_arms(parts)
    assert (await parts.record(A)).desired is DesiredState.STOPPED
    assert (await parts.now(alpha)).disarmed is not None


async def test_what_was_looked_at_whole_stays_armed(parts: Bench) -> None:
    alpha, _ = await two_of_ours(parts)
    await parts.report(alpha, *await parts.shown(alpha))
    await leaves_and_arms(parts)
    assert (await parts.now(alpha)).disarmed is None


async def test_where_a_vm_is_that_has_moved_nothing_is_done_either(parts: Bench) -> None:
    alpha, beta = await two_of_ours(parts)
    await parts.change(await parts.now(alpha), well_since=None)
    await parts.report(beta, seen(vm(9)), seen(A, power=STOPPED, mark=parts.mark(A)))
    await leaves_and_arms(parts)
    assert (await parts.now(beta)).disarmed is not None


async def test_a_reason_that_there_is_already_is_kept(parts: Bench) -> None:
    alpha, _ = await two_of_ours(parts)
    await Arming(parts.context, parts.heard).disarm(
        ArmingScope.HOST, "alpha", why="its disks are changed", actor="bob"
    )
    await parts.change(await parts.now(alpha), well_since=None)
    await leaves_and_arms(parts)
    disarmed = (await parts.now(alpha)).disarmed
    assert disarmed is not None
    assert (disarmed.by, "disks" in disarmed.why) == ("bob", True)
    assert "the older database" in disarmed.why


@pytest.mark.parametrize("newer", [True, False])
async def test_a_host_that_comes_back_with_more_than_we_know_is_disarmed(
    parts: Bench, *, newer: bool
) -> None:
    """It is so even where it was armed at once, before anybody could see to its VMs."""
    alpha, _ = await two_of_ours(parts)
    await parts.change(await parts.now(alpha), well_since=None)
    await leaves_and_arms(parts)
    await Arming(parts.context, parts.heard).arm(ArmingScope.HOST, "alpha", actor="ann")
    facts = (await parts.now(alpha)).facts
    assert facts is not None
    commands = (CommandId(UUID(int=99)),) if newer else ()
    assert await greet(
        parts.context, alpha.id, Hello(host=alpha.id, facts=facts, epoch=1, commands=commands)
    )
    assert parts.context.fleet.quarantine is None
    assert ((await parts.now(alpha)).disarmed is not None) is newer
    alerts = [
        e for e in await parts.journal() if e.kind is EntryKind.ALERT and "disarmed" in e.what
    ]
    assert len(alerts) == newer


async def test_every_conversation_begins_anew(parts: Bench) -> None:
    """An agent that waits out the grace of a stop that was closed goes no step further with it."""
    alpha, _ = await two_of_ours(parts)
    await parts.report(alpha, *await parts.shown(alpha))
    await leave(parts.context, parts.heard, actor="ann")
    assert parts.heard.begun_anew == 1
    await leave(parts.context, parts.heard, actor="ann")
    assert parts.heard.begun_anew == 1
