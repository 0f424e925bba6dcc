"""Accounts that survive a stop in good order; an index for every filter of a list of VMs."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_DOUBLE: sa.Double[float] = sa.Double()
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this step."""
    _add_settled()
    _add_clusters()
    _add_indexes()


def _add_settled() -> None:
    op.create_table(
        "settled",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("judged_at", _DOUBLE, nullable=False),
        sa.Column("version", _BIG, nullable=False),
        sa.Column("checksum", _BIG, nullable=True),
        sa.CheckConstraint("version >= 1", name=op.f("ck_settled_version")),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_settled")),
    )


def _add_clusters() -> None:
    """Give every sighting the cluster of its host."""
    cluster = sa.Column("cluster", sa.Text(), nullable=False, server_default=sa.text("''"))
    op.add_column("sighting", cluster)
    host = sa.table("host", sa.column("id"), sa.column("cluster"))
    sighting = sa.table("sighting", sa.column("host"), sa.column("cluster"))
    of_host = sa.select(host.c.cluster).where(host.c.id == sighting.c.host).scalar_subquery()
    op.execute(sighting.update().values(cluster=of_host))


def _add_indexes() -> None:
    shown, live = sa.text("absent = 0"), sa.text("removed_at IS NULL")
    for first in ("cluster", "power"):
        name = f"ix_sighting_{first}_name_uuid_host_shown"
        op.create_index(name, "sighting", [first, "name", "uuid", "host"], sqlite_where=shown)
    for first in ("desired", "phase", "power"):
        op.create_index(f"ix_vm_{first}_name_live", "vm", [first, "name"], sqlite_where=live)
