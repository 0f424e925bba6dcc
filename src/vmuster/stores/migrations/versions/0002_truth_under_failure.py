"""Automation that people disarm, held plans, hosts that flap, sealed credentials, checksums.

Rows of before get what they meant: automation armed, nothing held, a host that never flapped; one
that is up has been well since its last report. They have no checksum until they are written again.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_DOUBLE: sa.Double[float] = sa.Double()
_UUID = sa.String(length=36)
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLES = (
    "fleet",
    "cluster",
    "host",
    "vm",
    "sighting",
    "operation",
    "outbox",
    "journal",
    "api_key",
)


def upgrade() -> None:
    """Apply this step."""
    _add_columns()
    for table in _TABLES:
        op.add_column(table, sa.Column("checksum", _BIG, nullable=True))
    _add_tables()
    op.drop_index("ix_outbox_host_act_automatic_created_at", "outbox")
    op.create_index(
        "ix_outbox_automatic_created_at_act_host",
        "outbox",
        ["automatic", "created_at", "act", "host"],
        unique=False,
    )


def _add_columns() -> None:
    policy = sa.Column("policy", sa.Text(), nullable=False, server_default=sa.text("'{}'"))
    health_at = sa.Column("health_at", _DOUBLE, nullable=False, server_default=sa.text("0"))
    flaps = sa.Column("flaps", _BIG, nullable=False, server_default=sa.text("0"))
    trusted = sa.Column("trusted", _BIG, nullable=False, server_default=sa.text("0"))
    op.add_column("fleet", policy)
    op.add_column("fleet", trusted)
    op.add_column("fleet", sa.Column("disarmed", sa.Text(), nullable=True))
    op.add_column("fleet", sa.Column("quarantine", sa.Text(), nullable=True))
    op.add_column("cluster", sa.Column("disarmed", sa.Text(), nullable=True))
    op.add_column("host", health_at)
    op.add_column("host", flaps)
    op.add_column("host", sa.Column("well_since", _DOUBLE, nullable=True))
    op.add_column("host", sa.Column("claims", _UUID, nullable=True))
    op.add_column("host", sa.Column("accepted", _UUID, nullable=True))
    op.add_column("host", sa.Column("disarmed", sa.Text(), nullable=True))
    host = sa.table(
        "host", sa.column("health"), sa.column("last_report_at"), sa.column("well_since")
    )
    op.execute(host.update().where(host.c.health == "up").values(well_since=host.c.last_report_at))


def _add_tables() -> None:
    op.create_table(
        "held_plan",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("id", _UUID, nullable=False),
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("acts", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("held_at", _DOUBLE, nullable=False),
        sa.Column("decided_at", _DOUBLE, nullable=True),
        sa.Column("expires_at", _DOUBLE, nullable=True),
        sa.Column("version", _BIG, nullable=False),
        sa.Column("checksum", _BIG, nullable=True),
        sa.CheckConstraint("version >= 1", name=op.f("ck_held_plan_version")),
        sa.ForeignKeyConstraint(
            ["host"], ["host.id"], name=op.f("fk_held_plan_host_host"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_held_plan")),
    )
    op.create_index("ix_held_plan_id", "held_plan", ["id"], unique=False)
    op.create_index("ix_held_plan_state_host", "held_plan", ["state", "host"], unique=False)
    op.create_table(
        "credential",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("created_at", _DOUBLE, nullable=False),
        sa.Column("version", _BIG, nullable=False),
        sa.Column("checksum", _BIG, nullable=True),
        sa.CheckConstraint("version >= 1", name=op.f("ck_credential_version")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_credential")),
    )
