"""Ids without chance: the same whenever the same is decided again, and else new."""

from uuid import NAMESPACE_OID, UUID, uuid5

from vmuster.model.report import HostReport


def derived(report: HostReport, what: str, *parts: object) -> UUID:
    """The id of `what` (`parts` say which one of them), as it follows from `report`."""
    return named(what, report.host, report.epoch, report.sequence, *parts)


def named(what: str, *parts: object) -> UUID:
    """The id of the `what` that consists of `parts`."""
    return uuid5(NAMESPACE_OID, "/".join(str(part) for part in (what, *parts)))
