"""The breaker: when much goes dark at once, it is more likely us than them, and nothing is done.

It has no memory: it closes when enough hosts are UP again, and that a host does not hurry to be
is the matter of `silence`.
"""

from typing import Final

import msgspec

from vmuster.model.ids import ClusterName
from vmuster.model.policy import DARK_HOSTS_MIN

UNCOUNTED: Final = "the hosts have not been counted yet"


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How many hosts of a cluster, and of its fleet, gave an account once, and how many of these
    are not UP now."""

    cluster_lost: int
    cluster_known: int
    fleet_lost: int
    fleet_known: int


def dark(cluster: ClusterName, counted: Counted | None, percent: int, fleet_percent: int) -> str:
    """Why nothing automatic happens in `cluster`, in words; "" where it may. `counted` None: it is
    not known how the hosts are. `percent`: of the cluster's hosts that may be lost, `fleet_percent`
    of the fleet's."""
    if counted is None:
        return UNCOUNTED
    if why := breaker(counted.cluster_lost, counted.cluster_known, percent):
        return f"the breaker of cluster {cluster} is open: {why}"
    if why := breaker(counted.fleet_lost, counted.fleet_known, fleet_percent):
        return f"the breaker of the fleet is open: {why}"
    return ""


def breaker(lost: int, known: int, percent: int) -> str:
    """Why nothing automatic happens, in words; "" where the breaker is closed.

    `known` hosts have given an account at least once, `lost` of them are not UP now; more than
    `percent` of a hundred open it, and never fewer than `DARK_HOSTS_MIN`.
    """
    if lost < DARK_HOSTS_MIN or lost * 100 <= percent * known:
        return ""
    return f"{lost} of {known} hosts are not up, more than {percent} %: it may be our own network"
