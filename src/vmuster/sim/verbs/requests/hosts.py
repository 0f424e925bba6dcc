"""What people ask of hosts and clusters: add, edit, accept, remove."""

import asyncio
from functools import partial
from typing import Final

from vmuster.model.errors import Refused
from vmuster.model.host import Host, SimulatedProfile
from vmuster.model.operations import Operation
from vmuster.model.states import HostMode, OperationKind
from vmuster.server.founding import DEFAULT_CLUSTER
from vmuster.server.references import cluster_called
from vmuster.server.requests.editing import HostEdit
from vmuster.server.requests.recognition import accept
from vmuster.server.service import Service
from vmuster.sim.verbs.meaning import host_of, host_there
from vmuster.sim.verbs.requests.asking import AGAIN_SECONDS, ask, request
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.decided import Word
from vmuster.sim.world.world import World

_LOOKS: Final = 300
"""How often somebody looks whether VMs are let go, before they go on."""
_UNSEEN: Final = Word(kind=Host, field="mode", value=HostMode.OBSERVE)
"""What is at another address nobody has seen yet."""
_RELEASES: Final = Word(kind=Operation, field="kind", value=OperationKind.RELEASE)


async def add_host(
    world: World, actor: str, host: str, cluster: str = DEFAULT_CLUSTER, name: str = ""
) -> None:
    """A host of the world becomes one of the fleet; `name`: as which, where it is not its own."""
    profile = SimulatedProfile(name=host_there(world, host).name)

    async def asked(service: Service, _key: str) -> object:
        known = await cluster_called(service.store, cluster)
        return await service.add_host(
            name=name or host, profile=profile, cluster=known, actor=actor
        )

    await ask(world, actor, f"adds {name or host}", asked)


async def _add_as(world: World, actor: str, host: str, name: str) -> None:
    await add_host(world, actor, host, name=name)


async def add_cluster(world: World, actor: str, cluster: str) -> None:
    """A new cluster, with the default policy."""
    asked = f"adds cluster {cluster}"
    await ask(world, actor, asked, lambda s, _: s.estate.add_cluster(cluster, actor=actor))


async def edit_host(
    world: World, actor: str, host: str, edit: HostEdit, what: str, *words: Word
) -> None:
    """Something is said otherwise of a host. `what`: in words; `words`: what that decides."""
    _ = host_there(world, host)

    async def asked(service: Service, _key: str) -> object:
        known = await host_of(service.store, host)
        return await service.estate.edit_host(known, edit, actor=actor)

    await ask(world, actor, what, asked, *words)


async def set_mode(world: World, actor: str, host: str, mode: str, *, shared: bool = False) -> None:
    """What may be done on a host. `shared`: it is known that another fleet marks VMs there."""
    edit = HostEdit(mode=HostMode(mode), shared=shared)
    await edit_host(
        world,
        actor,
        host,
        edit,
        f"sets {host} to {mode}",
        Word(kind=Host, field="mode", value=edit.mode, name=host),
    )


async def _rename(world: World, actor: str, host: str, name: str) -> None:
    await edit_host(world, actor, host, HostEdit(name=name), f"calls {host} {name}")


async def _reach(world: World, actor: str, host: str, address: str) -> None:
    edit = HostEdit(profile=SimulatedProfile(name=host_there(world, address).name))
    await edit_host(world, actor, host, edit, f"reaches {host} at {address}", _UNSEEN)


async def _accept(world: World, actor: str, host: str) -> None:
    _ = host_there(world, host)

    async def asked(service: Service, _key: str) -> object:
        known = await host_of(service.store, host)
        shown = known.claims or known.accepted
        if shown is None:
            raise Refused(f"host {known.name} is who it was")
        return await accept(service.context, service.switchboard, known, shown, actor=actor)

    await ask(world, actor, f"accepts {host}", asked)


async def _remove(
    world: World, actor: str, host: str, *, forget: bool = False, dead: bool = False
) -> None:
    """`dead` is said by people who have looked."""
    there = host_there(world, host)
    if dead and there.hypervisor.processes:
        raise Pointless(f"VMs run on {host}")

    async def asked(service: Service, _key: str) -> object:
        known = await host_of(service.store, host)
        return await service.removal.remove(known, forget=forget, dead=dead, actor=actor)

    await ask(world, actor, f"removes {host}", asked)


async def _release_and_remove(world: World, actor: str, host: str) -> None:
    _ = host_there(world, host)

    async def asked(service: Service, _key: str) -> object:
        return await service.removal.release_all(await host_of(service.store, host), actor=actor)

    asked_for = await ask(world, actor, f"releases every VM on {host}", asked, _RELEASES)
    for _ in range(_LOOKS):
        if not await _open(world, asked_for):
            break
        await asyncio.sleep(AGAIN_SECONDS)
    await _remove(world, actor, host)


async def _open(world: World, operations: list[Operation]) -> bool:
    """Whether any of them is to be settled yet."""
    found = [await world.database.rows.get(Operation, each.id) for each in operations]
    return any(each is not None and each.open for each in found)


HOSTS: Final = (
    request("{actor} adds {host}", add_host, "A host of the world, to the default cluster."),
    request("{actor} adds {host} to {cluster}", add_host, "A host of the world, to a cluster."),
    request("{actor} adds {host} as {name}", _add_as, "Under a name of its own, perhaps again."),
    request("{actor} adds cluster {cluster}", add_cluster, "With the default policy."),
    request("{actor} sets {host} to {mode}", set_mode, "What may be done on it."),
    request(
        "{actor} sets {host} to {mode} though another fleet is there",
        partial(set_mode, shared=True),
        "As before, knowing of the other fleet's marks.",
    ),
    request("{actor} calls {host} {name}", _rename, "A host has another name."),
    request("{actor} reaches {host} at {address}", _reach, "A host has another address."),
    request("{actor} accepts {host} as it is", _accept, "It may be who it says that it is now."),
    request("{actor} removes {host}", _remove, "It leaves the fleet."),
    request(
        "{actor} removes {host} and releases its VMs",
        _release_and_remove,
        "Our marks are taken out first.",
    ),
    request(
        "{actor} removes {host} and forgets its VMs",
        partial(_remove, forget=True),
        "A host that is not heard of; the marks stay.",
    ),
    request("{actor} removes {host} as dead", partial(_remove, dead=True), "Nothing runs there."),
    request(
        "{actor} removes {host} as dead and forgets its VMs",
        partial(_remove, forget=True, dead=True),
        "Nothing runs there, and its VMs may be started elsewhere.",
    ),
)
