"""VMs as lines of a list: their places, and which of them fit a question."""

from collections.abc import Iterable, Iterator, Mapping

from vmuster.model.host import Host
from vmuster.model.ids import HostId
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Place, VmQuery, VmRow
from vmuster.stores.kinds import is_text, plain

TextPlace = tuple[str, str, str]
"""A place as databases compare it; a host of "" where there is none."""


def vm_row(query: VmQuery, sighting: Sighting | None, record: VmRecord | None) -> VmRow | None:
    """The line of a sighting, of a record, or of both; None where what gives it its place is not
    there."""
    first = record if query.of_records or sighting is None else sighting
    if first is None:
        return None
    return VmRow(place=(first.name, first.uuid, first.host), sighting=sighting, record=record)


def text_place(place: Place) -> TextPlace:
    """`place` as text, to compare. Raises `ValueError` where no database could hold it."""
    name, uuid, host = place
    if not (is_text(name) and is_text(host)):
        raise ValueError("a place among VMs is a name, a uuid and a host, all of them text")
    return (name, plain(uuid), host or "")


def lines(
    query: VmQuery,
    sightings: Iterable[Sighting],
    records: Iterable[VmRecord],
    hosts: Mapping[HostId, Host],
) -> list[VmRow]:
    """Every line that fits `query`, by place: what the port's `vms` says, over values."""
    live = {record.uuid: record for record in records if record.live}
    shown = [sighting for sighting in sightings if not sighting.absent]
    found = [
        vm_row(query, seen, live.get(seen.uuid))
        for seen in shown
        if _seen_fits(query, seen, live.get(seen.uuid), hosts[seen.host])
    ]
    if query.standing is None:
        found += [
            vm_row(query, None, record)
            for record in unseen(shown, live.values())
            if _record_fits(query, record)
        ]
    return sorted(filter(None, found), key=lambda row: text_place(row.place))


def unseen(shown: Iterable[Sighting], live: Iterable[VmRecord]) -> Iterator[VmRecord]:
    """The live records whose own host does not show them."""
    places = {(sighting.host, sighting.uuid) for sighting in shown}
    return (record for record in live if (record.host, record.uuid) not in places)


def _seen_fits(query: VmQuery, seen: Sighting, record: VmRecord | None, host: Host) -> bool:
    names = (seen.name, "" if record is None else record.name)
    at_home = record is not None and record.host == seen.host
    desired, phase = (
        (record.desired, record.phase) if record is not None and at_home else (None, None)
    )
    return (query.name == "" or query.name in names) and _all_fit(
        (query.uuid, seen.uuid),
        (query.host, seen.host),
        (query.cluster, host.cluster),
        (query.standing, seen.standing),
        (query.power, seen.power),
        (query.desired, desired),
        (query.phase, phase),
    )


def _record_fits(query: VmQuery, record: VmRecord) -> bool:
    return _all_fit(
        (query.uuid, record.uuid),
        (query.host, record.host),
        (query.cluster, record.cluster),
        (query.name or None, record.name),
        (query.power, record.power),
        (query.desired, record.desired),
        (query.phase, record.phase),
    )


def _all_fit(*pairs: tuple[object, object]) -> bool:
    """Whether each second value is the first, where something is asked for."""
    return all(asked is None or asked == there for asked, there in pairs)
