"""What a pass over a host reads, and a conversation with it, out of rows that are all at hand."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

from vmuster.model.automation import HeldPlan, Spent
from vmuster.model.commands import OutboxCommand, StartVm, StopVm
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.names import number_in
from vmuster.model.operations import Operation
from vmuster.model.rows import row_place
from vmuster.model.states import Standing
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import SPENT_SECONDS_MAX, HostAsked, HostRows, Row
from vmuster.stores.kinds import plain


class Tables(Protocol):
    """The rows of each kind, by their key in plain form."""

    def __call__(self, kind: type[Row], /) -> Mapping[tuple[object, ...], Row]: ...


def load_host(tables: Tables, asked: HostAsked, since: float) -> HostRows | None:
    """What the port's `load_hosts` gives for one host."""
    fleet = tables(Fleet).get(())
    host = tables(Host).get((asked.host,))
    if fleet is None or host is None:
        return None
    vms, whole = frozenset(asked.vms), asked.whole
    seen = in_order(tables(Sighting).values(), lambda row: row.host == host.id)
    here = [row for row in seen if whole or row.uuid in vms]
    named = vms.union(row.uuid for row in here)
    records = in_order(
        tables(VmRecord).values(), lambda row: row.uuid in named or (whole and row.host == host.id)
    )
    recorded = {row.uuid for row in tables(VmRecord).values()}
    bears = {name for vm, name in asked.names.items() if vm not in recorded}
    numbers = {number_in(name) for name in bears} - {""}
    known = vms.union(row.uuid for row in records if row.host == host.id)
    neighbours = {row.id for row in tables(Host).values() if row.cluster == host.cluster}
    return HostRows(
        fleet=fleet,
        cluster=tables(Cluster)[(host.cluster,)],
        host=host,
        records=tuple(records),
        here=tuple(here),
        elsewhere=tuple(
            in_order(
                tables(Sighting).values(), lambda row: row.host != host.id and row.uuid in known
            )
        ),
        named=tuple(
            in_order(
                tables(VmRecord).values(),
                lambda row: row.live and (row.name in bears or number_in(row.name) in numbers),
            )
        ),
        operations=tuple(
            in_order(
                tables(Operation).values(),
                lambda row: row.open and (row.vm in known or (whole and row.host == host.id)),
            )
        ),
        orphans=sum(
            row.standing is Standing.ORPHAN and not row.absent and row.host in neighbours
            for row in tables(Sighting).values()
        ),
        spent=_spent(tables(OutboxCommand).values(), host.id, neighbours, since),
        hold=tables(HeldPlan).get((host.id,)),
    )


def orders_for(tables: Tables, host: HostId) -> list[OutboxCommand]:
    """What the port's `unanswered` gives."""
    rows = tables(OutboxCommand).values()
    return in_order(rows, lambda row: row.host == host and row.answered_at is None)


def known_on(tables: Tables, host: HostId) -> list[VmUuid]:
    """What the port's `known_on` gives."""
    here = {row.uuid: row for row in tables(Sighting).values() if row.host == host}
    home = {row.uuid for row in tables(VmRecord).values() if row.live and row.host == host}
    gone = {row.uuid for row in here.values() if row.absent and row.absence_confirmed}
    return sorted(home.union(here) - gone)


def in_order(rows: Iterable[Row], wanted: Callable[[Row], bool]) -> list[Row]:
    """Those of `rows` that are wanted, in the order of their kind."""
    return sorted((row for row in rows if wanted(row)), key=lambda row: plain(row_place(row)))


def _spent(
    commands: Iterable[OutboxCommand], host: HostId, neighbours: Collection[HostId], since: float
) -> Spent:
    until = since + SPENT_SECONDS_MAX
    acts = [c for c in commands if c.command.automatic and since <= c.created_at <= until]
    stops = [row.host for row in acts if isinstance(row.command, StopVm)]
    starts = [row.host for row in acts if isinstance(row.command, StartVm)]
    return Spent(
        host_stops=stops.count(host),
        host_starts=starts.count(host),
        cluster_stops=sum(each in neighbours for each in stops),
        cluster_starts=sum(each in neighbours for each in starts),
        fleet_stops=len(stops),
        fleet_starts=len(starts),
    )
