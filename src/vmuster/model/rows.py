"""What identifies a row of each kind that is kept, and in which order they come: two tables, for
stores and for whoever reads them."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final

import msgspec

from vmuster.model.automation import HeldPlan
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation, RequestAnswer
from vmuster.model.settled import Settled
from vmuster.model.vm import Sighting, VmRecord
from vmuster.model.webhooks import Webhook

KEYS: Final[Mapping[type[msgspec.Struct], tuple[str, ...]]] = MappingProxyType(
    {
        Fleet: (),
        Cluster: ("name",),
        Host: ("id",),
        VmRecord: ("uuid",),
        Sighting: ("host", "uuid"),
        Operation: ("id",),
        OutboxCommand: ("id",),
        JournalEntry: ("id",),
        ApiKey: ("name",),
        HeldPlan: ("host",),
        Credential: ("name",),
        Webhook: ("name",),
        RequestAnswer: ("actor", "key"),
        Settled: ("host",),
    }
)
"""Kind → the fields that identify one; none: there is one row."""
ORDER: Final[Mapping[type[msgspec.Struct], tuple[str, ...]]] = MappingProxyType(
    {
        **KEYS,
        Host: ("name",),
        Operation: ("created_at", "id"),
        OutboxCommand: ("created_at", "id"),
        RequestAnswer: ("created_at", "actor", "key"),
    }
)
"""Kind → the fields by which a list of them is ordered: the key, but where that says nothing to
anybody. Hosts come by name, and by their age what has a random id or is dropped when it is old."""


Picked = Callable[[Any], tuple[Any, ...]]
"""The values of some fields of a row."""


def picked(fields: Sequence[str]) -> Picked:
    """What gives the values of `fields` of a row, in their order."""
    match fields:
        case []:
            return lambda _row: ()
        case [field]:
            return lambda row: (getattr(row, field),)
        case _:
            return attrgetter(*fields)


_KEY_OF: Final = {kind: picked(fields) for kind, fields in KEYS.items()}
_PLACE_OF: Final = {kind: picked(fields) for kind, fields in ORDER.items()}


def key_fields(row: msgspec.Struct) -> tuple[object, ...]:
    """What identifies `row` among its kind: the values of its key."""
    return _KEY_OF[type(row)](row)


def row_place(row: msgspec.Struct) -> tuple[object, ...]:
    """Where `row` stands in a list of its kind: the values by which that is ordered."""
    return _PLACE_OF[type(row)](row)
