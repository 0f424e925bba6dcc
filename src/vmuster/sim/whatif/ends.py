"""How two courses of a fleet's past end: the records that they leave otherwise."""

import msgspec

from vmuster.model.host import Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.states import DesiredState, VmPhase
from vmuster.model.vm import VmRecord
from vmuster.sim.whatif.rows import Rows


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What a record says in the end. `host_name`: the id where no host of it is known."""

    phase: VmPhase
    desired: DesiredState
    host: HostId | None
    host_name: str


class End(msgspec.Struct, frozen=True, kw_only=True):
    """One VM whose record ends otherwise. `was` and `now`: None where it has none."""

    vm: VmUuid
    name: str
    was: Record | None
    now: Record | None


def ends(was: Rows, now: Rows) -> tuple[End, ...]:
    """The records that differ, by name."""
    before, after = _records(was), _records(now)
    found = [
        End(vm=vm, name=row.name, was=_end(was, before.get(vm)), now=_end(now, after.get(vm)))
        for vm, row in (before | after).items()
    ]
    differ = (end for end in found if end.was != end.now)
    return tuple(sorted(differ, key=lambda end: (end.name, end.vm)))


def _records(rows: Rows) -> dict[VmUuid, VmRecord]:
    return {record.uuid: record for record in rows.every(VmRecord)}


def _end(rows: Rows, record: VmRecord | None) -> Record | None:
    if record is None:
        return None
    home = rows.row(Host, record.host) if record.host is not None else None
    return Record(
        phase=record.phase,
        desired=record.desired,
        host=record.host,
        host_name=home.name if home is not None else record.host or "",
    )
