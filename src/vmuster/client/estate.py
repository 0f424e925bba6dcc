"""What the API is asked about the fleet, its clusters, and its keys."""

from collections.abc import Sequence
from typing import Any

from vmuster.client.asking import Answer, Asking, items, part


class Estate(Asking):
    """Questions and requests about the fleet, its clusters, and its keys."""

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
        return items(self._line.ask("POST", "keys/rotate"))

    def quarantine(self) -> Answer:
        """What was seen that is newer than the database, and what leaving would close."""
        return self._line.ask("GET", "quarantine")

    def leave_quarantine(self, *, without: Sequence[str] = ()) -> Answer:
        """Close what the old database still wanted. `without`: hosts that are not waited for."""
        return self._line.ask("POST", "quarantine/leave", json={"without": list(without)})

    def credentials(self) -> list[Answer]:
        """Stored credentials, without their secrets."""
        return self._list("credentials")

    def put_credential(self, name: str, secret: Answer) -> Answer:
        """Store a credential: `{"kind": "ssh", "key": ...}`, or `tls` with `ca`, `certificate` and
        `key`; all of them PEM texts."""
        return self._line.ask("PUT", f"credentials/{part(name)}", json=secret)

    def remove_credential(self, name: str) -> Answer:
        """Remove a credential that no host uses."""
        return self._line.ask("DELETE", f"credentials/{part(name)}")

    def clusters(self) -> list[Answer]:
        """Every cluster."""
        return self._list("clusters")

    def add_cluster(self, name: str) -> Answer:
        """A new cluster, with the default policy."""
        return self._line.ask("POST", "clusters", json={"name": name})

    def cluster(self, cluster: str) -> Answer:
        """A cluster and its policy."""
        return self._line.ask("GET", f"clusters/{part(cluster)}")

    def set_policy(self, cluster: str, settings: dict[str, Any]) -> Answer:
        """Change some settings of a cluster's policy; text is read as the setting's type."""
        return self._line.ask("PATCH", f"clusters/{part(cluster)}/policy", json=settings)
