"""What is expected of a VM's record, of how its host shows it, and of its operations."""

from typing import Final

from vmuster.model.host import Host
from vmuster.model.ids import HostId
from vmuster.model.operations import Operation
from vmuster.model.text import visible
from vmuster.model.vm import Sighting, VmRecord
from vmuster.sim.verbs.verb import Kind, Unmet, Verb
from vmuster.sim.world.world import World


async def recorded_host(world: World, name: str) -> Host:
    """The record of a host. Raises `Unmet` where the fleet has none of that name."""
    for host in await world.database.rows.find(Host):
        if host.name == name:
            return host
    raise Unmet(f"the fleet has no host {name}")


async def _record(world: World, vm: str) -> VmRecord:
    record = await world.database.rows.get(VmRecord, world.vm(vm))
    if record is None or not record.live:
        raise Unmet(f"there is {'no record' if record is None else 'only a tombstone'} of it")
    return record


async def _sighting(world: World, vm: str, host: str) -> Sighting | None:
    """How a host showed a VM last; None where it did not."""
    there = await recorded_host(world, host)
    seen = await world.database.rows.get(Sighting, there.id, world.vm(vm))
    return None if seen is None or seen.absent else seen


async def _operations(world: World, vm: str, kind: str) -> list[Operation]:
    """The operations of a kind on a VM, oldest first."""
    asked = await world.database.rows.find(Operation, vm=world.vm(vm))
    return sorted((each for each in asked if each.kind == kind), key=lambda each: each.created_at)


def _same(what: str, is_so: object, expected: str) -> None:
    if str(is_so) != expected:
        raise Unmet(f"{what} is {visible(str(is_so))}")


async def _recorded_as(world: World, vm: str, phase: str) -> None:
    _same("its phase", (await _record(world, vm)).phase, phase)


async def _recorded_on(world: World, vm: str, host: str) -> None:
    record = await _record(world, vm)
    names = {each.id: each.name for each in await world.database.rows.find(Host)}
    _same("its host", names.get(record.host or HostId(""), "none"), host)


async def _wanted(world: World, vm: str, desired: str) -> None:
    _same("what is wanted", (await _record(world, vm)).desired, desired)


async def _power(world: World, vm: str, power: str) -> None:
    _same("its power", (await _record(world, vm)).power, power)


async def _label(world: World, vm: str, name: str) -> None:
    _same("its label", (await _record(world, vm)).label, name)


async def _no_record(world: World, vm: str) -> None:
    record = await world.database.rows.get(VmRecord, world.vm(vm))
    if record is not None and record.live:
        raise Unmet(f"there is one: {record.phase}")


async def _stands(world: World, vm: str, host: str, standing: str) -> None:
    seen = await _sighting(world, vm, host)
    _same("its standing", "unknown: it was not seen" if seen is None else seen.standing, standing)


async def _found(world: World, vm: str, host: str, finding: str) -> None:
    seen = await _sighting(world, vm, host)
    _same("the finding", "none: it was not seen" if seen is None else seen.finding, finding)


async def _shown(world: World, vm: str, host: str, power: str) -> None:
    seen = await _sighting(world, vm, host)
    _same("its power", "unknown: it was not seen" if seen is None else seen.power, power)


async def _not_shown(world: World, vm: str, host: str) -> None:
    seen = await _sighting(world, vm, host)
    if seen is not None:
        raise Unmet(f"it shows it: {seen.power}, {seen.standing}")


async def _ended(world: World, kind: str, vm: str, state: str) -> None:
    asked = await _operations(world, vm, kind)
    if not asked:
        raise Unmet("nobody asked for one")
    if asked[-1].state != state:
        message = f": {visible(asked[-1].message)}" if asked[-1].message else ""
        raise Unmet(f"it is {asked[-1].state}{message}")


async def _ended_because(world: World, kind: str, vm: str, state: str, words: str) -> None:
    await _ended(world, kind, vm, state)
    message = (await _operations(world, vm, kind))[-1].message
    if words not in message:
        raise Unmet(f"it says {visible(message)!r}")


async def _asked(world: World, vm: str, number: str, kind: str) -> None:
    asked = await _operations(world, vm, kind)
    if len(asked) != float(number):
        raise Unmet(f"there are {len(asked)}")


async def _nothing_open(world: World, vm: str) -> None:
    asked = await world.database.rows.find(Operation, vm=world.vm(vm))
    for each in asked:
        if each.open:
            raise Unmet(f"its {each.kind} is {each.state}")


_FORMS: Final = {
    "expect {vm} is recorded as {phase}": (_recorded_as, "Its record's phase."),
    "expect {vm} is recorded on {host}": (_recorded_on, "Its record's host."),
    "expect {vm} is wanted {desired}": (_wanted, "What was asked for, by its record."),
    "expect {vm} is recorded with power {power}": (_power, "Its power, by its record."),
    "expect {vm} is recorded with the label {name}": (_label, "What its hypervisor calls it."),
    "expect there is no record of {vm}": (_no_record, "No live one."),
    "expect {vm} on {host} stands as {standing}": (_stands, "What it is to us."),
    "expect {vm} on {host} is found {finding}": (_found, "What was concluded about it."),
    "expect {vm} on {host} is shown {power}": (_shown, "Its power, as last seen there."),
    "expect {vm} is not shown on {host}": (_not_shown, "It was not seen there last."),
    "expect the {kind} of {vm} is {state}": (_ended, "The last operation of this kind."),
    'expect the {kind} of {vm} is {state}: "{words}"': (_ended_because, "And it says so."),
    "expect {vm} was asked for {number} times to {kind}": (_asked, "So many operations."),
    "expect nothing is open for {vm}": (_nothing_open, "No operation is."),
}
VMS: Final = tuple(
    Verb(form=form, kind=Kind.EXPECT, what=what, do=do) for form, (do, what) in _FORMS.items()
)
