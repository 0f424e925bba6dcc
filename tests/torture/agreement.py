"""Whether vmuster shows what there is: its answers beside what libvirt itself says."""

from typing import Any, Final
from uuid import UUID

import libvirt  # pyright: ignore[reportMissingTypeStubs]
import msgspec
from defusedxml.ElementTree import fromstring

from vmuster.demo.hosts import SessionHost
from vmuster.model.mark import NAMESPACE

_OFF: Final = frozenset({"stopped", "crashed"})
_PHASES: Final = {True: frozenset({"running"}), False: frozenset({"stopped", "failed"})}
_NOWHERE: Final = frozenset({"missing", "unclear"})


class There(msgspec.Struct, frozen=True, kw_only=True):
    """A VM as libvirt shows it. `marked`: it bears a mark made for this very VM."""

    runs: bool
    marked: bool


def what_is_there(hosts: dict[str, SessionHost]) -> dict[tuple[str, UUID], There]:
    """Every VM of every host, by host and uuid."""
    return {
        (name, UUID(bytes=domain.UUID())): There(
            runs=bool(domain.isActive()), marked=_bears_its_mark(domain)
        )
        for name, host in hosts.items()
        for domain in host.hand.listAllDomains()
    }


def _bears_its_mark(domain: libvirt.virDomain) -> bool:
    flag = libvirt.VIR_DOMAIN_AFFECT_LIVE if domain.isActive() else libvirt.VIR_DOMAIN_AFFECT_CONFIG
    try:
        mark = domain.metadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, NAMESPACE, flag)
    except libvirt.libvirtError:
        return False
    return fromstring(mark).get("vm") == domain.UUIDString()


def disagreements(
    there: dict[tuple[str, UUID], There], views: list[dict[str, Any]], own: set[UUID]
) -> list[str]:
    """In words, wherever `views` (the API's VMs) do not say what is `there`. `own`: our VMs."""
    shown = {(v["host"], UUID(v["uuid"])): v for v in views if v["standing"] is not None}
    recorded = {UUID(v["uuid"]): v for v in views if v["phase"] is not None}
    found = [
        *(f"{vm} is on {host}, and is not shown" for host, vm in there.keys() - shown.keys()),
        *(f"{vm} is shown on {host}, and is not there" for host, vm in shown.keys() - there.keys()),
    ]
    for (host, vm), truth in there.items():
        view = shown.get((host, vm))
        if view is not None:
            found.extend(_about(vm, truth, view, ours=vm in own))
    found.extend(_about_gone(vm, recorded.get(vm)) for vm in own - {vm for _, vm in there})
    return sorted(words for words in found if words)


def _about(vm: UUID, truth: There, view: dict[str, Any], *, ours: bool) -> list[str]:
    """What is not so about a VM that is there."""
    found: list[str] = []
    if (view["power"] == "running") is not truth.runs or (
        not truth.runs and view["power"] not in _OFF
    ):
        runs = "runs" if truth.runs else "does not run"
        found.append(f"{vm} on {view['host']} {runs}, and is shown {view['power']}")
    standing = view["standing"]
    if standing == "duplicate":
        found.append(f"{vm} on {view['host']} is shown as a duplicate")
    if ours and truth.marked:
        if standing != "owned":
            found.append(f"{vm} on {view['host']} is ours, and is shown {standing}: {view['why']}")
        elif view["phase"] not in _PHASES[truth.runs]:
            found.append(f"{vm} on {view['host']} is recorded {view['phase']}: {view['why']}")
    if not ours and standing in ("owned", "moved"):
        found.append(f"{vm} on {view['host']} is not ours, and is shown {standing}")
    return found


def _about_gone(vm: UUID, view: dict[str, Any] | None) -> str:
    """What is not so about a VM of ours that is nowhere."""
    if view is None:
        return f"{vm} is nowhere, and is not recorded any more"
    if view["finding"] not in _NOWHERE or not view["why"]:
        return f"{vm} is nowhere, and is shown {view['finding']}: {view['why']}"
    return ""
