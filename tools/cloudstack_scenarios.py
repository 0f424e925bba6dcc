"""Recorded runs of CloudStack 4.0.2's synchronisation, translated into lines of `vmuster replay`.

`MAPPING` is the translation in words; `lines` is the translation. What a scenario does not say
(which mark a VM bears, which uuid it has) is chosen in the original's favour: a VM that bears a
record's full name *is* that record's VM and has a good mark.
"""

import json
import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final, cast
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec

SCENARIOS: Final = Path(__file__).parents[1] / "tests" / "data" / "cloudstack-4.0.2-sync.jsonl"

MAPPING: Final[tuple[tuple[str, str], ...]] = (
    ("VM row, by its id", "a record whose uuid is made from that id"),
    ("reported name that is a row's full name", "that row's uuid, and the mark `ours`"),
    (
        "any other reported name, whatever number it holds",
        "a uuid of its own, and the mark `none`: another VM",
    ),
    ("row marked removed", "a tombstone (`removed`)"),
    (
        "VM type User, DomainRouter, ConsoleProxy, SecondaryStorageVm",
        "kind `user`, `router`, `console_proxy`, `secondary_storage`",
    ),
    ("row state Running, Starting, Migrating", "desired `running`, the phase of that name"),
    ("row state Stopped, Stopping", "desired `stopped`, the phase of that name"),
    ("row state Error", "desired `stopped`, phase `failed`"),
    ("row state Destroyed, Expunging", "desired `absent`, phase `deleting`"),
    ("reported Running, Stopping (it still runs)", "power `running`"),
    ("reported Stopped, Unknown", "power `stopped`, `unknown`"),
    ("reported Error (its storage monitor ended it)", "power `crashed`"),
    ("`host_id` of a row", "`host`; null stays null"),
    ("`fullSync`, `fullHostSync`, `connect`", "complete reports"),
    ("`deltaSync`, `clusterAnswer`, `deltaHostSync`, `ping`", "partial reports"),
    (
        "one report of a whole pool",
        "one report per host, by guid; complete ones for every host of the cluster called for",
    ),
    ("entry of a pool's report whose host no one knows", "left out: who reports must be enrolled"),
    (
        "work items, HA switches, what a host answers",
        "left out: vmuster has nothing like them here",
    ),
)

_PHASES: Final = {
    "Running": ("running", "running"),
    "Starting": ("running", "starting"),
    "Migrating": ("running", "migrating"),
    "Stopped": ("stopped", "stopped"),
    "Stopping": ("stopped", "stopping"),
    "Error": ("stopped", "failed"),
    "Destroyed": ("absent", "deleting"),
    "Expunging": ("absent", "deleting"),
}
_POWERS: Final = {
    "Running": "running",
    "Stopping": "running",
    "Stopped": "stopped",
    "Unknown": "unknown",
    "Error": "crashed",
}
_KINDS: Final = {
    "User": "user",
    "DomainRouter": "router",
    "ConsoleProxy": "console_proxy",
    "SecondaryStorageVm": "secondary_storage",
}
_COMPLETE: Final = frozenset({"fullSync", "fullHostSync", "connect"})
_POOL_WIDE: Final = frozenset({"fullSync", "deltaSync", "clusterAnswer"})
_NUMBER: Final = re.compile(r"^(?:i-\d+|[rvsl])-(\d+)-")


class Setting(StrEnum):
    """The policies under which every scenario is run."""

    DEFAULT = "default"
    LEAVE = "manage, leave"
    BY_MARK = "manage, stop-by-mark"
    BY_NAME = "manage, stop-by-name"


POLICIES: Final[dict[Setting, dict[str, str]]] = {
    Setting.DEFAULT: {},
    Setting.LEAVE: {"mode": "manage", "unknown_vms": "leave"},
    Setting.BY_MARK: {"mode": "manage", "unknown_vms": "stop-by-mark"},
    Setting.BY_NAME: {"mode": "manage", "unknown_vms": "stop-by-name"},
}


class HostRow(msgspec.Struct, frozen=True):
    host: int
    guid: str
    cluster: int


class VmRow(msgspec.Struct, frozen=True):
    vm: int
    type: str
    instance_name: str
    state: str
    host_id: int | None
    removed: bool


class Entry(msgspec.Struct, frozen=True):
    name: str
    host_guid: str | None
    state: str


class Outcome(msgspec.Struct, frozen=True):
    """What the original did: each effect as it was recorded."""

    effects: tuple[dict[str, object], ...]
    exception: str | None

    @property
    def stopped(self) -> frozenset[str]:
        """The names to which a StopCommand was sent, whatever became of it."""
        sent = msgspec.convert([e for e in self.effects if "cmds" in e], list[Sent])
        return frozenset(c.name for s in sent for c in s.cmds if c.cmd == "StopCommand" and c.name)


class StopSent(msgspec.Struct, frozen=True):
    cmd: str
    name: str | None = msgspec.field(name="vmName", default=None)


class Sent(msgspec.Struct, frozen=True):
    cmds: tuple[StopSent, ...]


class Scenario(msgspec.Struct, frozen=True):
    scenario: str
    call: list[str]
    setup: tuple[dict[str, object], ...]
    report: tuple[Entry, ...]
    original: Outcome
    with_name_guard: Outcome | None

    @property
    def hosts(self) -> list[HostRow]:
        return msgspec.convert([row for row in self.setup if "host" in row], list[HostRow])

    @property
    def vms(self) -> list[VmRow]:
        return msgspec.convert([row for row in self.setup if "vm" in row], list[VmRow])

    @property
    def complete(self) -> bool:
        """Whether the call was made for a whole picture, and not for what changed."""
        return self.call[0] in _COMPLETE


def read_scenarios(path: Path = SCENARIOS) -> list[Scenario]:
    """The recorded scenarios, in their order."""
    decoder = msgspec.json.Decoder(Scenario)
    return [decoder.decode(line) for line in path.read_bytes().splitlines()]


def number_in(name: str) -> int | None:
    """The number that the original read out of a name and took for the VM's identity."""
    found = _NUMBER.match(name)
    return int(found[1]) if found else None


def lines(scenario: Scenario, setting: Setting, repeat: int) -> Iterator[dict[str, object]]:
    """The scenario as replay input: a line for each reporting host, each of them the last once."""
    reports = _reports(scenario)
    for turn in range(len(reports)):
        yield {
            "case": f"{scenario.scenario} ({setting}, x{repeat}, {reports[turn]['host']})",
            "policy": POLICIES[setting],
            "records": [_record(row) for row in scenario.vms],
            "reports": [*reports[turn + 1 :], *reports[: turn + 1]],
            "repeat": repeat,
        }


def _record(row: VmRow) -> dict[str, object]:
    desired, phase = _PHASES[row.state]
    return {
        "uuid": str(UUID(int=row.vm)),
        "name": row.instance_name,
        "kind": _KINDS[row.type],
        "host": None if row.host_id is None else f"host-{row.host_id}",
        "desired": desired,
        "phase": phase,
        "removed": row.removed,
    }


def _reports(scenario: Scenario) -> list[dict[str, object]]:
    """One report per host, at least one."""
    by_guid = {host.guid: host for host in scenario.hosts}
    entries: dict[int, list[Entry]] = {}
    called = int(scenario.call[1]) if len(scenario.call) > 1 else 1
    if scenario.call[0] not in _POOL_WIDE:
        entries[called] = list(scenario.report)
        return [_report(scenario, called, entries[called], complete=scenario.complete)]
    of_cluster = {h.host for h in scenario.hosts if h.cluster == called and scenario.complete}
    for host in sorted(of_cluster):
        entries[host] = []
    for entry in scenario.report:
        if entry.host_guid in by_guid:
            entries.setdefault(by_guid[entry.host_guid].host, []).append(entry)
    return [
        _report(scenario, host, shown, complete=host in of_cluster)
        for host, shown in (entries or {1: cast("list[Entry]", [])}).items()
    ]


def _report(
    scenario: Scenario, host: int, entries: list[Entry], *, complete: bool
) -> dict[str, object]:
    known = {row.instance_name: row for row in scenario.vms}
    return {
        "host": f"host-{host}",
        "complete": complete,
        "vms": [
            {
                "uuid": str(
                    UUID(int=known[entry.name].vm)
                    if entry.name in known
                    else uuid5(NAMESPACE_OID, entry.name)
                ),
                "name": entry.name,
                "power": _POWERS[entry.state],
                "mark": "ours" if entry.name in known else "none",
            }
            for entry in entries
        ],
    }


def main() -> None:
    """Write every scenario as lines of replay input, under the policy named on the command line."""
    setting = Setting(sys.argv[1]) if len(sys.argv) > 1 else Setting.DEFAULT
    for scenario in read_scenarios():
        for line in lines(scenario, setting, repeat=1):
            print(json.dumps(line))


if __name__ == "__main__":
    main()
