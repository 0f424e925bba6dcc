"""What identifies a row of each kind that is kept: one table, for stores and rehearsals."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from vmuster.model.automation import HeldPlan
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation, RequestAnswer
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
    }
)
"""Kind → the fields that identify one; none: there is one row."""


def key_fields(row: msgspec.Struct) -> tuple[object, ...]:
    """What identifies `row` among its kind: the values of its key."""
    return tuple(getattr(row, field) for field in KEYS[type(row)])
