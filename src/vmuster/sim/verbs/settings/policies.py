"""Policies that hold from the beginning, as anna has set them."""

from typing import Final

from vmuster.server.founding import DEFAULT_CLUSTER
from vmuster.sim.verbs.requests.fleet import set_fleet_policy, set_policy
from vmuster.sim.verbs.settings.setting import KEEPER, setting
from vmuster.sim.world.world import World


async def _policy(world: World, setting: str, value: str, cluster: str = DEFAULT_CLUSTER) -> None:
    await set_policy(world, KEEPER, setting, cluster, value)


async def _policy_of(world: World, cluster: str, setting: str, value: str) -> None:
    await _policy(world, setting, value, cluster)


async def _fleet_policy(world: World, setting: str, value: str) -> None:
    await set_fleet_policy(world, KEEPER, setting, value)


POLICIES: Final = (
    setting(
        "policy {setting} is {value}",
        _policy,
        "Of the default cluster. With stop-by-name anna grants that VMs are stopped by name.",
    ),
    setting("policy of {cluster} {setting} is {value}", _policy_of, "Of another cluster."),
    setting("fleet policy {setting} is {value}", _fleet_policy, "Of the whole fleet."),
)
