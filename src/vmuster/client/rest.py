"""One method for each route. Answers are the server's JSON as it is; refusals are `ClientError`."""

from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx2
import msgspec

from vmuster.client.errors import ClientError
from vmuster.client.profile import Profile

Answer = dict[str, Any]
"""One object of the API; its fields are described in the server's OpenAPI document."""

_PATIENCE_SECONDS: Final = 30.0
"""For an answer, beyond the time that a request asks the server to wait."""


class Client:
    """Talks to one server. Use it in a `with` statement, or call `close`.

    References (`host`, `vm`, ...) are names or ids; a name may hold any characters.
    """

    def __init__(self, profile: Profile) -> None:
        self._url = profile.url
        self._http = httpx2.Client(
            base_url=f"{profile.url}/api/v1/",
            headers={"Authorization": f"Bearer {profile.key}"},
            timeout=_PATIENCE_SECONDS,
            trust_env=not profile.on_this_machine,
        )

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
        self._http.close()

    def clusters(self) -> list[Answer]:
        """Every cluster."""
        return self._list("clusters")

    def add_cluster(self, name: str) -> Answer:
        """A new cluster, with the default policy."""
        return self._ask("POST", "clusters", json={"name": name})

    def cluster(self, cluster: str) -> Answer:
        """A cluster and its policy."""
        return self._ask("GET", f"clusters/{_part(cluster)}")

    def set_policy(self, cluster: str, settings: dict[str, Any]) -> Answer:
        """Change some settings of a cluster's policy; text is read as the setting's type."""
        return self._ask("PATCH", f"clusters/{_part(cluster)}/policy", json=settings)

    def hosts(self) -> list[Answer]:
        """Every host."""
        return self._list("hosts")

    def add_host(self, name: str, profile: Answer, *, cluster: str = "default") -> Answer:
        """A new host, in OBSERVE. `profile`: `{"kind": "local", "scope": ...}` or another kind."""
        body = {"name": name, "profile": profile, "cluster": cluster}
        return self._ask("POST", "hosts", json=body)

    def host(self, host: str, *, wait_seconds: float = 0) -> Answer:
        """A host; waits until it has given an account of its VMs, or has said why it can't."""
        return self._ask("GET", f"hosts/{_part(host)}", wait_seconds=wait_seconds)

    def set_mode(self, host: str, mode: str) -> Answer:
        """Set what may be done on a host."""
        return self._ask("PATCH", f"hosts/{_part(host)}", json={"mode": mode})

    def vms(self, *, host: str = "", standing: str = "", name: str = "") -> list[Answer]:
        """VMs, ours or not; all of them, or those that are asked for."""
        return self._list("vms", host=host, standing=standing, name=name)

    def vm(self, vm: str) -> Answer:
        """One VM, and under `elsewhere` the same uuid on other hosts."""
        return self._ask("GET", f"vms/{_part(vm)}")

    def explanation(self, vm: str, *, limit: int = 200) -> Answer:
        """Why a VM is as it is, or is no more."""
        return self._ask("GET", f"vms/{_part(vm)}/explanation", params={"limit": limit})

    def adopt(self, vm: str, *, host: str = "", name: str = "", key: str = "") -> Answer:
        """Ask for a VM to be taken into the records and marked. `key` makes repeated calls one."""
        return self._request(vm, "adopt", key, {"host": host, "name": name})

    def release(self, vm: str, *, key: str = "") -> Answer:
        """Ask for a VM to be let go, unharmed."""
        return self._request(vm, "release", key)

    def start(self, vm: str, *, key: str = "") -> Answer:
        """Ask for a VM to be started."""
        return self._request(vm, "start", key)

    def stop(self, vm: str, *, force: bool = False, key: str = "") -> Answer:
        """Ask for a VM to be stopped; `force`: without asking its guest."""
        return self._request(vm, "stop", key, {"force": force})

    def operations(self, *, limit: int = 100) -> list[Answer]:
        """The newest operations, newest first."""
        return self._list("operations", limit=limit)

    def operation(self, operation: str, *, wait_seconds: float = 0) -> Answer:
        """An operation; waits until it is done or has failed."""
        return self._ask("GET", f"operations/{_part(operation)}", wait_seconds=wait_seconds)

    def journal(self, *, vm: str = "", host: str = "", limit: int = 100) -> list[Answer]:
        """The newest entries of the journal, newest first."""
        return self._list("journal", vm=vm, host=host, limit=limit)

    def _request(self, vm: str, act: str, key: str, body: Answer | None = None) -> Answer:
        headers = {"Idempotency-Key": key} if key else {}
        return self._ask("POST", f"vms/{_part(vm)}/{act}", json=body, headers=headers)

    def _list(self, path: str, **chosen: str | int) -> list[Answer]:
        params = {name: value for name, value in chosen.items() if value != ""}
        items: list[Answer] = self._ask("GET", path, params=params)["items"]
        return items

    def _ask(
        self,
        method: str,
        path: str,
        *,
        wait_seconds: float = 0,
        params: dict[str, Any] | None = None,
        json: Answer | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        wait = {"wait": wait_seconds} if wait_seconds else {}
        try:
            response = self._http.request(
                method,
                path,
                params={**(params or {}), **wait},
                json=json,
                headers=headers,
                timeout=_PATIENCE_SECONDS + wait_seconds,
            )
        except httpx2.ConnectError as error:
            raise ClientError(
                f"no server answers at {self._url}",
                hint="start it with 'vmuster serve', or say where it is with --url",
            ) from error
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            raise ClientError(
                f"the server at {self._url} gave no answer",
                detail=str(error),
                hint="what was asked for may have been taken in: look before asking again",
            ) from error
        return _answer(response)


def _part(reference: str) -> str:
    """`reference` as one part of a path. A part of dots alone would be taken for a direction."""
    encoded = quote(reference, safe="", errors="replace")
    return encoded if encoded.strip(".") else encoded.replace(".", "%2E")


def _answer(response: httpx2.Response) -> Answer:
    try:
        answer = msgspec.json.decode(response.content, type=Answer)
    except msgspec.MsgspecError as error:
        raise ClientError(
            "the answer is not vmuster's",
            detail=f"status {response.status_code}",
            hint="is the url that of a vmuster server?",
            status=response.status_code,
        ) from error
    if response.is_success:
        return answer
    raise ClientError(
        str(answer.get("title", "refused")),
        detail=str(answer.get("detail", "")),
        hint=str(answer.get("hint", "")),
        status=response.status_code,
    )
