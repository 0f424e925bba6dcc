"""The tables: one column per field of a row, plus a few derived ones for look-ups.

Uuids are 36 characters of lower-case text (see `stores.kinds.plain`), enums their words, nested
values JSON text. What the words may be is checked where rows are read (`rows.py`), not by CHECKs:
a new word would otherwise mean rebuilding a table. Every index serves a look-up of the port; a
test reads the query plans.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from vmuster.model.automation import HeldPlan
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import Operation
from vmuster.model.vm import Sighting, VmRecord

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Names by rule, so that a migration can always say which constraint it means."""

_UUID: Final = String(36)
_BIG: Final = BigInteger().with_variant(Integer, "sqlite")
"""SQLite gives rising ids only to a column that is called INTEGER."""


def _columns(
    type_: Any, *names: str, null: bool = False, default: str | None = None
) -> Sequence[Column[Any]]:
    """Columns of one type; a row without one of them is refused unless `null`.

    `default`: what a row has that was written before there was such a column.
    """
    filled = None if default is None else text(default)
    return [Column(name, type_, nullable=null, server_default=filled) for name in names]


def _version() -> Sequence[Column[Any] | CheckConstraint]:
    """The guard of a row: 1 when it is inserted, one more with every write."""
    version = Column("version", _BIG, nullable=False)
    return [version, CheckConstraint(version >= 1, name="version")]


# `single` is always 1, so that there is no second fleet.
FLEET: Final = Table(
    "fleet",
    METADATA,
    Column("single", SmallInteger, primary_key=True, autoincrement=False),
    *_columns(_UUID, "id", "key"),
    *_columns(Text, "instance", "public_keys"),
    *_columns(Double, "created_at"),
    *_columns(_BIG, "intake"),
    *_columns(_BIG, "trusted", default="0"),
    *_columns(Text, "policy", default="'{}'"),
    *_columns(Text, "disarmed", "quarantine", null=True),
    *_version(),
)
FLEET.append_constraint(CheckConstraint(FLEET.c.single == 1, name="single"))

CLUSTER: Final = Table(
    "cluster",
    METADATA,
    Column("name", Text, primary_key=True),
    *_columns(Text, "policy"),
    *_columns(Text, "grant", "disarmed", null=True),
    *_columns(Double, "created_at"),
    *_version(),
)

HOST: Final = Table(
    "host",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("cluster", Text, ForeignKey(CLUSTER.c.name), nullable=False, index=True),
    *_columns(_UUID, "uuid", "claims", "accepted", null=True),
    *_columns(Text, "name", "profile", "mode", "health", "digest", "trouble"),
    *_columns(Text, "facts", "disarmed", null=True),
    *_columns(_BIG, "epoch", "sequence", "vms_seen"),
    *_columns(_BIG, "flaps", default="0"),
    *_columns(Double, "added_at"),
    *_columns(Double, "health_at", default="0"),
    *_columns(Double, "last_report_at", "last_complete_at", "well_since", null=True),
    *_version(),
)
Index("uq_host_name", HOST.c.name, unique=True)
Index("uq_host_uuid", HOST.c.uuid, unique=True)

# Tombstones outlive their host and cluster, so records refer to neither. `number` is the kind and
# number in the name, brought out so that names which point to the same number are found.
VM: Final = Table(
    "vm",
    METADATA,
    Column("uuid", _UUID, primary_key=True),
    *_columns(Text, "name", "label", "kind", "cluster", "number"),
    *_columns(Text, "host", null=True),
    *_columns(Text, "desired", "phase", "power", "reason", "boot_id"),
    *_columns(_BIG, "generation", "mark_generation", "absent_reports", "restart_tries"),
    *_columns(Boolean(), "protected"),
    *_columns(Double, "created_at", "changed_at", "seen_at", "restart_after"),
    *_columns(Double, "removed_at", null=True),
    *_version(),
)
LIVE: Final = VM.c.removed_at.is_(None)
Index("uq_vm_name_live", VM.c.name, unique=True, sqlite_where=LIVE, postgresql_where=LIVE)
Index("ix_vm_name", VM.c.name)
Index("ix_vm_number", VM.c.number)
Index("ix_vm_host", VM.c.host)
Index("ix_vm_cluster", VM.c.cluster)

SIGHTING: Final = Table(
    "sighting",
    METADATA,
    Column("host", Text, ForeignKey(HOST.c.id, ondelete="CASCADE"), primary_key=True),
    Column("uuid", _UUID, primary_key=True),
    *_columns(Text, "name", "power", "reason", "mark", "standing", "finding", "why"),
    *_columns(_BIG, "complete_reports", "taken_in", "asked_after", "active_since"),
    *_columns(Double, "first_seen_at", "last_seen_at"),
    *_columns(Boolean(), "absent", "absence_confirmed"),
    *_columns(Text, "raw_mark", null=True),
)
Index("ix_sighting_uuid", SIGHTING.c.uuid)
Index("ix_sighting_standing_host", SIGHTING.c.standing, SIGHTING.c.host)

OPERATION: Final = Table(
    "operation",
    METADATA,
    Column("id", _UUID, primary_key=True),
    *_columns(_UUID, "vm"),
    *_columns(_UUID, "command", null=True),
    *_columns(Text, "kind", "name", "host", "actor", "state", "message", "idempotency_key"),
    *_columns(Boolean(), "force"),
    *_columns(Double, "created_at", "deadline_at"),
    *_columns(Double, "finished_at", null=True),
    *_columns(_BIG, "intake"),
    *_columns(Text, "previous", null=True),
    *_version(),
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
    Column("id", _UUID, primary_key=True),
    *_columns(_UUID, "vm"),
    *_columns(Text, "host", "command", "act"),
    *_columns(Boolean(), "automatic"),
    *_columns(Text, "result", null=True),
    *_columns(Double, "created_at"),
    *_columns(Double, "answered_at", null=True),
    *_version(),
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

# SQLite rises without AUTOINCREMENT too, but only with it no id is ever used twice.
JOURNAL: Final = Table(
    "journal",
    METADATA,
    Column("id", _BIG, primary_key=True, autoincrement=True),
    *_columns(Double, "at"),
    *_columns(Text, "kind", "actor", "what", "rule", "name", "evidence"),
    *_columns(Text, "host", "cluster", null=True),
    *_columns(_UUID, "vm", "operation", "command", null=True),
    sqlite_autoincrement=True,
)
for _column in ("vm", "host", "operation", "command", "kind", "name"):
    Index(f"ix_journal_{_column}", JOURNAL.c[_column])

API_KEY: Final = Table(
    "api_key",
    METADATA,
    Column("name", Text, primary_key=True),
    *_columns(Text, "digest"),
    *_columns(Double, "created_at"),
    *_version(),
)
Index("ix_api_key_digest", API_KEY.c.digest)

HELD_PLAN: Final = Table(
    "held_plan",
    METADATA,
    Column("host", Text, ForeignKey(HOST.c.id, ondelete="CASCADE"), primary_key=True),
    *_columns(_UUID, "id"),
    *_columns(Text, "cluster", "why", "acts", "state", "by"),
    *_columns(Double, "held_at"),
    *_columns(Double, "decided_at", "expires_at", null=True),
    *_version(),
)
Index("ix_held_plan_id", HELD_PLAN.c.id)
Index("ix_held_plan_state_host", HELD_PLAN.c.state, HELD_PLAN.c.host)

# `sealed` is base64 of what is encrypted with a key that no database holds.
CREDENTIAL: Final = Table(
    "credential",
    METADATA,
    Column("name", Text, primary_key=True),
    *_columns(Text, "kind", "sealed", "public"),
    *_columns(Double, "created_at"),
    *_version(),
)

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
}
"""Where each kind of row lies."""

CHECKSUM: Final = "checksum"
for _table in TABLES.values():
    _table.append_column(Column(CHECKSUM, _BIG, nullable=True))  # see `rows.py`
