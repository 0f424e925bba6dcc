"""Rows to values and back, for every kind alike; only derived columns are named here.

Each row carries a checksum over its fields. A database notices when its pages no longer hang
together, not when a byte within a text has changed: a wrong host or a wrong wish would be believed
(F62). A row without one, written before there were checksums or corrected by hand, is taken as
it is.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Column, Select, select

from vmuster.model.commands import OutboxCommand
from vmuster.model.errors import Corrupt
from vmuster.model.host import Fleet
from vmuster.model.journal import JournalEntry
from vmuster.model.names import number_in
from vmuster.model.rows import KEYS
from vmuster.model.text import bounded, visible
from vmuster.model.vm import VmRecord
from vmuster.stores.kinds import KINDS, plain
from vmuster.stores.sql.tables import CHECKSUM, TABLES

_Value = TypeVar("_Value", bound=msgspec.Struct)

_DERIVED: Final[dict[type[msgspec.Struct], dict[str, Callable[[dict[str, Any]], object]]]] = {
    Fleet: {"single": lambda _row: 1},
    VmRecord: {"number": lambda row: number_in(row["name"])},
    OutboxCommand: {
        "act": lambda row: row["command"]["command"],
        "automatic": lambda row: row["command"]["automatic"],
    },
}
"""Columns that are no field of their own, each from the row in plain form."""


_GIVEN: Final = "id"
_LINKED: Final = "chain"
"""What an entry of the journal gets as it is written. A checksum is over the entry as it was asked
for, with no id and no chain; the chain is over both, and over the entry."""


def to_row(value: msgspec.Struct) -> dict[str, Any]:
    """The columns of `value`: scalars as they are, nested values as JSON text."""
    kind = type(value)
    row: dict[str, Any] = plain(value)
    derived = {column: of(row) for column, of in _DERIVED.get(kind, {}).items()}
    for field in KINDS[kind].nested:
        if row[field] is not None:
            row[field] = msgspec.json.encode(row[field]).decode()
    fields = kind.__struct_fields__
    derived[CHECKSUM] = _checksum(kind, (row[field] for field in fields))
    return row | derived


def columns_of(kind: type[msgspec.Struct]) -> Sequence[Column[Any]]:
    """The columns that `from_row` takes for a row of `kind`, in their order."""
    columns = TABLES[kind].c
    return [columns[name] for name in (*kind.__struct_fields__, CHECKSUM, *_DERIVED.get(kind, ()))]


def rows_of(kind: type[msgspec.Struct]) -> Select[Any]:
    """The question for rows of `kind`, in the form that `from_row` takes."""
    return select(*columns_of(kind))


def from_row(kind: type[_Value], row: Sequence[Any]) -> _Value:
    """The value in `row` of `rows_of(kind)`; raises `Corrupt` where it can't be one."""
    names = kind.__struct_fields__
    values, checksum, brought_out = row[: len(names)], row[len(names)], row[len(names) + 1 :]
    fields: dict[str, Any] = dict(zip(names, values, strict=True))
    try:
        found = _checksum(kind, values)  # also where there is none to compare: text may be none
        if checksum not in (None, found):
            raise ValueError("it is not as it was written")
        for field in KINDS[kind].nested:
            if fields[field] is not None:
                fields[field] = msgspec.json.decode(fields[field])
        for (column, of), there in zip(_DERIVED.get(kind, {}).items(), brought_out, strict=True):
            if there != of(fields):
                raise ValueError(f"its column {column} does not fit it")
        return msgspec.convert(fields, kind)
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
        key = "/".join(visible(bounded(str(fields[field]))) for field in KEYS[kind])
        why = "it holds text that is none" if isinstance(error, UnicodeEncodeError) else error
        raise Corrupt(
            f"{KINDS[kind].word} {key} in the database can't be read: {why}",
            hint="restore a backup from before, or correct the row by hand "
            f"and set its {CHECKSUM} to NULL",
        ) from error


def field_value(kind: type[msgspec.Struct], field: str, found: object) -> object:
    """What stands in the column of one field as a value; as it stands there where it is none."""
    (type_,) = (each.type for each in msgspec.structs.fields(kind) if each.name == field)
    try:
        return msgspec.convert(found, type_)
    except msgspec.ValidationError:
        return found


def _checksum(kind: type[msgspec.Struct], values: Iterable[Any]) -> int:
    """Over `values` in the order of the fields; -0.0 counts as 0.0, which SQLite makes of it.

    Raises `UnicodeEncodeError` where one of them is text that is none.
    """
    known = [value + 0.0 if value.__class__ is float else value for value in values]
    if kind is JournalEntry:
        known[kind.__struct_fields__.index(_GIVEN)] = None
        str(known.pop(kind.__struct_fields__.index(_LINKED))).encode()  # not in it, but text
    return zlib.crc32(msgspec.json.encode(known))
