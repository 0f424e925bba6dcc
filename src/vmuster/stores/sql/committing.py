"""Sets of changes in one transaction, each whole or not at all.

They are written in runs, as few statements for all sets of a run: at first boldly, without any
savepoint, for which a database makes every row pay. Where anything is refused, whoever owns the
transaction undoes all of it and has it written again with care: a run that is refused then is
undone and written as two halves, down to the set that is at fault. So the cost follows how many
sets are refused, and not how many there are.
"""

from collections.abc import Callable, Sequence

from vmuster.model.changes import Changes
from vmuster.stores.refusals import Refusal
from vmuster.stores.settle import settle
from vmuster.stores.sql.cutting import runs
from vmuster.stores.sql.guarding import unguarded
from vmuster.stores.sql.writing import Writer

_Write = Callable[[Writer, Sequence[Changes]], list[str]]


def commit_boldly(writer: Writer, changes: Sequence[Changes]) -> list[str]:
    """As `commit_with_care`; raises `Refusal` where the transaction must be undone for that."""
    return _commit(writer, changes, _written_boldly)


def commit_with_care(writer: Writer, changes: Sequence[Changes]) -> list[str]:
    """Write each set, as if in their order; for each the reason why not, or "". The transaction is
    its owner's to end."""
    return _commit(writer, changes, _written)


def _commit(writer: Writer, changes: Sequence[Changes], write: _Write) -> list[str]:
    refused = [""] * len(changes)
    settled, places = list[Changes](), list[int]()
    for place, each in enumerate(changes):
        try:
            settled.append(settle(each))
            places.append(place)
        except Refusal as refusal:
            refused[place] = refusal.reason
    answers = [reason for run in runs(settled) for reason in _commit_run(writer, run, write)]
    for place, reason in zip(places, answers, strict=True):
        refused[place] = reason
    return refused


def _commit_run(writer: Writer, run: Sequence[Changes], write: _Write) -> list[str]:
    """Write those sets of a run whose guards hold; which those are, no set of the run changes."""
    refused = unguarded(writer.connection, run)
    held = [each for each, why in zip(run, refused, strict=True) if not why]
    answers = iter(write(writer, held) if held else [])
    return [why or next(answers) for why in refused]


def _written_boldly(writer: Writer, run: Sequence[Changes]) -> list[str]:
    writer.write(run, together=True)
    return [""] * len(run)


def _written(writer: Writer, run: Sequence[Changes]) -> list[str]:
    try:
        _attempt(writer, run, together=True)
    except Refusal as refusal:
        if len(run) > 1:
            half = len(run) // 2
            return [*_written(writer, run[:half]), *_written(writer, run[half:])]
        return [refusal.reason if refusal.exact else _row_by_row(writer, run)]
    return [""] * len(run)


def _row_by_row(writer: Writer, run: Sequence[Changes]) -> str:
    """Write it so that a refusal names the very row."""
    try:
        _attempt(writer, run, together=False)
    except Refusal as refusal:
        return refusal.reason
    return ""


def _attempt(writer: Writer, run: Sequence[Changes], *, together: bool) -> None:
    """Write `run`, or raise `Refusal` and leave the transaction as it was.

    Any other error ends the whole transaction, and the savepoint is not touched: a database
    that ran out of room has ended both by itself, and would only complain about the savepoint.
    """
    savepoint = writer.connection.begin_nested()
    try:
        writer.write(run, together=together)
    except Refusal:
        savepoint.rollback()
        raise
    savepoint.commit()
