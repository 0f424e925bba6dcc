"""Rows to values and back, for every kind alike; only derived columns are named here."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import RowMapping

from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Corrupt
from vmuster.model.host import Fleet
from vmuster.model.names import number_in
from vmuster.model.text import bounded, visible
from vmuster.model.vm import VmRecord
from vmuster.stores.kinds import KINDS, plain

_Value = TypeVar("_Value", bound=msgspec.Struct)

_DERIVED: Final[dict[type[msgspec.Struct], Callable[[dict[str, Any]], dict[str, Any]]]] = {
    Fleet: lambda _row: {"single": 1},
    VmRecord: lambda row: {"number": number_in(row["name"])},
    OutboxCommand: lambda row: {
        "act": row["command"]["command"],
        "automatic": row["command"]["automatic"],
    },
}
"""Columns that are no field of their own, from the row in plain form."""


def to_row(value: msgspec.Struct) -> dict[str, Any]:
    """The columns of `value`: scalars as they are, nested values as JSON text."""
    kind = type(value)
    row: dict[str, Any] = plain(value)
    derived = _DERIVED[kind](row) if kind in _DERIVED else {}
    for field in KINDS[kind].nested:
        if row[field] is not None:
            row[field] = msgspec.json.encode(row[field]).decode()
    return row | derived


def from_row(kind: type[_Value], row: RowMapping) -> _Value:
    """The value in `row`; raises `Corrupt` where it can't be one."""
    fields = {field: row[field] for field in kind.__struct_fields__}
    try:
        for field in KINDS[kind].nested:
            if fields[field] is not None:
                fields[field] = msgspec.json.decode(fields[field])
        return msgspec.convert(fields, kind)
    except (msgspec.MsgspecError, TypeError) as error:
        key = "/".join(visible(bounded(str(fields[field]))) for field in KINDS[kind].key)
        raise Corrupt(
            f"{KINDS[kind].word} {key} in the database can't be read: {error}",
            hint="restore a backup from before, or correct the row by hand",
        ) from error
