"""People decide about the plan that they read, once, and what they say is written down."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
import pytest

from tests.servers import Bench, bench, vm
from vmuster.model.automation import HeldAct, HeldPlan, HoldState
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import NotFound, Refused
from vmuster.model.host import Fleet, Host
from vmuster.model.ids import PlanId
from vmuster.model.plan import LookWish
from vmuster.model.states import OperationKind
from vmuster.reconcile.too_new import quarantined
from vmuster.server.requests.holds import Holds
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
PLAN = PlanId(UUID(int=5))


async def hold(parts: Bench, **changes: object) -> Host:
    """A host with a held plan of one act."""
    host = await parts.host()
    act = HeldAct(
        vm=vm(1), name="i-2-1-VM", act=OperationKind.STOP, rule="lookalike", why="a name of ours"
    )
    plan = HeldPlan(
        host=host.id, id=PLAN, cluster=host.cluster, why="too many", acts=(act,), held_at=1.0
    )
    row = Write(before=None, after=msgspec.structs.replace(plan, **changes))
    assert await parts.store.commit([Changes(writes=(row,))]) == [""]
    return host


async def plan_of(parts: Bench, host: Host) -> HeldPlan:
    found = await parts.store.get(HeldPlan, host.id)
    assert found is not None
    return found


async def test_an_approval_holds_for_a_while_and_has_the_host_looked_at(parts: Bench) -> None:
    host = await hold(parts)
    await parts.policy(approval_seconds=60)
    holds, now = Holds(parts.context, parts.heard), parts.clock.now()
    approved = await holds.approve(PLAN, actor="ann")
    assert approved == await plan_of(parts, host)
    assert (approved.state, approved.by) == (HoldState.APPROVED, "ann")
    assert (approved.decided_at, approved.expires_at) == (now, now + 60)
    assert parts.heard.asked == [LookWish(host=host.id)]
    entry = (await parts.journal())[-1]
    assert (entry.actor, entry.host) == ("ann", host.id)
    assert str(PLAN) in entry.what
    assert "i-2-1-VM" in str(entry.evidence)


async def test_an_approval_that_holds_is_not_prolonged_and_one_that_expired_is(
    parts: Bench,
) -> None:
    await hold(parts)
    await parts.policy(approval_seconds=60)
    holds = Holds(parts.context, parts.heard)
    first = await holds.approve(PLAN, actor="ann")
    parts.clock.pass_by(59)
    assert await holds.approve(PLAN, actor="bert") == first
    parts.clock.pass_by(1)
    again = await holds.approve(PLAN, actor="bert")
    assert (again.by, again.expires_at) == ("bert", parts.clock.now() + 60)


async def test_a_rejection_can_be_taken_back_and_so_can_an_approval(parts: Bench) -> None:
    host = await hold(parts)
    holds = Holds(parts.context, parts.heard)
    await holds.approve(PLAN, actor="ann")
    rejected = await holds.reject(PLAN, actor="bert")
    assert (rejected.state, rejected.by, rejected.expires_at) == (HoldState.REJECTED, "bert", None)
    journal = await parts.journal()
    assert await holds.reject(PLAN, actor="carl") == rejected
    assert await parts.journal() == journal
    await holds.approve(PLAN, actor="ann")
    assert (await plan_of(parts, host)).state is HoldState.APPROVED


async def test_a_plan_that_is_not_the_present_one_is_not_decided_about(parts: Bench) -> None:
    host = await hold(parts)
    before = await plan_of(parts, host), await parts.journal()
    holds = Holds(parts.context, parts.heard)
    for decide in (holds.approve, holds.reject):
        with pytest.raises(NotFound, match="any more") as refusal:
            await decide(PlanId(UUID(int=6)), actor="ann")
        assert refusal.value.hint == "vmuster plan list"
    assert (await plan_of(parts, host), await parts.journal()) == before


class Growing(MemoryStore):
    """A store where the plan gets another act, and so another id, just before it is decided on."""

    growing = False

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        for plan in await self.find(HeldPlan) if self.growing else ():
            self.growing = False
            other = msgspec.structs.replace(plan, id=PlanId(UUID(int=8)))
            await super().commit([Changes(writes=(Write(before=plan, after=other),))])
        return await super().commit(changes)


async def test_a_plan_that_grows_at_that_moment_is_not_decided_about(anyio_backend: str) -> None:
    store = Growing()
    parts = await bench(store)
    host = await hold(parts)
    store.growing = True
    with pytest.raises(NotFound):
        await Holds(parts.context, parts.heard).approve(PLAN, actor="ann")
    assert (await plan_of(parts, host)).state is HoldState.HELD


async def test_in_quarantine_nothing_is_approved(parts: Bench) -> None:
    host = await hold(parts)
    parts.context.fleet = quarantined(parts.context.fleet, ("a sign",), 1, 1.0)
    with pytest.raises(Refused, match="quarantine"):
        await Holds(parts.context, parts.heard).approve(PLAN, actor="ann")
    assert (await plan_of(parts, host)).state is HoldState.HELD
    assert await parts.store.get(Fleet) is not None
