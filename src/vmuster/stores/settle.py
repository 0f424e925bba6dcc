"""Changes made ready to be written: checked, numbered, reduced to what a database gives back.

A row is settled by a trip through JSON with its types checked. Text with a lone surrogate does not
survive that (nor any UTF-8 database), so such a set is refused, alone and in words: no report can
carry one, since reports come as JSON. Any other text, NUL and control characters included, is kept
as it is.
"""

import math
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from vmuster.model.changes import Changes, Guarded, Write
from vmuster.stores.kinds import findable, is_text, key_of
from vmuster.stores.refusals import Refusal, unstorable

INTEGER_MAX: Final = 2**63 - 1
"""The largest number of both databases; generations and sequences beyond it are refused."""

_Row = TypeVar("_Row", bound=msgspec.Struct)


def settle(changes: Changes) -> Changes:
    """`changes` as they will be read back; raises `Refusal` where a value can't be kept."""
    return Changes(
        guards=changes.guards,
        unrecorded=changes.unrecorded,
        writes=tuple(_settled_write(write) for write in changes.writes),
        sightings=tuple(_settled(sighting) for sighting in changes.sightings),
        gone=tuple(key for key in changes.gone if is_text(key[0])),
        entries=tuple(_settled(entry) for entry in changes.entries),
    )


def check_writes(changes: Changes) -> None:
    """Raise `ValueError`, a caller's mistake, for a write that says nothing or changes a key."""
    for write in changes.writes:
        rows = (write.before or row_of(write), write.after or row_of(write))
        if len({(type(row), key_of(row)) for row in rows}) > 1:
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
    for field in findable(type(row)):
        value = getattr(row, field)
        if isinstance(value, float) and not math.isfinite(value):
            raise Refusal(unstorable(row, f"{field} is not a finite number"))
        if isinstance(value, int) and not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise Refusal(unstorable(row, f"{field} is beyond 64 bits"))
    try:
        return msgspec.json.decode(msgspec.json.encode(row), type=type(row))
    except UnicodeEncodeError:
        why = "it holds text that is not Unicode (a lone surrogate)"
    except (msgspec.MsgspecError, TypeError) as error:
        why = str(error)
    raise Refusal(unstorable(row, why))
