"""Scopes and ends of API keys, webhooks, answers to repeat, a chained journal, lists in order.

Keys of before may do everything, as they could. The journal's links go over what is there, gaps
in its ids included; an entry that can't be read gets none, and is passed over by the next one's.
"""

import hashlib
import zlib
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_DOUBLE: sa.Double[float] = sa.Double()
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PAGE = 1000
"""Entries linked at a time."""


def _as_found(table: str, *columns: str) -> sa.TableClause:
    """A table whose values are taken as the database gives them."""
    return sa.table(table, *(sa.column(name, sa.types.NULLTYPE) for name in columns))


_ENTRY = ("at", "kind", "actor", "what", "rule", "host", "cluster", "vm", "name", "operation")
_JOURNAL = _as_found("journal", *_ENTRY, "command", "evidence", "id", "chain")
_API_KEY = _as_found("api_key", "name", "digest", "created_at", "version", "checksum")


def upgrade() -> None:
    """Apply this step."""
    _extend_api_keys()
    _add_tables()
    _add_indexes()
    op.add_column("journal", _text("chain", "''"))
    _link_journal(op.get_bind())


def _text(name: str, default: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=sa.text(default))


def _extend_api_keys() -> None:
    op.add_column("api_key", _text("scope", "'admin'"))
    op.add_column("api_key", _text("created_by", "''"))
    op.add_column("api_key", sa.Column("expires_at", _DOUBLE, nullable=True))
    op.add_column("api_key", sa.Column("last_used_at", _DOUBLE, nullable=True))
    connection = op.get_bind()
    for name, digest, created_at, version, checksum in connection.execute(
        sa.select(_API_KEY)
    ).all():
        # One that did not fit its row before is left, and does not fit it now.
        if checksum is not None and checksum == _checksum([name, digest, created_at, version]):
            row = [name, digest, created_at, "admin", "", None, None, version]
            change = _API_KEY.update().where(_API_KEY.c.name == name)
            connection.execute(change.values(checksum=_checksum(row)))


def _checksum(values: Sequence[object]) -> int | None:
    """None where one of them is text that is none."""
    try:
        return zlib.crc32(msgspec.json.encode(values))
    except UnicodeEncodeError:
        return None


def _add_tables() -> None:
    op.create_table(
        "webhook",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("delivered", _BIG, nullable=False),
        sa.Column("failures", _BIG, nullable=False),
        sa.Column("created_at", _DOUBLE, nullable=False),
        sa.Column("tried_at", _DOUBLE, nullable=True),
        sa.Column("version", _BIG, nullable=False),
        sa.Column("checksum", _BIG, nullable=True),
        sa.CheckConstraint("version >= 1", name=op.f("ck_webhook_version")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_webhook")),
    )
    op.create_table(
        "request_answer",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("status", _BIG, nullable=False),
        sa.Column("created_at", _DOUBLE, nullable=False),
        sa.Column("version", _BIG, nullable=False),
        sa.Column("checksum", _BIG, nullable=True),
        sa.CheckConstraint("version >= 1", name=op.f("ck_request_answer_version")),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_request_answer")),
    )


def _add_indexes() -> None:
    op.create_index(
        "ix_request_answer_created_at_actor_key", "request_answer", ["created_at", "actor", "key"]
    )
    op.drop_index("ix_vm_host", "vm")
    op.create_index("ix_vm_host_name_uuid", "vm", ["host", "name", "uuid"])
    op.drop_index("ix_vm_cluster", "vm")
    op.create_index("ix_vm_cluster_name", "vm", ["cluster", "name"])
    shown = sa.text("absent = 0")
    for name, fields in {
        "ix_sighting_name_uuid_host_shown": ["name", "uuid", "host"],
        "ix_sighting_host_name_uuid_shown": ["host", "name", "uuid"],
        "ix_sighting_standing_name_uuid_host_shown": ["standing", "name", "uuid", "host"],
    }.items():
        op.create_index(name, "sighting", fields, sqlite_where=shown)


def _link_journal(connection: sa.Connection) -> None:
    """Give every entry its link, a page at a time, in the order of the ids."""
    page = sa.select(_JOURNAL).order_by(_JOURNAL.c.id).limit(_PAGE)
    change = (
        _JOURNAL.update()
        .where(_JOURNAL.c.id == sa.bindparam("entry"))
        .values(chain=sa.bindparam("link"))
    )
    last, before = None, "0" * 64
    while rows := connection.execute(
        page if last is None else page.where(_JOURNAL.c.id > last)
    ).all():
        links: list[dict[str, object]] = []
        for *fields, evidence, number, _none in rows:
            try:
                entry = [before, *fields, msgspec.json.decode(evidence), number]
                before = hashlib.sha256(msgspec.json.encode(entry)).hexdigest()
            except (msgspec.MsgspecError, TypeError, UnicodeEncodeError):
                continue
            links.append({"entry": number, "link": before})
        if links:
            connection.execute(change, links)
        last = rows[-1].id
