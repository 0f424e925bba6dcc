"""May this report be believed at all? Ordered rules; the first that fits refuses (L7, T02)."""

from collections.abc import Callable
from typing import Final

from vmuster.model.host import Host
from vmuster.model.report import HostReport

_RULES: Final[tuple[tuple[Callable[[Host, HostReport, int], bool], str], ...]] = (
    (
        lambda host, report, _: report.host != host.id,
        "the report speaks of another host; a host may speak only about itself",
    ),
    (
        lambda host, report, _: report.epoch < host.epoch,
        "stale: the report belongs to an earlier connection",
    ),
    (
        lambda host, report, _: report.epoch > host.epoch,
        "the report claims an epoch that was never issued",
    ),
    (
        lambda host, report, _: report.sequence <= host.sequence,
        "stale: a report as new as this one was applied already",
    ),
    (
        lambda _, report, __: len({vm.uuid for vm in report.vms}) < len(report.vms),
        "the report names a uuid twice",
    ),
    (
        lambda _, report, intake: report.asked_after > intake,
        "the report speaks of a number that was never told to anybody",
    ),
)


def refusal(host: Host, report: HostReport, intake: int) -> str:
    """Why `report`, taken in as number `intake`, is not admitted, in words; empty where it is."""
    return next((why for refuses, why in _RULES if refuses(host, report, intake)), "")
