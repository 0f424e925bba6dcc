"""May this report be believed at all? Ordered rules; the first that fits refuses (L7, T02)."""

from collections.abc import Callable
from typing import Final

from vmuster.model.host import Host
from vmuster.model.report import HostReport

_RULES: Final[tuple[tuple[Callable[[Host, HostReport], bool], str], ...]] = (
    (
        lambda host, report: report.host != host.id,
        "the report speaks of another host; a host may speak only about itself",
    ),
    (
        lambda host, report: report.epoch < host.epoch,
        "stale: the report belongs to an earlier connection",
    ),
    (
        lambda host, report: report.epoch > host.epoch,
        "the report claims an epoch that was never issued",
    ),
    (
        lambda host, report: report.sequence <= host.sequence,
        "stale: a report as new as this one was applied already",
    ),
    (
        lambda _, report: len({vm.uuid for vm in report.vms}) < len(report.vms),
        "the report names a uuid twice",
    ),
)


def refusal(host: Host, report: HostReport) -> str:
    """Why `report` is not admitted, in words; empty where it is."""
    return next((why for refuses, why in _RULES if refuses(host, report)), "")
