"""Hosts and clusters that are there from the beginning, as anna has added them."""

from functools import partial
from typing import Final

from vmuster.model.host import Cluster
from vmuster.model.ids import ClusterName
from vmuster.server.founding import DEFAULT_CLUSTER
from vmuster.sim.verbs.requests.hosts import add_cluster, add_host, set_mode
from vmuster.sim.verbs.settings.setting import KEEPER, setting
from vmuster.sim.verbs.verb import Pointless
from vmuster.sim.world.world import World


async def _machine(world: World, host: str, *, far: bool = False, blind: bool = False) -> None:
    if host in world.hosts:
        raise Pointless(f"{host} is there already")
    world.add_host(host, far=far).blind = blind


async def _host(
    world: World,
    host: str,
    cluster: str = DEFAULT_CLUSTER,
    *,
    far: bool = False,
    blind: bool = False,
) -> None:
    """A machine that is a host of the fleet, in a cluster that is made where there is none."""
    await _machine(world, host, far=far, blind=blind)
    await _cluster(world, cluster)
    await add_host(world, KEEPER, host, cluster)


async def _cluster(world: World, cluster: str) -> None:
    if await world.database.rows.get(Cluster, ClusterName(cluster)) is None:
        await add_cluster(world, KEEPER, cluster)


async def _mode(world: World, host: str, mode: str) -> None:
    await set_mode(world, KEEPER, host, mode, shared=True)


_KINDS: Final = (
    ("{there}", False, False, "The servers reach its hypervisor over the network."),
    ("{there} with an agent", True, False, "An agent of its own runs on it."),
    ("blind {there}", False, True, "Nobody can look past its hypervisor."),
)
"""How a kind of host is said, whether it is far, and whether it is blind."""

HOSTS: Final = (
    *(
        setting(said.format(there=there) + where, partial(do, far=far, blind=blind), what)
        for there, where, do in (
            ("machine {host}", "", _machine),
            ("host {host}", "", _host),
            ("host {host}", " in {cluster}", _host),
        )
        for said, far, blind, what in _KINDS
    ),
    setting("cluster {cluster}", _cluster, "A cluster with the default policy."),
    setting("{host} is in {mode}", _mode, "What may be done on it."),
)
"""A machine is one that the fleet does not know yet."""
