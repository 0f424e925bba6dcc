"""Changes made ready to be written: checked, numbered, reduced to what a database gives back.

A row is settled by a trip through JSON with its types checked. Text with a lone surrogate does not
survive that (nor any UTF-8 database), so such a set is refused, alone and in words: no report can
carry one, since reports come as JSON. Any other text, NUL and control characters included, is kept
as it is.
"""

import math
from typing import Final, TypeVar, cast

import msgspec
from msgspec.structs import replace

from vmuster.model.changes import Changes, Guarded, Write
from vmuster.model.rows import Picked, key_fields, picked
from vmuster.stores.kinds import KINDS, findable, is_text, key_of
from vmuster.stores.refusals import Refusal, unstorable

INTEGER_MAX: Final = 2**63 - 1
"""The largest number of both databases; generations and sequences beyond it are refused."""

_Row = TypeVar("_Row", bound=msgspec.Struct)
_ENCODER: Final = msgspec.json.Encoder()
_DECODERS: Final = {kind: msgspec.json.Decoder(kind) for kind in KINDS}


def _of_type(kind: type[msgspec.Struct], *types: object) -> Picked:
    fields = msgspec.structs.fields(kind)
    return picked([field.name for field in fields if field.type in types])


_WHOLE: Final = {kind: _of_type(kind, int) for kind in KINDS}
_NULLABLE: Final = {kind: _of_type(kind, float | None) for kind in KINDS}
"""Fields in which a number that is not finite would become null."""


def settle(changes: Changes) -> Changes:
    """`changes` as they will be read back; raises `Refusal` where a value can't be kept."""
    return Changes(
        guards=changes.guards,
        unrecorded=changes.unrecorded,
        writes=tuple(map(_settled_write, changes.writes)),
        sightings=tuple(map(_settled, changes.sightings)),
        gone=tuple([key for key in changes.gone if is_text(key[0])]),
        entries=tuple(map(_settled, changes.entries)),
        stirs=changes.stirs,
        rests=changes.rests,
    )


def check_writes(changes: Changes) -> None:
    """Raise `ValueError`, a caller's mistake, for a write that says nothing or changes a key."""
    for write in changes.writes:
        before, after = write.before or row_of(write), write.after or row_of(write)
        same = type(before) is type(after)
        if not same or (
            key_fields(before) != key_fields(after) and key_of(before) != key_of(after)
        ):
            raise ValueError("the row before a write and the row after it are not the same row")


def row_of(write: Write) -> Guarded:
    """The row that `write` leaves or, for a deletion, drops."""
    row = write.after or write.before
    if row is None:
        raise ValueError("a write needs a row before it, a row after it, or both")
    return row


def _settled_write(write: Write) -> Write:
    if write.after is None:
        _settled(row_of(write))
        return write
    version = 1 if write.before is None else write.before.version + 1
    after: Guarded = _settled(write.after)
    return Write(before=write.before, after=replace(after, version=version))


def _settled(row: _Row) -> _Row:
    kind = type(row)
    try:
        settled = cast(_Row, _DECODERS[kind].decode(_ENCODER.encode(row)))
    except (UnicodeEncodeError, msgspec.MsgspecError, TypeError) as error:
        raise Refusal(unstorable(row, _strange_number(row) or _told(error))) from None
    whole = _WHOLE[kind](settled)
    within = not whole or (max(whole) <= INTEGER_MAX and min(whole) >= -INTEGER_MAX)
    if within and _NULLABLE[kind](settled) == _NULLABLE[kind](row):
        return settled
    raise Refusal(unstorable(row, _strange_number(row)))


def _strange_number(row: msgspec.Struct) -> str:
    """Which field holds a number that can't be kept, in words; "" for none."""
    for field in findable(type(row)):
        value = getattr(row, field)
        if isinstance(value, float) and not math.isfinite(value):
            return f"{field} is not a finite number"
        if isinstance(value, int) and not -INTEGER_MAX <= value <= INTEGER_MAX:
            return f"{field} is beyond 64 bits"
    return ""


def _told(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "it holds text that is not Unicode (a lone surrogate)"
    return str(error)
