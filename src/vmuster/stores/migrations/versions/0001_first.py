"""The first schema."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_DOUBLE: sa.Double[float] = sa.Double()
_UUID = sa.String(length=36)
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table and index."""
    op.create_table(
        "api_key",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", _DOUBLE, nullable=False),
        sa.Column("version", _BIG, nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_api_key_version")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_api_key")),
    )
    op.create_index("ix_api_key_digest", "api_key", ["digest"], unique=False)
    op.create_table(
        "cluster",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("grant", sa.Text(), nullable=True),
        sa.Column("created_at", _DOUBLE, nullable=False),
        sa.Column("version", _BIG, nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_cluster_version")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cluster")),
    )
    op.create_table(
        "fleet",
        sa.Column("single", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", _UUID, nullable=False),
        sa.Column("key", _UUID, nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("public_keys", sa.Text(), nullable=False),
        sa.Column("created_at", _DOUBLE, nullable=False),
        sa.Column("intake", _BIG, nullable=False),
        sa.Column("version", _BIG, nullable=False),
        sa.CheckConstraint("single = 1", name=op.f("ck_fleet_single")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_fleet_version")),
        sa.PrimaryKeyConstraint("single", name=op.f("pk_fleet")),
    )
    op.create_table(
        "journal",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("at", _DOUBLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("cluster", sa.Text(), nullable=True),
        sa.Column("vm", _UUID, nullable=True),
        sa.Column("operation", _UUID, nullable=True),
        sa.Column("command", _UUID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_journal_command", "journal", ["command"], unique=False)
    op.create_index("ix_journal_host", "journal", ["host"], unique=False)
    op.create_index("ix_journal_kind", "journal", ["kind"], unique=False)
    op.create_index("ix_journal_name", "journal", ["name"], unique=False)
    op.create_index("ix_journal_operation", "journal", ["operation"], unique=False)
    op.create_index("ix_journal_vm", "journal", ["vm"], unique=False)
    op.create_table(
        "operation",
        sa.Column("id", _UUID, nullable=False),
        sa.Column("vm", _UUID, nullable=False),
        sa.Column("command", _UUID, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("force", sa.Boolean(), nullable=False),
        sa.Column("created_at", _DOUBLE, nullable=False),
        sa.Column("deadline_at", _DOUBLE, nullable=False),
        sa.Column("finished_at", _DOUBLE, nullable=True),
        sa.Column("intake", _BIG, nullable=False),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("version", _BIG, nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_operation_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
    )
    op.create_index("ix_operation_created_at_id", "operation", ["created_at", "id"], unique=False)
    op.create_index("ix_operation_host_state", "operation", ["host", "state"], unique=False)
    op.create_index("ix_operation_idempotency_key", "operation", ["idempotency_key"], unique=False)
    op.create_index(
        "ix_operation_state_created_at", "operation", ["state", "created_at"], unique=False
    )
    op.create_index("ix_operation_vm_state", "operation", ["vm", "state"], unique=False)
    op.create_index(
        "uq_operation_actor_idempotency_key",
        "operation",
        ["actor", "idempotency_key"],
        unique=True,
        sqlite_where=sa.text("idempotency_key != ''"),
        postgresql_where=sa.text("idempotency_key != ''"),
    )
    op.create_index(
        "uq_operation_vm_open",
        "operation",
        ["vm"],
        unique=True,
        sqlite_where=sa.text("state IN ('pending', 'running')"),
        postgresql_where=sa.text("state IN ('pending', 'running')"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", _UUID, nullable=False),
        sa.Column("vm", _UUID, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("created_at", _DOUBLE, nullable=False),
        sa.Column("answered_at", _DOUBLE, nullable=True),
        sa.Column("version", _BIG, nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_outbox_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        comment="`act` and `automatic` are the command's own, brought out to count stops by.",
    )
    op.create_index("ix_outbox_answered_at_host", "outbox", ["answered_at", "host"], unique=False)
    op.create_index("ix_outbox_created_at_id", "outbox", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_outbox_host_act_automatic_created_at",
        "outbox",
        ["host", "act", "automatic", "created_at"],
        unique=False,
    )
    op.create_index("ix_outbox_vm", "outbox", ["vm"], unique=False)
    op.create_table(
        "vm",
        sa.Column("uuid", _UUID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("desired", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("power", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("boot_id", sa.Text(), nullable=False),
        sa.Column("generation", _BIG, nullable=False),
        sa.Column("mark_generation", _BIG, nullable=False),
        sa.Column("absent_reports", _BIG, nullable=False),
        sa.Column("restart_tries", _BIG, nullable=False),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("created_at", _DOUBLE, nullable=False),
        sa.Column("changed_at", _DOUBLE, nullable=False),
        sa.Column("seen_at", _DOUBLE, nullable=False),
        sa.Column("restart_after", _DOUBLE, nullable=False),
        sa.Column("removed_at", _DOUBLE, nullable=True),
        sa.Column("version", _BIG, nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_vm_version")),
        sa.PrimaryKeyConstraint("uuid", name=op.f("pk_vm")),
    )
    op.create_index("ix_vm_cluster", "vm", ["cluster"], unique=False)
    op.create_index("ix_vm_host", "vm", ["host"], unique=False)
    op.create_index("ix_vm_name", "vm", ["name"], unique=False)
    op.create_index("ix_vm_number", "vm", ["number"], unique=False)
    op.create_index(
        "uq_vm_name_live",
        "vm",
        ["name"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "host",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.Column("uuid", _UUID, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("health", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.Column("epoch", _BIG, nullable=False),
        sa.Column("sequence", _BIG, nullable=False),
        sa.Column("vms_seen", _BIG, nullable=False),
        sa.Column("added_at", _DOUBLE, nullable=False),
        sa.Column("last_report_at", _DOUBLE, nullable=True),
        sa.Column("last_complete_at", _DOUBLE, nullable=True),
        sa.Column("version", _BIG, nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_host_version")),
        sa.ForeignKeyConstraint(
            ["cluster"], ["cluster.name"], name=op.f("fk_host_cluster_cluster")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host")),
    )
    op.create_index(op.f("ix_host_cluster"), "host", ["cluster"], unique=False)
    op.create_index("uq_host_name", "host", ["name"], unique=True)
    op.create_index("uq_host_uuid", "host", ["uuid"], unique=True)
    op.create_table(
        "sighting",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("uuid", _UUID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("power", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("complete_reports", _BIG, nullable=False),
        sa.Column("taken_in", _BIG, nullable=False),
        sa.Column("asked_after", _BIG, nullable=False),
        sa.Column("active_since", _BIG, nullable=False),
        sa.Column("first_seen_at", _DOUBLE, nullable=False),
        sa.Column("last_seen_at", _DOUBLE, nullable=False),
        sa.Column("absent", sa.Boolean(), nullable=False),
        sa.Column("absence_confirmed", sa.Boolean(), nullable=False),
        sa.Column("raw_mark", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["host"], ["host.id"], name=op.f("fk_sighting_host_host"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("host", "uuid", name=op.f("pk_sighting")),
    )
    op.create_index("ix_sighting_standing_host", "sighting", ["standing", "host"], unique=False)
    op.create_index("ix_sighting_uuid", "sighting", ["uuid"], unique=False)
