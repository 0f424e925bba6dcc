"""What the demo's steps are made of: acts by hand, and ways to see what vmuster shows."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4
from xml.etree import ElementTree

import libvirt
from defusedxml.ElementTree import fromstring

from vmuster.demo.guests import Behaviour
from vmuster.demo.hosts import SessionHost
from vmuster.demo.narrator import Narrator
from vmuster.demo.stage import Operator, Server
from vmuster.demo.witness import Witness

STRANGER, OWNED, STRAY, CLONE = "stranger", "ours", "stray", "clone"
SHORT_TIMES: Final[dict[str, float]] = {
    "report_seconds": 2.0,
    "heartbeat_seconds": 1.0,
    "suspect_after_seconds": 4.0,
    "unreachable_after_seconds": 10.0,
    "steady_seconds": 1.0,
    "quiet_seconds": 5.0,
    "confirm_after_seconds": 2.0,
    "stop_grace_seconds": 4.0,
}
"""The settings of the demo's clusters, for those who watch it have no five minutes."""
_TOLD: Final = ("decision", "alert", "command", "result", "held")


class Scene:
    """Hosts, VMs, a server, a witness, an operator; and somebody who tells what happens."""

    def __init__(
        self,
        narrator: Narrator,
        hosts: Mapping[str, SessionHost],
        operator: Operator,
        server: Server,
    ) -> None:
        self.narrator = narrator
        self.hosts = hosts
        self.operator = operator
        self.server = server
        self.witness = Witness(list(hosts.values()))
        self.ids: dict[str, UUID] = {}
        self._last_entry = 0

    def define(
        self, host: str, name: str, role: str, behaviour: Behaviour = Behaviour.OBEDIENT
    ) -> None:
        """Define and start a VM by hand."""
        uuid = self.ids[name] = uuid4()
        _ = self.hosts[host].define(name, uuid, behaviour).create()
        self.witness.watch(name, uuid, role)
        self.narrator.hand(f"defined and started {name} on {host}")

    def migrate(self, name: str, source: str, target: str) -> None:
        """Migrate a running VM by hand."""
        uuid = self.ids[name]
        with self.witness.expecting(uuid, f"the demo's hand: migrated to {target}", running=True):
            self.hosts[source].move(uuid, self.hosts[target])
        self.narrator.hand(f"migrated {name} from {source} to {target}")

    def domain(self, host: str, name: str) -> libvirt.virDomain:
        """The VM, by the demo's own connection."""
        return self.hosts[host].hand.lookupByUUID(self.ids[name].bytes)

    def definition(self, host: str, name: str) -> bytes:
        """The stored definition without its metadata, in canonical form."""
        tree = fromstring(self.domain(host, name).XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
        for metadata in tree.findall("metadata"):
            tree.remove(metadata)
        return ElementTree.canonicalize(
            ElementTree.tostring(tree, encoding="unicode"), strip_text=True
        ).encode()

    def host(self, name: str) -> dict[str, Any]:
        """The host as vmuster shows it."""
        return self.operator.asks("host", "show", name)

    def views(self, name: str) -> list[dict[str, Any]]:
        """The VM as vmuster shows it, on each host where it was seen."""
        uuid = str(self.ids[name])
        return [vm for vm in self.operator.asks("vm", "list") if vm["uuid"] == uuid]

    def see(self, name: str, why: str = "", **wanted: str) -> None:
        """Wait until vmuster shows the VM so, for a reason with `why` in it; and say the reason."""
        view = self.operator.until(
            f"{name} as {wanted} {why}".rstrip(),
            lambda: next(
                (
                    v
                    for v in self.views(name)
                    if why in v["why"] and all(v[key] == value for key, value in wanted.items())
                ),
                None,
            ),
        )
        self.narrator.fact(
            f"vmuster shows {name} on {view['host']}: {view['power']}, {view['standing']}"
        )
        self.narrator.vmuster(view["why"])

    def promise(self, what: str, *, kept: bool) -> None:
        """Say what was checked; a promise that is not kept counts in the verdict."""
        self.narrator.fact(what)
        if not kept:
            self.witness.surprises.append(what)

    def settled(self, name: str) -> None:
        """Wait until no operation on the VM is open."""
        uuid = str(self.ids[name])
        self.operator.until(
            f"operations on {name} settled",
            lambda: all(
                operation["state"] in ("done", "failed")
                for operation in self.operator.asks("vm", "explain", uuid)["operations"]
            ),
        )

    def all_kept(self, host: str) -> None:
        """Check that vmuster still shows every VM of the host as it last was."""
        for vm in self.operator.asks("vm", "list", "--host", host):
            self.narrator.plain(
                f"                {vm['name']:24} {vm['power']}, {vm['age_seconds']:.0f} s ago"
            )
            expected = self.witness.watched[UUID(vm["uuid"])].pid is not None
            if (vm["power"] == "running") is not expected:
                self.witness.surprises.append(
                    f"{vm['name']} is shown {vm['power']} without evidence"
                )

    def news(self) -> list[dict[str, Any]]:
        """Say, and return, what vmuster wrote into its journal since the last time."""
        entries = self.operator.asks("journal", "-n", "200")
        fresh = [entry for entry in reversed(entries) if entry["id"] > self._last_entry]
        self._last_entry = max((entry["id"] for entry in entries), default=self._last_entry)
        for entry in fresh:
            if entry["kind"] in _TOLD:
                self.narrator.vmuster(f"{entry['kind']}: {entry['what']}")
        return fresh
