"""What each route needs of a key: one table, by the route's name; total by test.

A route that stands in no table needs the widest scope: what was forgotten is refused, not allowed.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from vmuster.api.outputs.problems import Problem
from vmuster.model.keys import ApiKey, Scope

_TABLE: Final[Mapping[Scope, tuple[str, ...]]] = {
    Scope.READ: (
        "show_status",
        "show_fleet",
        "list_keys",
        "show_quarantine",
        "list_hosts",
        "show_host",
        "list_clusters",
        "show_cluster",
        "list_vms",
        "show_vm",
        "explain_vm",
        "explain",
        "list_rules",
        "show_rule",
        "show_journal_head",
        "verify_journal",
        "list_operations",
        "show_operation",
        "list_plans",
        "show_plan",
        "preview_passes",
        "read_journal",
        "show_self",
        "follow_events",
        "show_metrics",
        "show_recording",
    ),
    Scope.OPERATE: (
        "adopt_vm",
        "release_vm",
        "forget_vm",
        "start_vm",
        "stop_vm",
        "approve_plan",
        "reject_plan",
        "set_automation",
        "change_host",
    ),
    Scope.ADMIN: (
        "add_host",
        "accept_host",
        "release_host",
        "remove_host",
        "find_host_keys",
        "add_cluster",
        "change_policy",
        "change_fleet_policy",
        "rotate_keys",
        "leave_quarantine",
        "show_doctor",
        "list_credentials",
        "show_credential",
        "put_credential",
        "remove_credential",
        "list_api_keys",
        "create_api_key",
        "revoke_api_key",
        "list_webhooks",
        "show_webhook",
        "add_webhook",
        "test_webhook",
        "remove_webhook",
        "start_recording",
        "stop_recording",
        "drop_recording",
        "fetch_recording",
    ),
}
NEEDED: Final[Mapping[str, Scope]] = MappingProxyType(
    {name: scope for scope, names in _TABLE.items() for name in names}
)
"""Route → the narrowest scope that may ask for it."""


def needed(route: str) -> Scope:
    """The narrowest scope that may ask for a route."""
    return NEEDED.get(route, Scope.ADMIN)


def beyond(key: ApiKey, wanted: Scope) -> Problem:
    """What is answered where a key may not do what needs `wanted`."""
    return Problem(
        kind="scope",
        title="Not with this key",
        status=403,
        detail=f"this needs a key of scope {wanted}; key {key.name} has scope {key.scope}",
        hint=f"whoever has an admin key can make one: vmuster api-key create NAME --scope {wanted}",
    )
