"""Pasts that a VM may have when somebody asks something of it. It is always VM 1."""

from uuid import UUID

from tests.servers import Bench, seen, vm
from vmuster.model.host import Host
from vmuster.model.ids import FleetId
from vmuster.model.mark import RawMark, write_mark
from vmuster.model.operations import Operation
from vmuster.model.states import HostHealth, HostMode, OperationKind, Standing, VmPhase

STOP = OperationKind.STOP


async def power(parts: Bench, kind: OperationKind = STOP, **more: str) -> Operation:
    return await parts.requests.power(kind, vm(1), actor="ann", **more)  # pyright: ignore[reportArgumentType]


async def release(parts: Bench) -> Operation:
    return await parts.requests.release(vm(1), actor="ann")


async def adopt(parts: Bench) -> Operation:
    return await parts.adopt(vm(1))


async def owned(parts: Bench, **record: object) -> Host:
    host = await parts.host()
    await parts.adopted(host, vm(1))
    if record:
        await parts.change(await parts.record(vm(1)), **record)
    return host


def of_another_fleet(parts: Bench) -> RawMark:
    fleet = FleetId(UUID(int=5))
    return write_mark(parts.context.signer.mark(fleet, vm(1), 1))


async def nothing(parts: Bench) -> None:
    await parts.host()


async def tombstone(parts: Bench) -> None:
    await owned(parts, removed_at=5.0, phase=VmPhase.DELETED)


async def homeless(parts: Bench) -> None:
    await owned(parts, host=None)


async def missing(parts: Bench) -> None:
    await owned(parts, phase=VmPhase.MISSING)


async def unmarked(parts: Bench) -> None:
    await parts.report(await owned(parts), seen(vm(1)))


async def foreign(parts: Bench) -> None:
    await parts.report(await owned(parts), seen(vm(1), mark=of_another_fleet(parts)))


async def twice(parts: Bench) -> None:
    host = await owned(parts)
    beta = await parts.host("beta")
    marked = seen(vm(1), mark=parts.mark(vm(1)))
    for _ in range(2):
        for one in (host, beta):
            await parts.report(one, marked)
    assert (await parts.sighting(host, vm(1))).standing is Standing.DUPLICATE


async def observed(parts: Bench) -> None:
    await parts.change(await parts.now(await owned(parts)), mode=HostMode.OBSERVE)


async def in_maintenance(parts: Bench) -> None:
    await parts.change(await parts.now(await owned(parts)), mode=HostMode.MAINTENANCE)


async def busy(parts: Bench) -> None:
    await owned(parts)
    await power(parts)


async def hosted_stranger(parts: Bench, *shown: str, mode: HostMode = HostMode.MANAGE) -> Host:
    host = await parts.host(mode=HostMode.MANAGE)
    await parts.report(host, seen(vm(1), *shown))
    await parts.change(await parts.now(host), mode=mode)
    return host


async def stranger_observed(parts: Bench) -> None:
    await hosted_stranger(parts, mode=HostMode.OBSERVE)


async def stranger_in_maintenance(parts: Bench) -> None:
    await hosted_stranger(parts, mode=HostMode.MAINTENANCE)


async def stranger_of_another_fleet(parts: Bench) -> None:
    host = await parts.host()
    await parts.report(host, seen(vm(1), mark=of_another_fleet(parts)))


async def stranger_on_two_hosts(parts: Bench) -> None:
    for name in ("alpha", "beta"):
        await parts.report(await parts.host(name), seen(vm(1)))


async def stranger_on_a_silent_host(parts: Bench) -> None:
    host = await hosted_stranger(parts)
    await parts.change(
        await parts.now(host), health=HostHealth.SUSPECT, well_since=None, trouble="dead"
    )


async def stop_by_name(parts: Bench) -> None:
    host = await parts.host()
    await parts.policy(unknown_vms="stop-by-name")
    await parts.report(host, seen(vm(1), "i-2-78-VM"))
    await adopt(parts)
    await parts.report(host, seen(vm(1), "i-2-78-VM", mark=parts.mark(vm(1))))
