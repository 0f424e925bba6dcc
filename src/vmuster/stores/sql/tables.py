"""The tables: one column per field of a row, plus a few derived ones for look-ups.

Uuids are 36 characters of lower-case text (see `stores.kinds.plain`), enums their words, nested
values JSON text. What the words may be is checked where rows are read (`rows.py`), not by CHECKs:
a new word would otherwise mean rebuilding a table. Every index serves a look-up of the port; a
test reads the query plans.
"""

from typing import Final

import msgspec
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    false,
)

from vmuster.model.automation import HeldPlan
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation, RequestAnswer
from vmuster.model.settled import Settled
from vmuster.model.vm import Sighting, VmRecord
from vmuster.model.webhooks import Webhook
from vmuster.stores.sql.columns import BIG, METADATA, UUID, columns, version
from vmuster.stores.sql.tables_beside import (
    API_KEY,
    CREDENTIAL,
    REQUEST_ANSWER,
    SETTLED,
    WEBHOOK,
)

# `single` is always 1, so that there is no second fleet.
FLEET: Final = Table(
    "fleet",
    METADATA,
    Column("single", SmallInteger, primary_key=True, autoincrement=False),
    *columns(UUID, "id", "key"),
    *columns(Text, "instance", "public_keys"),
    *columns(Double, "created_at"),
    *columns(BIG, "intake"),
    *columns(BIG, "trusted", default="0"),
    *columns(Text, "policy", default="'{}'"),
    *columns(Text, "disarmed", "quarantine", null=True),
    *version(),
)
FLEET.append_constraint(CheckConstraint(FLEET.c.single == 1, name="single"))

CLUSTER: Final = Table(
    "cluster",
    METADATA,
    Column("name", Text, primary_key=True),
    *columns(Text, "policy"),
    *columns(Text, "grant", "disarmed", null=True),
    *columns(Double, "created_at"),
    *version(),
)

HOST: Final = Table(
    "host",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("cluster", Text, ForeignKey(CLUSTER.c.name), nullable=False, index=True),
    *columns(UUID, "uuid", "claims", "accepted", null=True),
    *columns(Text, "name", "profile", "mode", "health", "digest", "trouble"),
    *columns(Text, "facts", "disarmed", null=True),
    *columns(BIG, "epoch", "sequence", "vms_seen"),
    *columns(BIG, "flaps", default="0"),
    *columns(Double, "added_at"),
    *columns(Double, "health_at", default="0"),
    *columns(Double, "last_report_at", "last_complete_at", "well_since", null=True),
    *version(),
)
Index("uq_host_name", HOST.c.name, unique=True)
Index("uq_host_uuid", HOST.c.uuid, unique=True)

# Tombstones outlive their host and cluster, so records refer to neither. `number` is the kind and
# number in the name, brought out so that names which point to the same number are found.
VM: Final = Table(
    "vm",
    METADATA,
    Column("uuid", UUID, primary_key=True),
    *columns(Text, "name", "label", "kind", "cluster", "number"),
    *columns(Text, "host", null=True),
    *columns(Text, "desired", "phase", "power", "reason", "boot_id"),
    *columns(BIG, "generation", "mark_generation", "absent_reports", "restart_tries"),
    *columns(Boolean(), "protected"),
    *columns(Double, "created_at", "changed_at", "seen_at", "restart_after"),
    *columns(Double, "removed_at", null=True),
    *version(),
)
LIVE: Final = VM.c.removed_at.is_(None)
Index("uq_vm_name_live", VM.c.name, unique=True, sqlite_where=LIVE, postgresql_where=LIVE)
Index("ix_vm_name", VM.c.name)
Index("ix_vm_number", VM.c.number)
Index("ix_vm_host_name_uuid", VM.c.host, VM.c.name, VM.c.uuid)
Index("ix_vm_cluster_name", VM.c.cluster, VM.c.name)
MOVING: Final = (VM.c.desired, VM.c.phase, VM.c.power)
"""What lists are chosen by, and what changes with nearly every write of a record."""
for _state in MOVING:
    _index = f"ix_vm_{_state.name}_name_live"
    Index(_index, _state, VM.c.name, sqlite_where=LIVE, postgresql_where=LIVE)

# `cluster` is the host's, which never has another one: so the VMs of a cluster are in one order.
SIGHTING: Final = Table(
    "sighting",
    METADATA,
    Column("host", Text, ForeignKey(HOST.c.id, ondelete="CASCADE"), primary_key=True),
    Column("uuid", UUID, primary_key=True),
    *columns(Text, "name", "power", "reason", "mark", "standing", "finding", "why"),
    *columns(BIG, "complete_reports", "taken_in", "asked_after", "active_since"),
    *columns(Double, "first_seen_at", "last_seen_at"),
    *columns(Boolean(), "absent", "absence_confirmed"),
    *columns(Text, "raw_mark", null=True),
    *columns(Text, "cluster", default="''"),
)
Index("ix_sighting_uuid", SIGHTING.c.uuid)
Index("ix_sighting_standing_host", SIGHTING.c.standing, SIGHTING.c.host)
SHOWN: Final = SIGHTING.c.absent == false()
for _first in ((), ("cluster",), ("host",), ("power",), ("standing",)):
    _fields = (*_first, *(field for field in ("name", "uuid", "host") if field not in _first))
    Index(
        f"ix_sighting_{'_'.join(_fields)}_shown",
        *(SIGHTING.c[field] for field in _fields),
        sqlite_where=SHOWN,
        postgresql_where=SHOWN,
    )

OPERATION: Final = Table(
    "operation",
    METADATA,
    Column("id", UUID, primary_key=True),
    *columns(UUID, "vm"),
    *columns(UUID, "command", null=True),
    *columns(Text, "kind", "name", "host", "actor", "state", "message", "idempotency_key"),
    *columns(Boolean(), "force"),
    *columns(Double, "created_at", "deadline_at"),
    *columns(Double, "finished_at", null=True),
    *columns(BIG, "intake"),
    *columns(Text, "previous", null=True),
    *version(),
)
_KEYED: Final = OPERATION.c.idempotency_key != ""
Index(
    "uq_operation_actor_idempotency_key",
    OPERATION.c.actor,
    OPERATION.c.idempotency_key,
    unique=True,
    sqlite_where=_KEYED,
    postgresql_where=_KEYED,
)
OPEN: Final = OPERATION.c.state.in_(("pending", "running"))
Index("uq_operation_vm_open", OPERATION.c.vm, unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
Index("ix_operation_idempotency_key", OPERATION.c.idempotency_key)
Index("ix_operation_vm_state", OPERATION.c.vm, OPERATION.c.state)
Index("ix_operation_host_state", OPERATION.c.host, OPERATION.c.state)
Index("ix_operation_state_created_at", OPERATION.c.state, OPERATION.c.created_at)
Index("ix_operation_created_at_id", OPERATION.c.created_at, OPERATION.c.id)

# `act` and `automatic` are the command's own, brought out so that automatic acts can
# be counted: by the last of the indexes alone, whatever else the outbox holds.
OUTBOX: Final = Table(
    "outbox",
    METADATA,
    Column("id", UUID, primary_key=True),
    *columns(UUID, "vm"),
    *columns(Text, "host", "command", "act"),
    *columns(Boolean(), "automatic"),
    *columns(Text, "result", null=True),
    *columns(Double, "created_at"),
    *columns(Double, "answered_at", null=True),
    *version(),
)
UNANSWERED: Final = OUTBOX.c.answered_at.is_(None)
Index("ix_outbox_answered_at_host", OUTBOX.c.answered_at, OUTBOX.c.host)
Index("ix_outbox_vm", OUTBOX.c.vm)
Index("ix_outbox_created_at_id", OUTBOX.c.created_at, OUTBOX.c.id)
Index(
    "ix_outbox_automatic_created_at_act_host",
    OUTBOX.c.automatic,
    OUTBOX.c.created_at,
    OUTBOX.c.act,
    OUTBOX.c.host,
)

# Ids are given by who writes (`chaining.py`); SQLite's own counter stays from when it gave them.
JOURNAL: Final = Table(
    "journal",
    METADATA,
    Column("id", BIG, primary_key=True, autoincrement=True),
    *columns(Double, "at"),
    *columns(Text, "kind", "actor", "what", "rule", "name", "evidence"),
    *columns(Text, "host", "cluster", null=True),
    *columns(UUID, "vm", "operation", "command", null=True),
    *columns(Text, "chain", default="''"),
    sqlite_autoincrement=True,
)
for _column in ("vm", "host", "operation", "command", "kind", "name"):
    Index(f"ix_journal_{_column}", JOURNAL.c[_column])

HELD_PLAN: Final = Table(
    "held_plan",
    METADATA,
    Column("host", Text, ForeignKey(HOST.c.id, ondelete="CASCADE"), primary_key=True),
    *columns(UUID, "id"),
    *columns(Text, "cluster", "why", "acts", "state", "by"),
    *columns(Double, "held_at"),
    *columns(Double, "decided_at", "expires_at", null=True),
    *version(),
)
Index("ix_held_plan_id", HELD_PLAN.c.id)
Index("ix_held_plan_state_host", HELD_PLAN.c.state, HELD_PLAN.c.host)

TABLES: Final[dict[type[msgspec.Struct], Table]] = {
    Fleet: FLEET,
    Cluster: CLUSTER,
    Host: HOST,
    VmRecord: VM,
    Sighting: SIGHTING,
    Operation: OPERATION,
    OutboxCommand: OUTBOX,
    JournalEntry: JOURNAL,
    ApiKey: API_KEY,
    HeldPlan: HELD_PLAN,
    Credential: CREDENTIAL,
    Webhook: WEBHOOK,
    RequestAnswer: REQUEST_ANSWER,
    Settled: SETTLED,
}
"""Where each kind of row lies."""

CHECKSUM: Final = "checksum"
for _table in TABLES.values():
    _table.append_column(Column(CHECKSUM, BIG, nullable=True))  # see `rows.py`
