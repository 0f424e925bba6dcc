"""Intake numbers, reduced to the order that rules go by: else no two states would be the same.

An *event* got a number: a sighting was taken in, a run of active sightings began, a request was
made. A *look* began after a number. Rules only ask whether a look began after an event, of the
same VM on the other host or of a request; so a look's number is lowered to the latest such event,
and events that no look tells apart become one. What is to come is later than all of it.
"""

from typing import Final

import msgspec

from vmuster.model.operations import Operation
from vmuster.model.vm import Sighting
from vmuster.sim.exhaustive.knowledge import Known

_BOTH: Final = (0, 1)


def newest(known: Known) -> int:
    """The last number that was given, as far as anybody remembers; at least 1."""
    numbers = [1]
    for sighting in known.sightings:
        if sighting is not None:
            numbers += (sighting.taken_in, sighting.active_since)
    numbers += (operation.intake for operation in (known.operation, known.ending) if operation)
    return max(numbers)


def moments(known: Known, host: int) -> list[int]:
    """After which number a look at `host` may have begun, as far as it makes a difference."""
    return [0, *sorted(_events(known, host))]


def reduced(known: Known, looks: tuple[int, int]) -> tuple[Known, tuple[int, int]]:
    """`known` and the numbers of two looks on their way, each at one host; renumbered.

    `looks`: 0 where there is none.
    """
    events = [_events(known, host) for host in _BOTH]
    asked = [
        [looks[host], 0 if (s := known.sightings[host]) is None else s.asked_after]
        for host in _BOTH
    ]
    lowered = [
        [max((e for e in events[host] if e <= number), default=0) for number in asked[host]]
        for host in _BOTH
    ]
    names = _names(events, lowered)
    sightings = tuple(_renumbered(known.sightings[host], lowered[host][1], names) for host in _BOTH)
    after = msgspec.structs.replace(
        known,
        sightings=(sightings[0], sightings[1]),
        operation=_renumbered_operation(known.operation, names),
        ending=_renumbered_operation(known.ending, names),
    )
    return after, (names[lowered[0][0]], names[lowered[1][0]])


def _events(known: Known, host: int) -> set[int]:
    """The events that a look at `host` is compared with: those of the other one, and requests."""
    there = known.sightings[1 - host]
    events = {there.taken_in, there.active_since} if there is not None else set[int]()
    asked = (known.operation, known.ending if host == 0 else None)
    events.update(operation.intake for operation in asked if operation is not None)
    return events - {0}


def _names(events: list[set[int]], looks: list[list[int]]) -> dict[int, int]:
    """Old number → new number. Two events are one where no look lies between that they concern."""
    names, name, first = {0: 0}, 0, 0
    for event in sorted(events[0] | events[1]):
        parted = any(
            first <= look < event
            for host in _BOTH
            if event in events[host]
            for look in looks[host]
            if look
        )
        if parted or not name:
            name, first = name + 1, event
        names[event] = name
    return names


def _renumbered(
    sighting: Sighting | None, asked_after: int, names: dict[int, int]
) -> Sighting | None:
    if sighting is None:
        return None
    return msgspec.structs.replace(
        sighting,
        taken_in=names[sighting.taken_in],
        active_since=names[sighting.active_since],
        asked_after=names[asked_after],
    )


def _renumbered_operation(operation: Operation | None, names: dict[int, int]) -> Operation | None:
    if operation is None:
        return None
    return msgspec.structs.replace(operation, intake=names[operation.intake])
