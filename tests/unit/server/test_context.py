"""What every part is given: one fleet's judge and numbers, and the quiet time after the start."""

import msgspec
import pytest

from tests.outside import new_signer
from tests.servers import Bench, seen, vm
from vmuster.model.automation import Disarmed, Quarantine
from vmuster.model.mark import write_mark
from vmuster.model.states import DesiredState, MarkVerdict, PowerState, VmPhase
from vmuster.server.founding import DEFAULT_CLUSTER

pytestmark = pytest.mark.anyio


async def test_the_parts_belong_to_one_fleet_and_one_store(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))))
    assert (await parts.sighting(host, vm(1))).mark is MarkVerdict.OURS
    assert parts.context.intakes.last == 1


async def test_the_quiet_time_counts_from_the_start(parts: Bench) -> None:
    await parts.policy(quiet_seconds=300, drift="enforce")
    host = await parts.host()
    await parts.adopted(host, vm(1))
    record = await parts.record(vm(1))
    await parts.change(
        record, desired=DesiredState.STOPPED, phase=VmPhase.STOPPED, power=PowerState.STOPPED
    )
    shown = await parts.shown(host)
    await parts.report(host, *shown)
    assert len(await parts.sent(vm(1))) == 1, "too early for anything automatic"
    parts.clock.set_by(86_400)
    await parts.report(host, *shown)
    assert len(await parts.sent(vm(1))) == 1, "a clock that was set ends no quiet time"
    parts.clock.pass_by(300)
    await parts.report(host, *shown)
    (_, stop) = await parts.sent(vm(1))
    assert stop.command.automatic


async def test_the_judge_follows_the_keys_of_the_fleet(parts: Bench) -> None:
    context, host = parts.context, await parts.host()
    judge, stranger = context.judge, new_signer()
    context.fleet = msgspec.structs.replace(context.fleet, intake=7)
    assert context.judge is judge, "what was judged once is not judged anew"
    keys = {**context.fleet.public_keys, str(stranger.key): stranger.public}
    mark = write_mark(stranger.mark(context.fleet.id, vm(1), 1))
    await parts.report(host, seen(vm(1), mark=mark))
    assert (await parts.sighting(host, vm(1))).mark is MarkVerdict.FORGED
    context.fleet = msgspec.structs.replace(context.fleet, public_keys=keys)
    await parts.report(host, seen(vm(1), mark=mark))
    assert (await parts.sighting(host, vm(1))).mark is MarkVerdict.OURS


async def test_an_older_fleet_row_never_replaces_a_newer_one(parts: Bench) -> None:
    context = parts.context
    newer = msgspec.structs.replace(context.fleet, version=context.fleet.version + 2)
    older = msgspec.structs.replace(newer, version=newer.version - 1)
    context.fleet = newer
    context.fleet = older
    assert context.fleet is newer


DISARMED, QUARANTINE = Disarmed(by="ann", at=1.0), Quarantine(since=1.0, evidence=(), highest=1)


@pytest.mark.parametrize(
    ("changes", "concerned"),
    [
        ({"disarmed": DISARMED}, 1),
        ({"quarantine": QUARANTINE}, 1),
        ({"public_keys": {}}, 1),
        ({"intake": 7}, 0),
    ],
)
async def test_the_agents_are_concerned_by_what_they_are_told_of_the_fleet(
    parts: Bench, changes: dict[str, object], concerned: int
) -> None:
    context, calls = parts.context, list[bool]()
    context.agents_concerned = lambda: calls.append(True)
    context.fleet = msgspec.structs.replace(context.fleet, **changes)
    assert len(calls) == concerned
    context.fleet = msgspec.structs.replace(context.fleet, version=context.fleet.version + 1)
    assert len(calls) == concerned


async def test_the_conditions_are_those_of_this_moment(parts: Bench) -> None:
    context = parts.context
    context.weather.forget()
    assert context.conditions(DEFAULT_CLUSTER).counted is None
    context.weather.count([])
    parts.clock.pass_by(60)
    conditions = context.conditions(DEFAULT_CLUSTER)
    assert conditions.counted == context.weather.counted(DEFAULT_CLUSTER)
    assert conditions.calm == context.quiet.calm
