"""Bugs of order: which of two accounts, connections or databases is the newer one."""

from typing import Any, Final

import msgspec

from vmuster.model.changes import Write
from vmuster.model.host import Host
from vmuster.model.messages import Hello
from vmuster.reconcile.recorded import Recorded
from vmuster.sim.planted.bug import Planted
from vmuster.sim.planted.patch import Patch, instead, patch, says, without_rows
from vmuster.stores.kinds import key_of

_EPOCH: Final = "vmuster.server.talks.greeting:_epoch"


def _without_rule(words: str) -> Patch:
    """The rules by which a report is refused, without one."""
    return without_rows("vmuster.reconcile.freshness:_RULES", words, lambda row: row[1], count=1)


def _uncompared(before: Any) -> Any:
    """A row is written over whatever was written since it was read."""

    def write(self: Any, write: Write, undo: Any) -> None:
        old, new = write.before, write.after
        there = None if old is None else self._tables[type(old)].get(key_of(old))
        if there is not None and old is not None and new is not None:
            now = msgspec.structs.replace(old, version=there.version)
            after = msgspec.structs.replace(new, version=there.version + 1)
            write = Write(before=now, after=after)
        before(self, write, undo)

    return write


def _out_of_quarantine(before: Any) -> Any:
    async def fleet_now(store: Any) -> Any:
        return msgspec.structs.replace(await before(store), quarantine=None)

    return fleet_now


def _from_the_record_alone(before: Any) -> Any:
    """A mark's number is one above the record's, and 1 where there is none."""

    def adopted_record(seen: Any, record: Any, home: Any, **more: Any) -> Any:
        number = record.mark_generation + 1 if record is not None else 1
        adopted = before(seen, record, home, **more)
        return msgspec.structs.replace(adopted, mark_generation=number)

    return adopted_record


def _the_same(host: Host, hello: Hello) -> int:
    return max(host.epoch, hello.epoch, 1)


def _by_the_database(host: Host, _hello: Hello) -> int:
    return host.epoch + 1


def _undoubted(recorded: Recorded, _evidence: Any) -> Recorded:
    return recorded


ORDERING: Final = (
    Planted(
        name="a-write-is-not-compared",
        what="A row is written over what somebody else wrote since it was read.",
        laws=("L3", "L7"),
        patches=(patch("vmuster.stores.memory:MemoryStore._write", _uncompared),),
    ),
    Planted(
        name="an-older-report-is-believed",
        what="A report is taken in after a newer one of the same connection.",
        laws=("L6", "L7"),
        patches=(_without_rule("a report as new as this one was applied already"),),
    ),
    Planted(
        name="an-earlier-connection-is-believed",
        what="A report of an earlier connection is taken in after those of a later one.",
        laws=("L6", "L7"),
        patches=(_without_rule("the report belongs to an earlier connection"),),
    ),
    Planted(
        name="an-epoch-is-given-twice",
        what="A new connection goes on with the epoch of the one before.",
        laws=("L7",),
        patches=(instead(_EPOCH, _the_same),),
    ),
    Planted(
        name="an-epoch-is-what-the-database-says",
        what="What an agent was told before an older database was restored is not asked.",
        laws=("L5",),
        patches=(
            instead(_EPOCH, _by_the_database),
            says("vmuster.server.talks.greeting:newer_than_ours", ()),
            says("vmuster.reconcile.too_new:evidence", ()),
        ),
        off=("the agent's memory of epochs",),
        shape="an older database",
    ),
    Planted(
        name="the-quarantine-is-not-entered",
        what="Nobody notices that the database is older than its hosts.",
        laws=("L9",),
        patches=(
            says("vmuster.reconcile.too_new:evidence", ()),
            says("vmuster.server.talks.greeting:newer_than_ours", ()),
        ),
        shape="an older database",
    ),
    Planted(
        name="the-quarantine-is-not-obeyed",
        what="Commands are sent though the fleet is in quarantine.",
        laws=("L9",),
        patches=(
            says("vmuster.server.passes.gather:why_quarantined", ""),
            says("vmuster.reconcile.idle:why_quarantined", ""),
            instead("vmuster.reconcile.engine:_in_doubt", _undoubted),
            says("vmuster.server.requests.operations:check_open", None),
            patch("vmuster.server.talks.dispatch:fleet_now", _out_of_quarantine),
        ),
        off=("the second opinion", "the guard's look at the quarantine"),
        shape="an older database",
    ),
    Planted(
        name="the-old-outbox-is-sent",
        what="What was not answered when the database was backed up is sent in quarantine.",
        laws=("L9",),
        patches=(patch("vmuster.server.talks.dispatch:fleet_now", _out_of_quarantine),),
        off=("the guard's look at the quarantine", "the guard's look at the epoch"),
        shape="an older outbox",
    ),
    Planted(
        name="a-mark-is-numbered-by-its-record-alone",
        what="The number of a new mark may be one that an earlier mark of the VM had, or less.",
        laws=("L5",),
        patches=(
            patch("vmuster.server.requests.operations:adopted_record", _from_the_record_alone),
        ),
        shape="marks renewed",
    ),
    Planted(
        name="another-host-is-welcome",
        what="A host that calls itself by another uuid is taken for the one that it was.",
        laws=("L6",),
        patches=(says("vmuster.reconcile.identity:refused", ""),),
        shape="hosts installed anew",
    ),
)
