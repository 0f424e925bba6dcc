"""Checks of hosts and VMs, as the running server knows them."""

from collections import defaultdict
from typing import Final

from vmuster.model.automation import Disarmed, HoldState
from vmuster.model.host import Host, TlsProfile
from vmuster.model.states import HostHealth, HostMode, Standing
from vmuster.model.text import counted, listed
from vmuster.server.checkup.checks import Check, Found, failed, ok, warning
from vmuster.server.checkup.folder import DAY
from vmuster.server.checkup.records import Records

_DISARMED_DAYS: Final = 7
_HELD_DAYS: Final = 1
_ODD: Final = {
    Standing.DUPLICATE: "'vmuster vm list --standing duplicate'; stop one of the two by hand",
    Standing.CLONE: "'vmuster vm list --standing clone'; adopt it where it is yours",
    Standing.ORPHAN: "'vmuster vm list --standing orphan'; vmuster vm adopt NAME for each of yours",
    Standing.UNPROVEN: "'vmuster vm list --standing unproven'; adopt it to sign it anew",
}
"""Standings that a person should see to, and how."""


def _quarantine(records: Records) -> Found:
    found = records.fleet.quarantine
    if found is not None:
        return failed(
            f"the fleet is in quarantine: {listed(found.evidence)}",
            "vmuster quarantine show, then vmuster quarantine leave",
        )
    return ok("the fleet is not in quarantine")


def _health(records: Records) -> Found:
    down = [
        f"{host.name} ({host.health}{': ' + host.trouble if host.trouble else ''})"
        for host in records.hosts
        if host.health is not HostHealth.UP and _is_known(host)
    ]
    if down:
        return failed(
            f"not up: {listed(down)}", "vmuster host show NAME; docs/operating.md says more"
        )
    return ok(f"{counted(len(records.hosts), 'host')}, none of them known to be down")


def _troubles(records: Records) -> Found:
    troubled = [
        f"{host.name} ({host.trouble})"
        for host in records.hosts
        if host.health is HostHealth.UP and host.trouble
    ]
    if troubled:
        return warning(f"up, and in trouble: {listed(troubled)}", "vmuster host show NAME")
    return ok("no host that is up is in trouble")


def _claims(records: Records) -> Found:
    other = [f"{host.name} ({host.claims})" for host in records.hosts if host.claims is not None]
    if other:
        return failed(
            f"hosts that say that they are another machine: {listed(other)}",
            "find out whether it is meant; then vmuster host accept NAME --uuid UUID",
        )
    return ok("every host is the machine that it was")


def _accounts(records: Records) -> Found:
    silent = [host.name for host in records.hosts if not _is_known(host)]
    if silent:
        return warning(
            f"never gave a whole account: {listed(silent)}",
            "vmuster host show NAME says why; put it right, or vmuster host remove NAME",
        )
    return ok("every host has given a whole account")


def _witnesses(records: Records) -> Found:
    alone = [host.name for host in records.hosts if isinstance(host.profile, TlsProfile)]
    if alone:
        return warning(
            f"no witness looks from outside, so that no VM there is ever called missing:"
            f" {listed(alone)}",
            "reach them over ssh, where that matters: remove the host, and add it with --ssh",
        )
    return ok("a witness can look at every host")


def _versions(records: Records) -> Found:
    of_cluster: defaultdict[str, set[str]] = defaultdict(set)
    for host in records.hosts:
        if host.facts is not None:
            of_cluster[host.cluster].add(f"{host.facts.hypervisor} {host.facts.version}")
    mixed = [
        f"{name} ({', '.join(sorted(versions))})"
        for name, versions in sorted(of_cluster.items())
        if len(versions) > 1
    ]
    if mixed:
        return warning(
            f"hypervisors differ within a cluster: {listed(mixed)}",
            "bring its hosts to one version before VMs are moved between them",
        )
    return ok("hypervisors are of one version within each cluster")


def _disarmed(records: Records) -> Found:
    places: dict[str, Disarmed | None] = {"the fleet": records.fleet.disarmed}
    places |= {f"cluster {each.name}": each.disarmed for each in records.clusters}
    places |= {f"host {each.name}": each.disarmed for each in records.hosts}
    old = [
        f"{name} (by {said.by})"
        for name, said in places.items()
        if said is not None and records.now - said.at > _DISARMED_DAYS * DAY
    ]
    if old:
        return warning(
            f"disarmed for more than {_DISARMED_DAYS} days: {listed(old)}",
            "vmuster arm, with --cluster or --host as it was disarmed",
        )
    return ok("nothing was disarmed and forgotten")


def _observed(records: Records) -> Found:
    idle = [
        f"{host.name} ({records.ours[host.id]})"
        for host in records.hosts
        if host.mode is HostMode.OBSERVE and records.ours.get(host.id)
    ]
    if idle:
        return warning(
            f"VMs of ours on hosts that are only observed: {listed(idle)}",
            "vmuster host mode NAME manage, where they are to be kept as they were asked for",
        )
    return ok("no VM of ours is on a host that is only observed")


def _held(records: Records) -> Found:
    names = {host.id: host.name for host in records.hosts}
    old = [
        f"{names.get(plan.host, plan.host)} ({plan.why})"
        for plan in records.held
        if plan.state is HoldState.HELD and records.now - plan.held_at > _HELD_DAYS * DAY
    ]
    if old:
        return warning(
            f"plans that wait for a person for more than a day: {listed(old)}",
            "vmuster plan list, then approve or reject each",
        )
    return ok("no plan waits for long")


def _odd(records: Records) -> Found:
    odd = {word: mend for word, mend in _ODD.items() if records.standings.get(word)}
    if odd:
        counts = [f"{records.standings[word]} {word}" for word in odd]
        return warning(f"VMs that need a person: {listed(counts)}", "; ".join(odd.values()))
    return ok("no VM is a duplicate, a clone, an orphan or unproven")


def _is_known(host: Host) -> bool:
    return host.last_complete_at is not None


HOSTS: Final[tuple[Check[Records], ...]] = (
    Check("fleet", "quarantine", _quarantine),
    Check("fleet", "disarmed", _disarmed),
    Check("fleet", "held plans", _held),
    Check("hosts", "health", _health),
    Check("hosts", "trouble", _troubles),
    Check("hosts", "identity", _claims),
    Check("hosts", "accounts", _accounts),
    Check("hosts", "witness", _witnesses),
    Check("hosts", "versions", _versions),
    Check("hosts", "mode", _observed),
    Check("VMs", "standing", _odd),
)
"""What is looked at of hosts and VMs while a server runs, in this order."""
