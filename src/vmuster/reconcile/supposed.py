"""What is supposed to have been otherwise: another policy, another mode of the hosts.

Nothing else of what a pass went by is touched.
"""

import msgspec

from vmuster.model.host import Cluster, Fleet, Host, NameGrant
from vmuster.model.operations import AUTOMATIC
from vmuster.model.policy_change import changed_policy
from vmuster.model.states import HostMode, UnknownVms
from vmuster.reconcile.passed import Given


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is supposed to have been otherwise: settings of every cluster's policy, and the mode of
    every host. Nothing: only the rules may be others."""

    settings: dict[str, object] = {}
    mode: HostMode | None = None


def supposed(given: Given, change: Change) -> Given:
    """What a pass would have been given, had `change` been so. Raises `Refused` where a setting is
    none."""
    cluster = supposed_cluster(given.cluster, given.fleet, change)
    host = supposed_host(given.recorded.host, change)
    recorded = msgspec.structs.replace(given.recorded, host=host, grant=cluster.grant)
    return msgspec.structs.replace(given, cluster=cluster, recorded=recorded)


def supposed_cluster(cluster: Cluster, fleet: Fleet, change: Change) -> Cluster:
    """`cluster`, had `change` been so. With `stop-by-name` goes the grant that a person would have
    given for it. Raises `Refused` where a setting is none."""
    if not change.settings:
        return cluster
    policy = changed_policy(cluster.policy, change.settings)
    by_name = policy.unknown_vms is UnknownVms.STOP_BY_NAME
    grant = (cluster.grant or _grant(cluster, fleet)) if by_name else None
    return msgspec.structs.replace(cluster, policy=policy, grant=grant)


def supposed_host(host: Host, change: Change) -> Host:
    """`host`, had `change` been so."""
    return host if change.mode is None else msgspec.structs.replace(host, mode=change.mode)


def _grant(cluster: Cluster, fleet: Fleet) -> NameGrant:
    """A person's leave that nobody gave: it is signed by nobody, and lets no agent act."""
    return NameGrant(
        id="supposed",
        cluster=cluster.name,
        fleet=fleet.id,
        instance=fleet.instance,
        granted_by=AUTOMATIC,
        granted_at=cluster.created_at,
        key=fleet.key,
        signature=b"",
    )
