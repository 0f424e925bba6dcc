"""Bugs of who decides: what people said is lost, or automation speaks in their name."""

from typing import Any, Final

import msgspec

from vmuster.model.changes import Changes, Write
from vmuster.model.host import Host
from vmuster.model.states import HostMode
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.patch import instead, patch


def _freed(write: Write) -> Write:
    """A host's row as if nobody had ever kept anything back there."""
    row = write.after
    if not isinstance(row, Host):
        return write
    row = msgspec.structs.replace(row, mode=HostMode.MANAGE, disarmed=None)
    return Write(before=write.before, after=row)


def _losing(before: Any) -> Any:
    def changes_of(*args: Any) -> Changes:
        changes: Changes = before(*args)
        writes = tuple(_freed(write) for write in changes.writes)
        return msgspec.structs.replace(changes, writes=writes)

    return changes_of


DECIDING: Final = (
    Planted(
        name="what-people-decided-is-lost",
        what="A pass puts its host into MANAGE and arms it, whatever people have said of it.",
        laws=("L3", "L1", "L8"),
        patches=(patch("vmuster.server.passes.intake:changes_of", _losing),),
    ),
    Planted(
        name="automation-signs-as-a-person",
        what="What nobody asked for is done in the name of somebody, and so is bound by nothing.",
        laws=("L8", "L1"),
        patches=(instead("vmuster.reconcile.remedy:AUTOMATIC", "anna"),),
    ),
)
