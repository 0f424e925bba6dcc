"""What all tables are made of: their names by rule, types, and the columns that many have."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, MetaData, String, text

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

UUID: Final = String(36)
BIG: Final = BigInteger().with_variant(Integer, "sqlite")
"""SQLite gives rising ids only to a column that is called INTEGER."""


def columns(
    type_: Any, *names: str, null: bool = False, default: str | None = None
) -> Sequence[Column[Any]]:
    """Columns of one type; a row without one of them is refused unless `null`.

    `default`: what a row has that was written before there was such a column.
    """
    filled = None if default is None else text(default)
    return [Column(name, type_, nullable=null, server_default=filled) for name in names]


def version() -> Sequence[Column[Any] | CheckConstraint]:
    """The guard of a row: 1 when it is inserted, one more with every write."""
    number = Column("version", BIG, nullable=False)
    return [number, CheckConstraint(number >= 1, name="version")]
