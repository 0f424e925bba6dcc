"""The rows of a fleet in one course of its past: passes write them, and so do other hands."""

from collections.abc import Sequence

import msgspec

from vmuster.model.automation import HeldPlan, Spent
from vmuster.model.changes import Changes
from vmuster.model.host import Host
from vmuster.model.ids import ClusterName, HostId
from vmuster.model.operations import Operation
from vmuster.model.states import Standing
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import HostAsked, HostRows
from vmuster.reconcile.recorded import Recorded
from vmuster.sim.world.database import KeptStore
from vmuster.stores.kinds import key_of

Kept = VmRecord | Sighting | Operation | HeldPlan
"""What passes write of VMs and of a host's plans."""
Place = tuple[type[Kept], tuple[object, ...]]
"""Which row it is."""


class Beyond(msgspec.Struct, frozen=True, kw_only=True):
    """What a pass counted and no row here shows: orphans of hosts that have not reported yet, and
    acts of before the recording. Below 0 where a pass had read what was older."""

    orphans: int = 0
    spent: Spent = Spent()


class Rows(KeptStore):
    """Rows that can be put in their place. `beyond` is added to what is read for a pass; `written`:
    by a pass of which host each was written last, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.beyond = Beyond()
        self.written = dict[Place, tuple[HostId, float]]()

    def at(self, place: Place) -> Kept | None:
        """What stands there."""
        found = self._tables[place[0]].get(place[1])
        return found if isinstance(found, Kept) else None

    def put(self, row: msgspec.Struct) -> None:
        """Have `row` stand in its place, as it is."""
        self._tables[type(row)][key_of(row)] = row

    def drop(self, row: msgspec.Struct) -> None:
        """Have nothing stand in the place of `row`."""
        self._tables[type(row)].pop(key_of(row), None)

    def orphans(self, cluster: ClusterName) -> int:
        """How many ORPHAN sightings the cluster has, as `HostRows.orphans` counts them."""
        hosts = {host.id for host in self.every(Host) if host.cluster == cluster}
        return sum(
            seen.standing is Standing.ORPHAN and not seen.absent and seen.host in hosts
            for seen in self.every(Sighting)
        )

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        """As the port says; a pass writes its host too."""
        refused = await super().commit(changes)
        for each, why in zip(changes, refused, strict=True):
            rows = [write.after or write.before for write in each.writes]
            hosts = [row for row in rows if isinstance(row, Host)]
            if not why and hosts:
                by = hosts[0].id, hosts[0].last_report_at or 0.0
                kept = [row for row in rows if isinstance(row, Kept)]
                self.written |= {place_of(row): by for row in kept}
        return refused

    async def load_hosts(
        self, asked: Sequence[HostAsked], since: float
    ) -> Sequence[HostRows | None]:
        """As the port says, with what is `beyond`."""
        loaded = await super().load_hosts(asked, since)
        return [None if rows is None else self._with_beyond(rows) for rows in loaded]

    def _with_beyond(self, rows: HostRows) -> HostRows:
        orphans = max(0, rows.orphans + self.beyond.orphans)
        spent = joined(rows.spent, self.beyond.spent)
        return msgspec.structs.replace(rows, orphans=orphans, spent=spent)


def joined(one: Spent, other: Spent, sign: int = 1) -> Spent:
    """`one` and `other` together; with `sign` -1, without each other."""
    counted = {
        name: getattr(one, name) + sign * getattr(other, name) for name in Spent.__struct_fields__
    }
    return Spent(**counted)


def changed(before: msgspec.Struct, after: msgspec.Struct) -> dict[str, object]:
    """What is otherwise in `after`; that it was written, its version, is nothing."""
    return {
        name: getattr(after, name)
        for name in after.__struct_fields__
        if name != "version" and getattr(before, name) != getattr(after, name)
    }


def place_of(row: Kept) -> Place:
    """Which row it is."""
    return type(row), key_of(row)


def rows_read(rows: HostRows) -> dict[Place, Kept]:
    """What is read for a pass."""
    found = (*rows.records, *rows.named, *rows.here, *rows.elsewhere, *rows.operations)
    return _placed(found, rows.hold)


def rows_recorded(recorded: Recorded) -> dict[Place, Kept]:
    """What a pass had read, as it was recorded."""
    elsewhere = (seen for each in recorded.elsewhere.values() for seen in each)
    found = (
        *recorded.records.values(),
        *recorded.named.values(),
        *recorded.numbered.values(),
        *recorded.here.values(),
        *elsewhere,
        *recorded.operations.values(),
    )
    return _placed(found, recorded.hold)


def _placed(found: tuple[Kept, ...], hold: HeldPlan | None) -> dict[Place, Kept]:
    return {place_of(row): row for row in (*found, *([hold] if hold is not None else []))}
