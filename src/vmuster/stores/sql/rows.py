"""Rows to values and back, for every kind alike; only derived columns are named here.

Each row carries a checksum over its fields. A database notices when its pages no longer hang
together, not when a byte within a text has changed: a wrong host or a wrong wish would be believed
(F62). A row without one, written before there were checksums or corrected by hand, is taken as
it is.
"""

import zlib
from collections.abc import Callable, Sequence
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
from vmuster.stores.kinds import KINDS
from vmuster.stores.sql.tables import CHECKSUM, TABLES

_Value = TypeVar("_Value", bound=msgspec.Struct)
_ENCODER: Final = msgspec.json.Encoder()
_NEGATIVE_ZERO: Final = b"-0.0"

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


class _Form(msgspec.Struct, frozen=True, kw_only=True):
    """How the rows of one kind are made: its fields by name, those that are kept as JSON text by
    name and place, and what is derived. `given` and `linked`: where a journal entry has what its
    checksum is not over."""

    fields: tuple[str, ...]
    nested: tuple[tuple[str, int], ...]
    derived: tuple[tuple[str, Callable[[dict[str, Any]], object]], ...]
    given: int | None
    linked: int | None


def _form(kind: type[msgspec.Struct]) -> _Form:
    fields, chained = kind.__struct_fields__, kind is JournalEntry
    return _Form(
        fields=fields,
        nested=tuple((name, fields.index(name)) for name in sorted(KINDS[kind].nested)),
        derived=tuple(_DERIVED.get(kind, {}).items()),
        given=fields.index(_GIVEN) if chained else None,
        linked=fields.index(_LINKED) if chained else None,
    )


_FORMS: Final = {kind: _form(kind) for kind in KINDS}


def column_names(kind: type[msgspec.Struct]) -> Sequence[str]:
    """What the columns of a row of `kind` are called, in their order."""
    form = _FORMS[kind]
    return (*form.fields, CHECKSUM, *(name for name, _ in form.derived))


def to_row(value: msgspec.Struct) -> tuple[Any, ...]:
    """The columns of `value` in the order of `column_names`: scalars as they are, nested values as
    JSON text."""
    form = _FORMS[type(value)]
    plain: dict[str, Any] = msgspec.to_builtins(value)
    columns = list(plain.values())
    for _, place in form.nested:
        if columns[place] is not None:
            columns[place] = _ENCODER.encode(columns[place]).decode()
    checksum = _checksum(form, columns)
    return (*columns, checksum, *[of(plain) for _, of in form.derived])


def columns_of(kind: type[msgspec.Struct]) -> Sequence[Column[Any]]:
    """The columns that `from_row` takes for a row of `kind`, in their order."""
    columns = TABLES[kind].c
    return [columns[name] for name in column_names(kind)]


def rows_of(kind: type[msgspec.Struct]) -> Select[Any]:
    """The question for rows of `kind`, in the form that `from_row` takes."""
    return select(*columns_of(kind))


def from_row(kind: type[_Value], row: Sequence[Any]) -> _Value:
    """The value in `row` of `rows_of(kind)`; raises `Corrupt` where it can't be one."""
    form = _FORMS[kind]
    many = len(form.fields)
    values, checksum = row[:many], row[many]
    fields: dict[str, Any] = dict(zip(form.fields, values))  # noqa: B905  # it has that many
    try:
        found = _checksum(form, values)  # also where there is none to compare: text may be none
        if checksum != found and checksum is not None:
            raise ValueError("it is not as it was written")
        for field, _ in form.nested:
            if fields[field] is not None:
                fields[field] = msgspec.json.decode(fields[field])
        for (column, of), there in zip(form.derived, row[many + 1 :], strict=True):
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


def _checksum(form: _Form, values: Sequence[Any]) -> int:
    """Over `values` in the order of the fields; -0.0 counts as 0.0, which SQLite makes of it.

    Raises `UnicodeEncodeError` where one of them is text that is none.
    """
    if form.given is not None and form.linked is not None:
        entry = list(values)
        entry[form.given] = None
        str(entry.pop(form.linked)).encode()  # not in it, but text
        values = entry
    text = _ENCODER.encode(values)
    if _NEGATIVE_ZERO in text:
        known = [value + 0.0 if value.__class__ is float else value for value in values]
        text = _ENCODER.encode(known)
    return zlib.crc32(text)
