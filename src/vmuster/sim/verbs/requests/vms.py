"""What people ask of a VM: that it be ours, run, stop, be let go, be forgotten."""

from typing import Final

from vmuster.model.ids import VmUuid
from vmuster.model.states import OperationKind
from vmuster.server.requests.copies import forget_copy
from vmuster.server.service import Service
from vmuster.sim.verbs.meaning import host_of, host_there, known_vm, person
from vmuster.sim.verbs.requests.asking import Asked, ask, request
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.world import World


async def adopt(world: World, actor: str, vm: str, host: str = "", name: str = "") -> None:
    """Take a VM into the records; `host` where it is on several, `name` for its record."""
    uuid = known_vm(world, vm)
    if host:
        _ = host_there(world, host)

    async def asked(service: Service, key: str) -> object:
        there = (await host_of(service.store, host)).id if host else None
        return await service.requests.adopt(uuid, actor=actor, host=there, name=name, key=key)

    await ask(world, actor, f"adopts {vm}", asked)


async def _adopt_as(world: World, actor: str, vm: str, name: str) -> None:
    await adopt(world, actor, vm, name=name)


def _power(kind: OperationKind, vm: VmUuid, actor: str, *, force: bool) -> Asked:
    async def asked(service: Service, key: str) -> object:
        return await service.requests.power(kind, vm, actor=actor, force=force, key=key)

    return asked


async def _start(world: World, actor: str, vm: str) -> None:
    asked = _power(OperationKind.START, known_vm(world, vm), actor, force=False)
    await ask(world, actor, f"starts {vm}", asked)


async def _stop(world: World, actor: str, vm: str) -> None:
    asked = _power(OperationKind.STOP, known_vm(world, vm), actor, force=False)
    await ask(world, actor, f"stops {vm}", asked)


async def _force(world: World, actor: str, vm: str) -> None:
    asked = _power(OperationKind.STOP, known_vm(world, vm), actor, force=True)
    await ask(world, actor, f"stops {vm} by force", asked)


async def _stop_twice(world: World, actor: str, vm: str) -> None:
    uuid = known_vm(world, vm)

    async def asked(service: Service, key: str) -> object:
        return await service.requests.power(OperationKind.STOP, uuid, actor=actor, key=key)

    _ = await person(world, actor).ask_twice(f"stops {vm}", asked)


async def _release(world: World, actor: str, vm: str) -> None:
    uuid = known_vm(world, vm)

    async def asked(service: Service, key: str) -> object:
        return await service.requests.release(uuid, actor=actor, key=key)

    await ask(world, actor, f"releases {vm}", asked)


async def _forget(world: World, actor: str, vm: str) -> None:
    uuid = known_vm(world, vm)

    async def asked(service: Service, key: str) -> object:
        return await service.requests.forget(uuid, actor=actor, key=key)

    await ask(world, actor, f"forgets {vm}", asked)


async def _forget_on(world: World, actor: str, vm: str, host: str) -> None:
    """People have looked before they give their word."""
    uuid = known_vm(world, vm)
    if uuid in host_there(world, host).hypervisor.processes:
        raise Pointless(f"{vm} runs on {host}")

    async def asked(service: Service, key: str) -> object:
        there = await host_of(service.store, host)
        lines = service.switchboard
        return await forget_copy(service.context, lines, uuid, there, actor=actor, key=key)

    await ask(world, actor, f"forgets {vm} on {host}", asked)


async def _again(world: World, actor: str) -> None:
    try:
        await person(world, actor).ask_again()
    except LookupError as nothing:
        raise Pointless(str(nothing)) from nothing


VMS: Final = (
    request("{actor} adopts {vm}", adopt, "A VM that was seen becomes ours, and is marked."),
    request("{actor} adopts {vm} on {host}", adopt, "Where it was seen on several hosts."),
    request("{actor} adopts {vm} as {name}", _adopt_as, "Its record is called otherwise."),
    request("{actor} starts {vm}", _start, "A VM of ours shall run."),
    request("{actor} stops {vm}", _stop, "A VM of ours shall be off: its guest is asked."),
    request("{actor} stops {vm} by force", _force, "Its guest is not asked."),
    request("{actor} stops {vm} with a double click", _stop_twice, "Two times at once, one key."),
    request("{actor} releases {vm}", _release, "A VM of ours is let go, unharmed."),
    request("{actor} forgets {vm}", _forget, "The record of a VM that is not there is dropped."),
    request("{actor} forgets {vm} on {host}", _forget_on, "No copy of it is left there."),
    request("{actor} asks for the same again", _again, "Their last request, under its key."),
)
