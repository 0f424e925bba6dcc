"""What keeps automation back, as a report meets it: each row that can, and a quarantine."""

import msgspec
import pytest

from tests.servers import Bench, seen, vm
from vmuster.model.automation import Disarmed
from vmuster.model.changes import Changes, Write
from vmuster.model.commands import StopVm
from vmuster.model.host import Fleet, Host
from vmuster.model.ids import HostId
from vmuster.model.operations import Operation
from vmuster.model.states import DesiredState, HostHealth, HostMode, OperationKind, Standing
from vmuster.model.vm import VmObservation

pytestmark = pytest.mark.anyio


async def unwanted(parts: Bench) -> tuple[Host, VmObservation]:
    """A VM that runs, and by its record should not: automation would stop it at the next report."""
    await parts.policy(drift="enforce")
    host = await parts.host(mode=HostMode.CORDONED)
    await parts.adopted(host, vm(1))
    await parts.change(await parts.record(vm(1)), desired=DesiredState.STOPPED)
    await parts.change(await parts.now(host), mode=HostMode.MANAGE)
    (shown,) = await parts.shown(host)
    return host, shown


async def stops(parts: Bench) -> int:
    return sum(isinstance(row.command, StopVm) for row in await parts.sent(vm(1)))


async def test_where_nothing_is_in_the_way_automation_acts(parts: Bench) -> None:
    host, shown = await unwanted(parts)
    await parts.report(host, shown)
    assert await stops(parts) == 1


@pytest.mark.parametrize("where", ["fleet", "cluster", "host"])
async def test_what_a_person_disarmed_does_nothing_by_itself(parts: Bench, where: str) -> None:
    host, shown = await unwanted(parts)
    fleet = await parts.store.get(Fleet)
    row = {"fleet": fleet, "cluster": await parts.cluster(), "host": await parts.now(host)}[where]
    assert row is not None
    disarmed = msgspec.structs.replace(row, disarmed=Disarmed(by="ann", at=1.0))
    assert await parts.store.commit([Changes(writes=(Write(before=row, after=disarmed),))]) == [""]
    await parts.report(host, shown)
    assert await stops(parts) == 0
    assert "disarmed" in (await parts.sighting(host, vm(1))).why


async def test_while_the_breaker_is_open_nothing_is_done(parts: Bench) -> None:
    """F79: three hosts of four are not UP at once; a person's request is bound by none of it."""
    host, shown = await unwanted(parts)
    dark = [
        msgspec.structs.replace(
            host, id=HostId(f"dark-{n}"), health=HostHealth.UNREACHABLE, last_complete_at=1.0
        )
        for n in range(3)
    ]
    parts.context.weather.count([*dark, await parts.now(host)])
    await parts.report(host, shown)
    assert await stops(parts) == 0
    assert "the breaker" in (await parts.sighting(host, vm(1))).why
    await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    await parts.report(host, shown)
    assert await stops(parts) == 1


async def test_in_the_quiet_time_nothing_is_done(parts: Bench) -> None:
    host, shown = await unwanted(parts)
    await parts.policy(quiet_seconds=1000)
    await parts.report(host, shown)
    assert await stops(parts) == 0
    assert "so soon after a start" in (await parts.sighting(host, vm(1))).why


async def test_on_a_host_that_is_not_up_yet_nothing_is_done(parts: Bench) -> None:
    host, shown = await unwanted(parts)
    await parts.policy(steady_seconds=1000)
    lost = {"health": HostHealth.SUSPECT, "flaps": 1, "well_since": None}
    await parts.change(await parts.now(host), **lost)
    await parts.report(host, shown)
    assert await stops(parts) == 0
    assert "the host is suspect" in (await parts.sighting(host, vm(1))).why


async def test_the_report_that_brings_a_host_up_is_acted_on(parts: Bench) -> None:
    host, shown = await unwanted(parts)
    await parts.change(await parts.now(host), health=HostHealth.SUSPECT, well_since=None)
    await parts.report(host, shown)
    assert (await parts.now(host)).health is HostHealth.UP
    assert await stops(parts) == 1


async def test_a_mark_that_nobody_has_heard_of_ends_all_commands_at_once(parts: Bench) -> None:
    """F60: the quarantine is known to the whole server, and a person's request stays asked for."""
    host, shown = await unwanted(parts)
    await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    await parts.report(host, shown, seen(vm(9), mark=parts.mark(vm(9), 5)))
    assert await stops(parts) == 0
    assert parts.context.fleet.quarantine is not None
    assert (await parts.sighting(host, vm(9))).standing is Standing.ORPHAN, "it is observed"
    await parts.report(host, shown)
    assert await stops(parts) == 0
    (wish,) = await parts.store.find(Operation, vm=vm(1), kind=OperationKind.STOP)
    assert wish.open


async def test_a_mark_that_was_looked_at_once_is_no_new_evidence(parts: Bench) -> None:
    """Or the quarantine that a person has left would begin again with the next report."""
    host = await parts.host()
    orphan = seen(vm(9), mark=parts.mark(vm(9), 5))
    await parts.report(host, orphan)
    quarantined = parts.context.fleet
    left = msgspec.structs.replace(quarantined, quarantine=None)
    assert await parts.store.commit([Changes(writes=(Write(before=quarantined, after=left),))]) == [
        ""
    ]
    for shown in ([orphan], [seen(vm(2))], [orphan, seen(vm(2))]):
        await parts.report(host, *shown)
        fleet = await parts.store.get(Fleet)
        assert fleet is not None
        assert fleet.quarantine is None
