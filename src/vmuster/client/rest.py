"""One method for each route. Answers are the server's JSON as it is; refusals are `ClientError`."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from vmuster.client.errors import ClientError
from vmuster.client.profile import Profile
from vmuster.client.talking import PATIENCE_SECONDS, Answer, Line


class Client:
    """Talks to one server. Use it in a `with` statement, or call `close`. Threads may share it.

    References (`host`, `vm`, ...) are names or ids; a name may hold any characters. Where a method
    takes `key`, repeated calls with the same one are one request, and a lost answer is asked for
    again. `patience`: seconds for an answer.
    """

    def __init__(self, profile: Profile, *, patience: float = PATIENCE_SECONDS) -> None:
        self._line = Line(profile, patience=patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._line.close()

    def status(self) -> Answer:
        """Whether vmuster acts by itself, and why not; hosts by health, VMs by standing."""
        return self._line.ask("GET", "status")

    def fleet(self) -> Answer:
        """The fleet and its policy."""
        return self._line.ask("GET", "fleet")

    def set_fleet_policy(self, settings: dict[str, Any]) -> Answer:
        """Change some settings of the fleet's policy; text is read as the setting's type."""
        return self._line.ask("PATCH", "fleet/policy", json=settings)

    def set_automation(self, scope: str, name: str, *, armed: bool, why: str = "") -> Answer:
        """Arm or disarm the `fleet` (no name), a `cluster` or a `host`; gives the status."""
        body = {"scope": scope, "name": name, "armed": armed, "why": why}
        return self._line.ask("PUT", "automation", json=body)

    def signing_keys(self) -> list[Answer]:
        """The keys whose marks are good; the first is the one that signs."""
        return self._list("keys")

    def rotate_signing_key(self) -> list[Answer]:
        """Have a new signing key made; gives all keys."""
        return _items(self._line.ask("POST", "keys/rotate"))

    def quarantine(self) -> Answer:
        """What was seen that is newer than the database, and what leaving would close."""
        return self._line.ask("GET", "quarantine")

    def leave_quarantine(self, *, without: Sequence[str] = ()) -> Answer:
        """Close what the old database still wanted. `without`: hosts that are not waited for."""
        return self._line.ask("POST", "quarantine/leave", json={"without": list(without)})

    def plans(self) -> list[Answer]:
        """Held plans."""
        return self._list("plans")

    def plan(self, plan: str) -> Answer:
        """A held plan."""
        return self._line.ask("GET", f"plans/{_part(plan)}")

    def approve_plan(self, plan: str) -> Answer:
        """Let a held plan pass; each act is decided and proved again."""
        return self._line.ask("POST", f"plans/{_part(plan)}/approve")

    def reject_plan(self, plan: str) -> Answer:
        """Have a held plan not done."""
        return self._line.ask("POST", f"plans/{_part(plan)}/reject")

    def preview(
        self,
        *,
        host: str = "",
        cluster: str = "",
        settings: dict[str, Any] | None = None,
        mode: str = "",
    ) -> list[Answer]:
        """What the next pass over each host would do; or, with settings or mode, what if."""
        body = {"host": host, "cluster": cluster, "settings": settings or {}, "mode": mode or None}
        return _items(self._line.ask("POST", "preview", json=body))

    def credentials(self) -> list[Answer]:
        """Stored credentials, without their secrets."""
        return self._list("credentials")

    def put_credential(self, name: str, secret: Answer) -> Answer:
        """Store a credential: `{"kind": "ssh", "key": ...}`, or `tls` with `ca`, `certificate` and
        `key`; all of them PEM texts."""
        return self._line.ask("PUT", f"credentials/{_part(name)}", json=secret)

    def remove_credential(self, name: str) -> Answer:
        """Remove a credential that no host uses."""
        return self._line.ask("DELETE", f"credentials/{_part(name)}")

    def host_keys(self, address: str, *, port: int = 22) -> list[Answer]:
        """The keys that an ssh server shows, and whether the server's known_hosts has them."""
        body = {"address": address, "port": port}
        return _items(self._line.ask("POST", "host-keys", json=body))

    def clusters(self) -> list[Answer]:
        """Every cluster."""
        return self._list("clusters")

    def add_cluster(self, name: str) -> Answer:
        """A new cluster, with the default policy."""
        return self._line.ask("POST", "clusters", json={"name": name})

    def cluster(self, cluster: str) -> Answer:
        """A cluster and its policy."""
        return self._line.ask("GET", f"clusters/{_part(cluster)}")

    def set_policy(self, cluster: str, settings: dict[str, Any]) -> Answer:
        """Change some settings of a cluster's policy; text is read as the setting's type."""
        return self._line.ask("PATCH", f"clusters/{_part(cluster)}/policy", json=settings)

    def hosts(self) -> list[Answer]:
        """Every host."""
        return self._list("hosts")

    def add_host(self, name: str, profile: Answer, *, cluster: str = "default") -> Answer:
        """A new host, in OBSERVE. `profile`: `{"kind": "local", "scope": ...}` or another kind."""
        body = {"name": name, "profile": profile, "cluster": cluster}
        return self._line.ask("POST", "hosts", json=body)

    def host(self, host: str, *, wait_seconds: float = 0) -> Answer:
        """A host; waits until it has given an account of its VMs, or has said why it can't."""
        return self._line.ask("GET", f"hosts/{_part(host)}", wait_seconds=wait_seconds)

    def set_mode(self, host: str, mode: str, *, shared: bool = False) -> Answer:
        """Set what may be done on a host. `shared`: another fleet's marks there are known of."""
        body = {"mode": mode, "shared": shared}
        return self._line.ask("PATCH", f"hosts/{_part(host)}", json=body)

    def accept_host(self, host: str, uuid: str) -> Answer:
        """Accept a host under the uuid that it claims now."""
        return self._line.ask("POST", f"hosts/{_part(host)}/accept", json={"uuid": uuid})

    def release_host(self, host: str) -> list[Answer]:
        """Ask for every VM of ours on a host to be let go; gives the operations."""
        return _items(self._line.ask("POST", f"hosts/{_part(host)}/release"))

    def remove_host(self, host: str, *, forget: bool = False, dead: bool = False) -> Answer:
        """Remove a host; `forget`: also the records of its VMs, where it is not heard of; `dead`:
        its machine is off for good."""
        params = {word: True for word, said in (("forget", forget), ("dead", dead)) if said}
        return self._line.ask("DELETE", f"hosts/{_part(host)}", params=params)

    def vms(self, *, host: str = "", standing: str = "", name: str = "") -> list[Answer]:
        """VMs, ours or not; all of them, or those that are asked for."""
        return self._list("vms", host=host, standing=standing, name=name)

    def vm(self, vm: str, *, host: str = "") -> Answer:
        """One VM, and under `elsewhere` the same uuid on other hosts. `host`, here as below: where
        it is, if several hosts have a VM of this name."""
        return self._line.ask("GET", f"vms/{_part(vm)}", params=_said(host=host))

    def explanation(self, vm: str, *, host: str = "", limit: int = 200) -> Answer:
        """Why a VM is as it is, or is no more."""
        params = _said(host=host, limit=limit)
        return self._line.ask("GET", f"vms/{_part(vm)}/explanation", params=params)

    def adopt(self, vm: str, *, host: str = "", name: str = "", key: str = "") -> Answer:
        """Ask for a VM to be taken into the records and marked."""
        body = {"host": host, "name": name}
        return self._line.ask("POST", f"vms/{_part(vm)}/adopt", json=body, key=key)

    def release(self, vm: str, *, host: str = "", key: str = "") -> Answer:
        """Ask for a VM to be let go, unharmed."""
        return self._request(vm, "release", host, key)

    def forget(self, vm: str, *, host: str = "", on: str = "", key: str = "") -> Answer:
        """Ask for the record of a VM to be dropped that is not there with our mark. `on`: only say
        that no copy of it is left on this host."""
        return self._request(vm, "forget", host, key, on=on)

    def start(self, vm: str, *, host: str = "", key: str = "") -> Answer:
        """Ask for a VM to be started."""
        return self._request(vm, "start", host, key)

    def stop(self, vm: str, *, force: bool = False, host: str = "", key: str = "") -> Answer:
        """Ask for a VM to be stopped; `force`: without asking its guest."""
        return self._request(vm, "stop", host, key, {"force": force})

    def operations(self, *, limit: int = 100) -> list[Answer]:
        """The newest operations, newest first."""
        return self._list("operations", limit=limit)

    def operation(self, operation: str, *, wait_seconds: float = 0) -> Answer:
        """An operation; waits until it is done or has failed."""
        return self._line.ask("GET", f"operations/{_part(operation)}", wait_seconds=wait_seconds)

    def journal(self, *, vm: str = "", host: str = "", limit: int = 100) -> list[Answer]:
        """The newest entries of the journal, newest first."""
        return self._list("journal", vm=vm, host=host, limit=limit)

    def _request(
        self, vm: str, act: str, host: str, key: str, body: Answer | None = None, *, on: str = ""
    ) -> Answer:
        path, params = f"vms/{_part(vm)}/{act}", _said(host=host, on=on)
        return self._line.ask("POST", path, params=params, json=body, key=key)

    def _list(self, path: str, **chosen: str | int) -> list[Answer]:
        return _items(self._line.ask("GET", path, params=_said(**chosen)))


def _items(answer: Answer) -> list[Answer]:
    items: list[Answer] = answer["items"]
    return items


def _said(**chosen: str | int) -> dict[str, str | int]:
    """The parameters that say something."""
    return {name: value for name, value in chosen.items() if value != ""}


def _part(reference: str) -> str:
    """`reference` as one part of a path. A part of dots alone would be taken for a direction, and
    an empty one for the whole list: that is a `ClientError`."""
    if not reference:
        raise ClientError("a name is empty", hint="say whose it is; nothing was asked for")
    encoded = quote(reference, safe="", errors="replace")
    return encoded if encoded.strip(".") else encoded.replace(".", "%2E")
