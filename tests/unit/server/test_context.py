"""What every part is given: one fleet's judge and numbers, and the moment of the start."""

import pytest

from tests.servers import Bench, seen, vm
from vmuster.model.states import DesiredState, MarkVerdict, PowerState, VmPhase

pytestmark = pytest.mark.anyio


async def test_the_parts_belong_to_one_fleet_and_one_store(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))))
    assert (await parts.sighting(host, vm(1))).mark is MarkVerdict.OURS
    assert parts.context.intakes.last == 1


async def test_the_quiet_time_counts_from_the_start(parts: Bench) -> None:
    await parts.policy(quiet_seconds=300, drift="enforce")
    host = await parts.host()
    assert parts.context.started_at == parts.clock.now()
    await parts.adopted(host, vm(1))
    record = await parts.record(vm(1))
    await parts.change(
        record, desired=DesiredState.STOPPED, phase=VmPhase.STOPPED, power=PowerState.STOPPED
    )
    shown = await parts.shown(host)
    await parts.report(host, *shown)
    assert len(await parts.sent(vm(1))) == 1, "too early for anything automatic"
    parts.clock.pass_by(300)
    await parts.report(host, *shown)
    (_, stop) = await parts.sent(vm(1))
    assert stop.command.automatic
