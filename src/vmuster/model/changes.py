"""One all-or-nothing set of writes to a store.

A store has a single way to write: `commit` of `Changes`. Each set stands or falls alone, many
may share one transaction, and every guarded row must still have the version it was read with.
"""

import msgspec

from vmuster.model.automation import HeldPlan
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import HostId, VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation, RequestAnswer
from vmuster.model.settled import Settled
from vmuster.model.vm import Sighting, VmRecord
from vmuster.model.webhooks import Webhook

Guarded = (
    Fleet
    | Cluster
    | Host
    | VmRecord
    | Operation
    | OutboxCommand
    | ApiKey
    | HeldPlan
    | Credential
    | Webhook
    | RequestAnswer
    | Settled
)
"""Rows that carry a `version`."""


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """One guarded write: `before` None inserts, `after` None deletes, both update.

    An update or a deletion takes effect only where the row still has `before.version`; the store
    sets the new version to `before.version + 1` whatever `after.version` says.
    """

    before: Guarded | None
    after: Guarded | None


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """`guards`, rows that must still have their version, and `unrecorded`, VMs that must have no
    record, are what the set was decided on and does not write; they are checked before any write.

    `sightings` and `gone` need no guard: a guarded write of their host comes with them.

    `stirs` and `rests` are not written: on which other hosts the VMs that are written about are
    known, and must be judged again there (`reconcile/stirring.py`); and of which VMs the sighting
    on a host is written for the last time, so that nobody need judge them again for that.
    """

    guards: tuple[VmRecord, ...] = ()
    unrecorded: tuple[VmUuid, ...] = ()
    writes: tuple[Write, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    gone: tuple[tuple[HostId, VmUuid], ...] = ()
    entries: tuple[JournalEntry, ...] = ()
    stirs: tuple[tuple[HostId, VmUuid], ...] = ()
    rests: frozenset[tuple[HostId, VmUuid]] = frozenset()
