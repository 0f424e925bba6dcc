"""What the API is asked about hosts."""

from vmuster.client.asking import Answer, Asking, items, part


class Hosts(Asking):
    """Questions and requests about hosts."""

    def host_keys(self, address: str, *, port: int = 22) -> list[Answer]:
        """The keys that an ssh server shows, and whether the server's known_hosts has them."""
        body = {"address": address, "port": port}
        return items(self._line.ask("POST", "host-keys", json=body))

    def hosts(
        self, *, cluster: str = "", mode: str = "", health: str = "", limit: int = 0
    ) -> list[Answer]:
        """Hosts, by name: all of them, or those that fit."""
        return self._list("hosts", cluster=cluster, mode=mode, health=health, limit=limit)

    def add_host(self, name: str, profile: Answer, *, cluster: str = "default") -> Answer:
        """A new host, in OBSERVE. `profile`: `{"kind": "local", "scope": ...}` or another kind."""
        body = {"name": name, "profile": profile, "cluster": cluster}
        return self._line.ask("POST", "hosts", json=body)

    def host(self, host: str, *, wait_seconds: float = 0) -> Answer:
        """A host; waits until it has given an account of its VMs, or has said why it can't."""
        return self._line.ask("GET", f"hosts/{part(host)}", wait_seconds=wait_seconds)

    def set_mode(self, host: str, mode: str, *, shared: bool = False) -> Answer:
        """Set what may be done on a host. `shared`: another fleet's marks there are known of."""
        body = {"mode": mode, "shared": shared}
        return self._line.ask("PATCH", f"hosts/{part(host)}", json=body)

    def edit_host(self, host: str, *, name: str = "", profile: Answer | None = None) -> Answer:
        """Give a host another name, or have it reached otherwise: `profile` as in `add_host`."""
        body = {"name": name or None, "profile": profile}
        return self._line.ask("PATCH", f"hosts/{part(host)}", json=body)

    def accept_host(self, host: str, uuid: str) -> Answer:
        """Accept a host under the uuid that it claims now."""
        return self._line.ask("POST", f"hosts/{part(host)}/accept", json={"uuid": uuid})

    def release_host(self, host: str) -> list[Answer]:
        """Ask for every VM of ours on a host to be let go; gives the operations."""
        return items(self._line.ask("POST", f"hosts/{part(host)}/release"))

    def remove_host(self, host: str, *, forget: bool = False, dead: bool = False) -> Answer:
        """Remove a host; `forget`: also the records of its VMs, where it is not heard of; `dead`:
        its machine is off for good."""
        params = {word: True for word, said in (("forget", forget), ("dead", dead)) if said}
        return self._line.ask("DELETE", f"hosts/{part(host)}", params=params)
