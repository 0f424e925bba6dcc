"""What people say of clusters and the whole fleet: policies, quarantine, the signing key."""

import asyncio
from typing import Final

from vmuster.model.host import Cluster, Fleet
from vmuster.model.ids import HostId
from vmuster.server.references import cluster_called
from vmuster.server.requests.quarantine import leave
from vmuster.server.service import Service
from vmuster.sim.verbs.meaning import host_of, host_there
from vmuster.sim.verbs.requests.asking import AGAIN_SECONDS, ask, request
from vmuster.sim.world.decided import Word
from vmuster.sim.world.world import World

_LOOKS: Final = 30
"""How often somebody looks whether a server has begun, before they go on."""


async def set_policy(world: World, actor: str, setting: str, cluster: str, value: str) -> None:
    """A setting of a cluster's policy; stop-by-name is granted in the actor's name."""

    async def asked(service: Service, _key: str) -> object:
        known = await cluster_called(service.store, cluster)
        return await service.estate.set_policy(known, {setting: value}, actor=actor)

    await ask(
        world,
        actor,
        f"sets {setting} of {cluster} to {value}",
        asked,
        Word(kind=Cluster, field="policy", value=(setting, value), name=cluster),
    )


async def set_fleet_policy(world: World, actor: str, setting: str, value: str) -> None:
    """A setting of the fleet's policy."""
    what = f"sets {setting} of the fleet to {value}"
    settings: dict[str, object] = {setting: value}
    await ask(
        world,
        actor,
        what,
        lambda s, _: s.estate.set_fleet_policy(settings, actor=actor),
        Word(kind=Fleet, field="policy", value=(setting, value)),
    )


async def _leave(world: World, actor: str, host: str = "") -> None:
    if host:
        _ = host_there(world, host)

    async def asked(service: Service, _key: str) -> object:
        without: list[HostId] = [(await host_of(service.store, host)).id] if host else []
        lines = service.switchboard
        return await leave(service.context, lines, actor=actor, without=without)

    await ask(world, actor, "leaves the quarantine", asked)


async def _distrust(world: World, actor: str) -> None:
    """The guided way: the server is stopped, and begins with a person's word."""
    world.chronicle.note(actor, "says that the database was restored")
    if world.server is not None:
        await world.stop_server(world.server)
    world.database.distrusted = True
    server = world.start_server()
    for _ in range(_LOOKS):
        if server.service is not None or server.failed:
            break
        await asyncio.sleep(AGAIN_SECONDS)


async def _rotate(world: World, actor: str) -> None:
    await ask(world, actor, "rotates the signing key", lambda s, _: s.rotate(actor=actor))


FLEET: Final = (
    request(
        "{actor} sets {setting} of {cluster} to {value}",
        set_policy,
        "A setting of a cluster's policy; stop-by-name is granted in their name.",
    ),
    request(
        "{actor} sets {setting} of the fleet to {value}",
        set_fleet_policy,
        "A setting of the fleet's policy.",
    ),
    request(
        "{actor} says that the database was restored",
        _distrust,
        "The server is stopped, and begins in quarantine.",
    ),
    request("{actor} leaves the quarantine", _leave, "The fleet goes on with this database."),
    request(
        "{actor} leaves the quarantine without {host}",
        _leave,
        "A host that gives no account is not waited for.",
    ),
    request("{actor} rotates the signing key", _rotate, "Marks are signed by a new key."),
)
