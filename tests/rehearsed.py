"""A valid request for every route that changes something, and a past in which it is valid."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple
from uuid import UUID

from tests import parts as one
from tests.doors import Door
from tests.keypairs import Login
from tests.pasts import hosted_stranger, missing, owned
from tests.servers import STOPPED, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.ids import ClusterName, HostUuid
from vmuster.model.journal import EntryKind
from vmuster.model.keys import CredentialKind, Scope
from vmuster.model.states import OperationKind

Setup = Callable[[Door], Awaitable[object]]
CLAIMED: Final = HostUuid(UUID(int=900))
PLAN: Final = "00000000-0000-0000-0000-0000000091a2"


class Case(NamedTuple):
    """One request. `fresh`: fields that hold something made anew each time, in rows or answers."""

    setup: Setup
    method: str
    path: str
    json: Any = None
    fresh: frozenset[str] = frozenset()


async def nothing(_door: Door) -> None:
    pass


async def a_host(door: Door) -> Host:
    return await door.parts.host()


async def a_stranger(door: Door) -> Host:
    """A host that shows VM 1, which is nobody's."""
    return await hosted_stranger(door.parts)


async def one_of_ours(door: Door) -> Host:
    return await owned(door.parts)


async def a_stopped_one(door: Door) -> Host:
    host = await door.parts.host()
    await door.parts.adopted(host, vm(1), power=STOPPED)
    return host


async def two_of_ours(door: Door) -> None:
    host = await door.parts.host()
    await door.parts.adopted(host, vm(1), vm(2))


async def one_that_is_gone(door: Door) -> None:
    await missing(door.parts)
    host = (await door.parts.store.find(Host))[0]
    for _ in range(2):
        await door.parts.report(host, seen(vm(9)))


async def a_claim(door: Door) -> None:
    await door.parts.change(await door.parts.host(), claims=CLAIMED)


async def a_credential(door: Door) -> None:
    key = Login().private
    await door.service.credentials.put("fleet-ssh", CredentialKind.SSH, key, actor="ann")


async def a_held_plan(door: Door) -> None:
    host = await owned(door.parts)
    plan = one.held([OperationKind.STOP], host=host.id, cluster=ClusterName("default"))
    changes = Changes(writes=(Write(before=None, after=plan),))
    assert await door.parts.store.commit([changes]) == [""]


async def a_quarantine(door: Door) -> None:
    host = await owned(door.parts)
    await adopted_too(door, host)
    await door.parts.report(host, seen(vm(9), mark=door.parts.mark(vm(9), 99_000)))
    assert door.parts.context.fleet.quarantine is not None


async def adopted_too(door: Door, host: Host) -> None:
    await door.parts.report(host, *await door.parts.shown(host), seen(vm(2)))
    await door.parts.requests.adopt(vm(2), actor="ann")


async def another_key(door: Door) -> None:
    await door.know("other", Scope.READ)


async def a_webhook(door: Door) -> None:
    await door.service.webhooks.add(
        "pager", "https://example.org/hook", [EntryKind.ALERT], secret="s" * 32, actor="ann"
    )


async def a_recording(door: Door) -> None:
    await door.service.recordings.start(actor="ann")


CASES: Final[dict[str, Case]] = {
    "change_fleet_policy": Case(nothing, "PATCH", "fleet/policy", {"dark_percent_max": 25}),
    "set_automation": Case(
        a_host, "PUT", "automation", {"scope": "fleet", "armed": False, "why": "maintenance"}
    ),
    "rotate_keys": Case(
        nothing, "POST", "keys/rotate", fresh=frozenset({"key", "public_keys", "id", "public"})
    ),
    "add_host": Case(nothing, "POST", "hosts", {"name": "mine", "profile": {"kind": "local"}}),
    "change_host": Case(
        a_stranger,
        "PATCH",
        "hosts/alpha",
        {"name": "north", "mode": "observe", "profile": {"kind": "tls", "address": "a.example"}},
    ),
    "remove_host": Case(a_stranger, "DELETE", "hosts/alpha"),
    "accept_host": Case(a_claim, "POST", "hosts/alpha/accept", {"uuid": str(CLAIMED)}),
    "release_host": Case(two_of_ours, "POST", "hosts/alpha/release"),
    "put_credential": Case(
        nothing,
        "PUT",
        "credentials/fleet-ssh",
        {"kind": "ssh", "key": Login().private.decode("ascii")},
    ),
    "remove_credential": Case(a_credential, "DELETE", "credentials/fleet-ssh"),
    "add_cluster": Case(nothing, "POST", "clusters", {"name": "north"}),
    "change_policy": Case(
        nothing,
        "PATCH",
        "clusters/default/policy",
        {"unknown_vms": "stop-by-name", "stops_per_pass_max": 3},
    ),
    "adopt_vm": Case(a_stranger, "POST", f"vms/{vm(1)}/adopt", {"name": "web-01"}),
    "release_vm": Case(one_of_ours, "POST", f"vms/{vm(1)}/release"),
    "forget_vm": Case(one_that_is_gone, "POST", f"vms/{vm(1)}/forget"),
    "start_vm": Case(a_stopped_one, "POST", f"vms/{vm(1)}/start"),
    "stop_vm": Case(one_of_ours, "POST", f"vms/{vm(1)}/stop", {"force": True}),
    "approve_plan": Case(a_held_plan, "POST", f"plans/{PLAN}/approve"),
    "reject_plan": Case(a_held_plan, "POST", f"plans/{PLAN}/reject"),
    "leave_quarantine": Case(a_quarantine, "POST", "quarantine/leave"),
    "create_api_key": Case(
        nothing,
        "POST",
        "api-keys",
        {"name": "script", "scope": "read"},
        fresh=frozenset({"key"}),
    ),
    "revoke_api_key": Case(another_key, "DELETE", "api-keys/other"),
    "add_webhook": Case(
        nothing,
        "POST",
        "webhooks",
        {"name": "pager", "url": "https://example.org/hook"},
        fresh=frozenset({"secret"}),
    ),
    "remove_webhook": Case(a_webhook, "DELETE", "webhooks/pager"),
    "test_webhook": Case(a_webhook, "POST", "webhooks/pager/test"),
    "start_recording": Case(nothing, "POST", "recording/start", {"hours": 2, "max_mib": 8}),
    "stop_recording": Case(a_recording, "POST", "recording/stop"),
    "drop_recording": Case(a_recording, "DELETE", "recording"),
}
"""Route → its request."""
REFUSED: Final[tuple[Case, ...]] = (
    Case(a_host, "POST", "hosts", {"name": "alpha", "profile": {"kind": "local"}}),
    Case(a_host, "POST", "hosts", {"name": "-", "profile": {"kind": "local"}}),
    Case(one_of_ours, "DELETE", "hosts/alpha"),
    Case(a_host, "POST", "hosts/alpha/accept", {"uuid": str(CLAIMED)}),
    Case(nothing, "POST", "clusters", {"name": "default"}),
    Case(nothing, "PATCH", "clusters/default/policy", {"unknown_vms": "never"}),
    Case(a_stranger, "POST", f"vms/{vm(1)}/release"),
    Case(a_quarantine, "POST", f"vms/{vm(1)}/stop"),
    Case(nothing, "POST", f"plans/{PLAN}/approve"),
    Case(nothing, "DELETE", "credentials/none"),
    Case(nothing, "PUT", "credentials/x", {"kind": "ssh", "key": "no key"}),
    Case(nothing, "PATCH", "fleet/policy", {"none": 1}),
    Case(nothing, "POST", "webhooks", {"name": "pager", "url": "https://forbidden"}),
    Case(a_recording, "POST", "recording/start"),
    Case(nothing, "POST", "recording/stop"),
    Case(nothing, "DELETE", "recording"),
)
"""Requests that are refused, each by another rule."""
