"""Many hosts added at once: several at a time, each failure with its reason, none in silence."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import msgspec

from vmuster.cli.asking.host_keys import fingerprint, pinned_profile
from vmuster.cli.asking.host_lines import HostWish
from vmuster.cli.asking.progressing import progress
from vmuster.cli.asking.speaking import Failed
from vmuster.model.host import LocalProfile, LoopbackProfile, SshProfile, TlsProfile

if TYPE_CHECKING:
    from vmuster.client.rest import Client

ACCOUNT_SECONDS: Final = 15.0
"""How long a new host's first account is waited for."""
_AT_ONCE: Final = 8
"""Enough to hide how long a host takes, few enough to be no burden to the server."""
ADDED, THERE, SILENT, REFUSED = "added", "there already", "no account yet", "failed"
WOULD = "would be added"
GOOD: Final = frozenset({ADDED, THERE, WOULD})
_DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    str(kind.__struct_config__.tag): {
        field.name: field.default
        for field in msgspec.structs.fields(kind)
        if field.default is not msgspec.NODEFAULT
    }
    for kind in (LocalProfile, LoopbackProfile, SshProfile, TlsProfile)
}
"""What a host of each kind has where nothing else is said."""

Outcome = dict[str, Any]
"""`name`, `state` (one of the five words), `reason`, `vms`, and `host` as the API gives it."""


def add_all(client: "Client", wishes: Sequence[HostWish], *, trust_first: bool) -> list[Outcome]:
    """Add every host, and say on stderr how it goes on. In the order of `wishes`.

    A host that is there already, just as it is wished, is left alone: a file can be used again.
    """
    there = {host["name"]: host for host in client.hosts()}

    def one(wish: HostWish) -> Outcome:
        outcome = _added(client, wish, there.get(wish.name), trust_first=trust_first)
        steps.note(f"host {wish.name}: {outcome['state']}")
        steps.step()
        return outcome

    with progress("adding hosts", len(wishes)) as steps, ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(one, wishes))


def first_account(client: "Client", host: str) -> dict[str, Any]:
    """The host, once it has given an account of its VMs, has said why it can't, or time is up."""
    return client.host(host, wait_seconds=ACCOUNT_SECONDS)


def why_silent(host: dict[str, Any]) -> str:
    """Why a host has given no account yet; empty where it has."""
    if host["last_complete_at"] is not None:
        return ""
    return str(host["trouble"]) or f"no account within {ACCOUNT_SECONDS:.0f} s"


def _added(
    client: "Client", wish: HostWish, there: dict[str, Any] | None, *, trust_first: bool
) -> Outcome:
    from vmuster.client.errors import ClientError, Rehearsed

    try:
        if there is None:
            profile = pinned_profile(client, wish.profile, trust_first=trust_first, ask=False)
            there = client.add_host(wish.name, profile, cluster=wish.cluster)
            state = ADDED
        else:
            _check_same(wish, there)
            state = THERE
        host = first_account(client, there["id"])
    except Rehearsed:
        reason = f"cluster {wish.cluster}"
        return {"name": wish.name, "state": WOULD, "reason": reason, "vms": None, "host": None}
    except (ClientError, Failed) as error:
        reason = f"{error} ({error.hint})" if error.hint else str(error)
        return {"name": wish.name, "state": REFUSED, "reason": reason, "vms": None, "host": there}
    reason = why_silent(host)
    vms = None if reason else host["vms_seen"]
    state = SILENT if reason else state
    return {"name": wish.name, "state": state, "reason": reason, "vms": vms, "host": host}


def _check_same(wish: HostWish, there: dict[str, Any]) -> None:
    """Refuses a host that is there, but otherwise. A key that is not wished for is any."""
    wished = {"cluster": wish.cluster, **_DEFAULTS[wish.profile["kind"]], **wish.profile}
    has = {"cluster": there["cluster"], **there["profile"]}
    for said in (wished, has):
        if "host_key" in said:
            said["host_key"] = fingerprint(said["host_key"])
    other = [name for name, value in wished.items() if has.get(name) != value]
    if other:
        raise Failed(
            f"a host of this name is there already, with another {', '.join(other)}",
            hint=f"vmuster host show {wish.name}",
        )
