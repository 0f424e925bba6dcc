"""Why nothing automatic is done somewhere, in words, each with the command that ends it."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from vmuster.cli.printing.moments import at, span

Fields = Mapping[str, Any]


class Reason(msgspec.Struct, frozen=True):
    """One reason. `scope`: `fleet`, `cluster` or `host`; `name`: of the cluster or host."""

    scope: str
    name: str
    said: str


def reasons(status: Fields) -> Iterator[Reason]:
    """Every reason in the fleet whose state is `status`, the widest first."""
    quarantine: Fields | None = status["quarantine"]
    if quarantine is not None:
        said = f"QUARANTINE since {at(quarantine['since'])}: the database is older than its hosts"
        yield Reason("fleet", "", f"{said}; see 'vmuster quarantine show'")
    if status["disarmed"]:
        yield Reason("fleet", "", _disarmed("the fleet", "vmuster arm", status["disarmed"]))
    for cluster in status["clusters"]:
        yield from _of_cluster(cluster)
    for name, disarmed in status["disarmed_hosts"].items():
        said = _disarmed(f"host {name}", f"vmuster arm --host {name}", disarmed)
        yield Reason("host", name, said)


def reasons_at(status: Fields, *, host: str, cluster: str) -> list[str]:
    """Those that hold on one host of a cluster, in words; also that it is not up."""
    here = {("fleet", ""), ("cluster", cluster), ("host", host)}
    said = [reason.said for reason in reasons(status) if (reason.scope, reason.name) in here]
    for troubled in status["troubled"]:
        if troubled["name"] == host and troubled["health"] != "up":
            why = f" ({troubled['trouble']})" if troubled["trouble"] else ""
            said.append(f"host {host} is {troubled['health']}{why}; it ends once it is well")
    return said


def _of_cluster(cluster: Fields) -> Iterator[Reason]:
    name = cluster["name"]
    if cluster["disarmed"]:
        ends = f"vmuster arm --cluster {name}"
        yield Reason("cluster", name, _disarmed(f"cluster {name}", ends, cluster["disarmed"]))
    if cluster["dark"] and cluster["hosts"]:
        yield Reason("cluster", name, f"cluster {name}: {cluster['dark']}")
    if cluster["quiet_seconds"] > 0 and cluster["hosts"]:
        left = span(cluster["quiet_seconds"])
        quiet = f"cluster {name}: quiet time after the server's start, {left} left"
        yield Reason("cluster", name, quiet)


def _disarmed(where: str, ends: str, disarmed: Fields) -> str:
    why = f": {disarmed['why']}" if disarmed["why"] else ""
    return f"{where} was disarmed by {disarmed['by']}, {at(disarmed['at'])}{why}; '{ends}' ends it"
