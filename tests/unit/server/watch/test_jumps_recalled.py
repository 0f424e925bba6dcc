"""What a start makes of a clock that jumped before it, or was set right while nobody compared."""

from uuid import UUID

import pytest

from tests.servers import Bench, vm
from vmuster.model.automation import HeldPlan, HoldState
from vmuster.model.changes import Changes, Write
from vmuster.model.ids import PlanId
from vmuster.model.operations import AUTOMATIC, PAUSE_SECONDS_MAX, PAUSES, Operation
from vmuster.model.policy import WINDOW_SECONDS
from vmuster.server.watch.jumps import heed_jump, recall_jump
from vmuster.server.watch.quiet import QuietTime

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("since", "left"),
    [(0, WINDOW_SECONDS), (WINDOW_SECONDS - 1, 1), (WINDOW_SECONDS + 1, 0), (-90, WINDOW_SECONDS)],
)
async def test_the_next_server_keeps_quiet_for_what_is_left_of_a_jump(
    parts: Bench, since: float, left: float
) -> None:
    """The acts of before the jump are in no window of the clock that it has."""
    parts.clock.set_by(3600)
    await heed_jump(parts.context)
    parts.clock.pass_by(max(0.0, since))
    parts.clock.set_by(min(0.0, since))
    parts.context.quiet = QuietTime(parts.clock)
    assert parts.context.quiet.left(0) == 0
    await recall_jump(parts.context)
    assert parts.context.quiet.left(0) == left


async def test_a_fleet_without_a_jump_has_nothing_to_recall(parts: Bench) -> None:
    parts.context.quiet = QuietTime(parts.clock)
    await recall_jump(parts.context)
    assert parts.context.quiet.left(0) == 0


async def approved(parts: Bench) -> None:
    """What is held on a host is approved now, for 900 seconds."""
    host, now = await parts.host(), parts.clock.now()
    plan = HeldPlan(
        host=host.id,
        id=PlanId(UUID(int=1)),
        cluster=host.cluster,
        why="too much",
        acts=(),
        held_at=now - 60,
        state=HoldState.APPROVED,
        decided_at=now,
        expires_at=now + 900,
    )
    inserted = Changes(writes=(Write(before=None, after=plan),))
    assert await parts.store.commit([inserted]) == [""]


async def holds_for(parts: Bench) -> float:
    """For how many seconds the approval holds from now on."""
    (plan,) = await parts.store.find(HeldPlan)
    assert plan.expires_at is not None
    return max(0.0, plan.expires_at - parts.clock.now())


@pytest.mark.parametrize("heeded", [True, False])
async def test_a_clock_that_was_ahead_leaves_nothing_open_for_longer_than_its_whole_time(
    parts: Bench, *, heeded: bool
) -> None:
    parts.clock.set_by(3_600)
    stop = await parts.asked_to_stop(vm(1))
    if heeded:
        await heed_jump(parts.context)
    parts.clock.pass_by(30)
    parts.clock.set_by(-3_600)
    await recall_jump(parts.context)
    assert (await parts.operation(stop)).deadline_at == parts.clock.now() + 300 + 120


@pytest.mark.parametrize("seconds", [0, 3_600])
async def test_what_is_within_its_time_keeps_its_deadline_over_a_restart(
    parts: Bench, seconds: float
) -> None:
    """Nor has it a longer one by a clock that is ahead now."""
    stop = await parts.asked_to_stop(vm(1))
    parts.clock.pass_by(30)
    parts.clock.set_by(seconds)
    await recall_jump(parts.context)
    assert await parts.operation(stop) == stop


async def pausing(parts: Bench, rest: float) -> Operation:
    """An automatic stop that failed, and is tried again in `rest` seconds."""
    stop = await parts.asked_to_stop(vm(1))
    said = f"failed: it can't be saved{PAUSES}a while"
    deadline = parts.clock.now() + rest
    await parts.change(stop, actor=AUTOMATIC, message=said, deadline_at=deadline)
    return await parts.operation(stop)


@pytest.mark.parametrize("rest", [600.0, PAUSE_SECONDS_MAX])
async def test_a_pause_keeps_its_end_over_a_restart(parts: Bench, rest: float) -> None:
    stop = await pausing(parts, rest)
    await recall_jump(parts.context)
    assert await parts.operation(stop) == stop


async def test_a_pause_that_is_longer_than_any_was_set_by_a_clock_that_was_ahead(
    parts: Bench,
) -> None:
    stop = await pausing(parts, PAUSE_SECONDS_MAX + 1)
    await recall_jump(parts.context)
    assert (await parts.operation(stop)).deadline_at == parts.clock.now() + 300 + 120


async def test_an_approval_that_ended_by_a_jump_does_not_hold_again_by_the_clock_of_before(
    parts: Bench,
) -> None:
    await approved(parts)
    parts.clock.pass_by(8)
    parts.clock.set_by(3_600)
    await heed_jump(parts.context)
    parts.clock.set_by(-3_600)
    await recall_jump(parts.context)
    assert await holds_for(parts) == 0


async def test_an_approval_that_was_given_in_the_future_is_over(parts: Bench) -> None:
    parts.clock.set_by(60)
    await approved(parts)
    parts.clock.pass_by(30)
    parts.clock.set_by(-60)
    await recall_jump(parts.context)
    assert await holds_for(parts) == 0


async def test_an_approval_holds_for_its_time_over_a_restart(parts: Bench) -> None:
    await approved(parts)
    parts.clock.pass_by(30)
    await recall_jump(parts.context)
    assert await holds_for(parts) == 870
