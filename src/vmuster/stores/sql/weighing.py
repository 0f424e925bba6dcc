"""What all rows of some kinds come to, by the checksums that they carry."""

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, func, select

from vmuster.stores.sql.tables import CHECKSUM, TABLES


def weigh(connection: Connection, kinds: Collection[type[msgspec.Struct]]) -> str:
    """As the port says; `connection` is within a transaction that sees one moment."""
    weights = list[str]()
    for kind in sorted(kinds, key=lambda kind: kind.__name__):
        checksum = TABLES[kind].c[CHECKSUM]
        asked = select(func.count(), func.count(checksum), func.sum(checksum))
        many, with_one, total = connection.execute(asked.select_from(TABLES[kind])).one()
        if many != with_one:
            return ""
        weights.append(f"{TABLES[kind].name} {many} {total or 0}")
    return ", ".join(weights)
