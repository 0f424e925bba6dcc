"""Everything that passes over hosts need, read on one connection within one transaction.

Each question is asked once for all hosts, so that how many statements there are does not follow how
many hosts are asked for.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection

from vmuster.model.host import Fleet, Host
from vmuster.model.names import number_in
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import HostAsked, HostRows
from vmuster.stores.kinds import is_text
from vmuster.stores.sql import questions as of
from vmuster.stores.sql.questions import Found, Reader, in_order, picked_out
from vmuster.stores.sql.rows import from_row, rows_of
from vmuster.stores.sql.spending import Acts, count_orphans

_FLEET: Final = rows_of(Fleet)


class _Wanted(msgspec.Struct, frozen=True):
    """What is asked for about one host, as the database says it. `uuids`: of the VMs that matter:
    those asked for and, where the host is asked for as a whole, those recorded on it."""

    host: Host
    whole: bool
    asked: frozenset[str]
    uuids: frozenset[str]
    names: Mapping[str, str]


class _Pointers(msgspec.Struct, frozen=True):
    """By what records are found that a VM without one resembles. Who bears a name with a number is
    among those whose name points to it, so names are `bare` that have none."""

    bare: frozenset[str]
    numbers: frozenset[str]


def load_hosts(
    connection: Connection, asked: Sequence[HostAsked], since: float
) -> Sequence[HostRows | None]:
    """As the port says; `connection` is within a transaction that sees one moment."""
    reader = Reader(connection)
    hosts = reader.ask(of.HOSTS, [each.host for each in asked if is_text(each.host)])
    fleet = connection.execute(_FLEET).first()
    if not hosts or fleet is None:
        return [None] * len(asked)
    there = [each for each in asked if each.host in hosts]
    whole = [each.host for each in there if each.whole]
    at_home = reader.ask(of.RECORDS_AT_HOME, whole)
    wanted = [_wanted(each, hosts, at_home) for each in there]
    here = reader.ask(of.SIGHTINGS_HERE, whole)
    found = _Loading(reader, from_row(Fleet, fleet), wanted, at_home, here, since)
    rows = iter(found.rows())
    return [next(rows) if each.host in hosts else None for each in asked]


def _wanted(asked: HostAsked, hosts: Found[Host], at_home: Found[VmRecord]) -> _Wanted:
    uuids = frozenset(map(str, asked.vms))
    home = picked_out(at_home, [asked.host] if asked.whole else [])
    return _Wanted(
        host=hosts[asked.host][0][1],
        whole=asked.whole,
        asked=uuids,
        uuids=uuids.union(place[0] for place, _ in home),
        names={str(vm): name for vm, name in asked.names.items() if is_text(name)},
    )


def _pointers(names: Mapping[str, str], records: Collection[str]) -> _Pointers:
    """Where to look for what is called by `names`, as far as it is not among `records`."""
    number_of = {name: number_in(name) for vm, name in names.items() if vm not in records}
    return _Pointers(
        bare=frozenset(name for name, number in number_of.items() if not number),
        numbers=frozenset(number_of.values()) - {""},
    )


class _Loading:
    """What was found for all that is `wanted`, and of it the rows of each."""

    def __init__(
        self,
        reader: Reader,
        fleet: Fleet,
        wanted: Sequence[_Wanted],
        at_home: Found[VmRecord],
        here: Found[Sighting],
        since: float,
    ) -> None:
        uuids = _all(each.uuids for each in wanted)
        homely = {
            place[0]: [(place, record)] for placed in at_home.values() for place, record in placed
        }
        seen = frozenset(place[1] for placed in here.values() for place, _ in placed)
        asked = _all(each.asked.union(each.names) for each in wanted)
        hosts = [each.host.id for each in wanted]
        clusters = frozenset(each.host.cluster for each in wanted)
        self._fleet = fleet
        self._wanted = wanted
        self._at_home = at_home
        self._here = here
        self._records = {**reader.ask(of.RECORDS, (asked | seen) - homely.keys()), **homely}
        self._pointers = [_pointers(each.names, self._records) for each in wanted]
        self._sightings = reader.ask(of.SIGHTINGS, uuids)
        self._named = reader.ask(of.NAMED, _all(each.bare for each in self._pointers))
        self._numbered = reader.ask(of.NUMBERED, _all(each.numbers for each in self._pointers))
        self._operations = reader.ask(of.OPERATIONS, uuids)
        self._of_hosts = reader.ask(
            of.OPERATIONS_OF_HOST, [each.host.id for each in wanted if each.whole]
        )
        self._clusters = reader.ask(of.CLUSTERS, clusters)
        self._holds = reader.ask(of.HOLDS, hosts)
        self._orphans = count_orphans(reader.connection, clusters)
        self._acts = Acts(reader.connection, since)

    def rows(self) -> list[HostRows]:
        """What was found, for each host in turn."""
        return list(map(self._rows, self._wanted, self._pointers))

    def _rows(self, each: _Wanted, pointers: _Pointers) -> HostRows:
        host = each.host
        only = [host.id] if each.whole else []
        here = list(picked_out(self._here, only))
        known = list(picked_out(self._sightings, each.uuids))
        uuids = each.asked.union(place[1] for place, _ in here)
        return HostRows(
            fleet=self._fleet,
            cluster=self._clusters[host.cluster][0][1],
            host=host,
            records=in_order(picked_out(self._records, uuids), picked_out(self._at_home, only)),
            here=in_order((placed for placed in known if placed[0][0] == host.id), here),
            elsewhere=in_order(placed for placed in known if placed[0][0] != host.id),
            named=in_order(
                picked_out(self._named, pointers.bare),
                picked_out(self._numbered, pointers.numbers),
            ),
            operations=in_order(
                picked_out(self._operations, each.uuids), picked_out(self._of_hosts, only)
            ),
            orphans=self._orphans.get(host.cluster, 0),
            spent=self._acts.spent(host),
            hold=next((hold for _, hold in picked_out(self._holds, [host.id])), None),
        )


def _all(parts: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*parts)
